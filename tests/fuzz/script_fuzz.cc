// Any text is a linker script that is read, or one in which each fault is said with its line. It
// may INCLUDE itself.
#include <sstream>

#include "sections/script_parser.h"
#include "sections/script_symbols.h"
#include "tests/fuzz/fuzz_input.h"

namespace fwseal {
namespace {

void read_script(std::string_view text) {
  Arena arena;
  Script script;
  std::ostringstream messages;
  Diag diag(messages);
  const FindInclude find = [&](const std::string& name) -> std::optional<IncludedScript> {
    if (name.size() % 2 != 0) return std::nullopt;
    return IncludedScript{"included.ld", text.substr(0, text.size() / 2)};
  };
  parse_script("script.ld", text, find, arena, script, diag);
  fuzz_expect(diag.errors() == 0 || messages.str().find(".ld:") != std::string::npos,
              "a message without a line");
  (void)names_defined_by(script);
}

void read_expression(std::string_view text) {
  std::ostringstream messages;
  Diag diag(messages);
  const ExprPtr expr = parse_expression("--defsym", text, diag);
  fuzz_expect((expr == nullptr) == (diag.errors() != 0), "an expression and a message, or neither");
}

}  // namespace
}  // namespace fwseal

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fwseal::fuzz_bytes(data, size).text();
  fwseal::read_script(text);
  fwseal::read_expression(text);
  return 0;
}
