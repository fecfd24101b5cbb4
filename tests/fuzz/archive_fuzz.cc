// Any bytes are an archive that is read or refused; so is each member that its index or a walk over
// it leads to.
#include "elfio/archive.h"
#include "elfio/object.h"
#include "tests/fuzz/fuzz_input.h"

namespace fwseal {
namespace {

void read_member(const ArchiveMember& member, Bytes archive) {
  fuzz_expect(member.contents.size() <= archive.size(), "member is longer than its archive");
  if (!is_object(member.contents)) return;
  try {
    const Object object = read_symbols(member.contents, {});
    for (u32 i = object.first_global; i < object.symbol_count; i++) (void)object.symbol(i);
  } catch (const BadInput&) {
  }
}

void read(Bytes bytes) {
  (void)is_archive(bytes);
  try {
    const Archive archive(bytes);
    u64 read = 0;
    for (const ArchiveSymbol& symbol : archive.symbols()) {
      try {
        const ArchiveMember member = archive.member_at(symbol.header_offset);
        // As the linker does: members that share bytes are not read.
        read += member.contents.size();
        if (read <= bytes.size()) read_member(member, bytes);
      } catch (const BadInput&) {
      }
    }
    (void)archive.first();
    for (const ArchiveMember& member : archive.members()) read_member(member, bytes);
  } catch (const BadInput& bad) {
    fuzz_expect(bad.what()[0] != '\0', "refused without a reason");
  }
}

}  // namespace
}  // namespace fwseal

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fwseal::read(fwseal::fuzz_bytes(data, size));
  return 0;
}
