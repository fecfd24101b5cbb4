// Any bytes are an executable that is read or refused. Of one that is read, the copy without
// relocations has none, and loads the same bytes to the same places.
#include "elfio/executable.h"
#include "tests/fuzz/fuzz_input.h"

namespace fwseal {
namespace {

void check_copy(const Executable& before, const Executable& after) {
  u64 next = 0;
  for (const ExecutableSection& section : before.sections) {
    if (section.is_kept_relocations()) continue;
    fuzz_expect(next < after.sections.size(), "a section is gone");
    const ExecutableSection& copy = after.sections[next++];
    fuzz_expect(copy.name == section.name && copy.lma == section.lma, "a section moved");
    if (section.allocated())
      fuzz_expect(copy.contents.text() == section.contents.text(), "contents changed");
  }
  fuzz_expect(next == after.sections.size(), "a section is new");
  fuzz_expect(after.undefined.size() == before.undefined.size(), "symbols changed");
  fuzz_expect(without_relocations(after) == after.file.text(), "relocations stay");
}

void read(Bytes bytes) {
  std::string copy;
  Executable executable;
  try {
    if (!is_executable(bytes)) return;
    executable = read_executable(bytes, {});
    copy = without_relocations(executable);
  } catch (const BadInput& bad) {
    fuzz_expect(bad.what()[0] != '\0', "refused without a reason");
    return;
  }
  check_copy(executable,
             read_executable(
                 fuzz_bytes(reinterpret_cast<const std::uint8_t*>(copy.data()), copy.size()), {}));
}

}  // namespace
}  // namespace fwseal

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fwseal::read(fwseal::fuzz_bytes(data, size));
  return 0;
}
