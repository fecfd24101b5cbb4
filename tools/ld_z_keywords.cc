// The keywords of -z. GNU ld warns of one that it does not know and goes on, so we do.
#include <algorithm>
#include <bit>
#include <string_view>

#include "tools/ld_actions.h"
#include "tools/number_text.h"

namespace fwseal {
namespace {

// They are about the dynamic linker, the operating system's pages, or the stack's protection.
constexpr std::string_view kWithoutEffect[] = {
    "combreloc",       "common",        "execstack",
    "global",          "globalaudit",   "initfirst",
    "interpose",       "lazy",          "loadfltr",
    "nocombreloc",     "nocommon",      "nocopyreloc",
    "nodefaultlib",    "nodelete",      "nodlopen",
    "nodump",          "noexecstack",   "norelro",
    "noseparate-code", "notext",        "nounique",
    "nounique-symbol", "now",           "origin",
    "relro",           "separate-code", "text",
    "textoff",         "unique",
};

void set_page_size(LdState& state, u64& page_size, std::string_view text) {
  const std::optional<u64> value = parse_integer(text);
  if (!value || !std::has_single_bit(*value))
    return state.error(cat("page size '", text, "' is no power of two"));
  page_size = *value;
}

void check_visibility(LdState& state, std::string_view name) {
  // The symbols __start_X and __stop_X are seen by nobody else: every visibility is the same.
  if (name != "default" && name != "internal" && name != "hidden" && name != "protected")
    state.error(cat("visibility '", name, "' is none of default, internal, hidden, protected"));
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

void set_z_keyword(LdState& state, std::string_view word) {
  Options& options = state.options;
  if (word == "defs")
    state.report_unresolved = true;
  else if (word == "undefs")
    state.report_unresolved = false;
  else if (word == "muldefs")
    options.allow_multiple_definition = true;
  else if (word == "start-stop-gc")
    options.start_stop_gc = true;
  else if (word == "nostart-stop-gc")
    options.start_stop_gc = false;
  else if (take_prefix(word, "max-page-size="))
    set_page_size(state, options.max_page_size, word);
  else if (take_prefix(word, "common-page-size="))
    set_page_size(state, options.common_page_size, word);
  else if (take_prefix(word, "stack-size="))
    check_number(state, word);
  else if (take_prefix(word, "start-stop-visibility="))
    check_visibility(state, word);
  else if (word == "unique-symbol")
    state.error("local symbols are not renamed; leave unique-symbol out");
  else if (std::ranges::find(kWithoutEffect, word) == std::end(kWithoutEffect))
    state.diag.warning({}, cat("-z ", word, " ignored"));
}

}  // namespace fwseal
