// A whole link of any bytes ends in an image or in messages.
//
// The input: a word of options, the sizes of an object and of an archive (u32, little-endian; what
// is too large means all that is left), then both, and the rest is a linker script. The three are
// files by the names object.o, archive.a and script.ld, so they can name each other.
#include <cstring>
#include <sstream>

#include "elfio/diag.h"
#include "tests/fuzz/fuzz_input.h"
#include "tools/exit_status.h"
#include "tools/seal.h"

namespace fwseal {
namespace {

// The bits of the first word. make_corpus.sh uses them as well.
enum Choice : u32 {
  kScript = 1,
  kCollect = 2,
  kStripDebug = 4,
  kStripAll = 8,
  kMap = 16,
  kBinary = 32,
  kIhex = 64,
  kWholeArchive = 128,
  kRelocatable = 256,
  kArchiveFirst = 512,
  kIgnoreUndefined = 1024,
  kBuildId = 2048,
  kNmagic = 4096,
  kAllowMultiple = 8192,
  kProven = 16384,
  kEmitRelocations = 32768,
};

struct LinkInput {
  u32 choices = 0;
  Bytes object;
  Bytes archive;
  Bytes script;
};

LinkInput split(Bytes bytes) {
  constexpr u64 kHeader = 12;
  LinkInput input;
  if (bytes.size() < kHeader) return input;
  input.choices = bytes.le<u32>(0);
  u64 at = kHeader;
  const auto take = [&](u64 wanted) {
    const u64 size = std::min(wanted, bytes.size() - at);
    at += size;
    return bytes.sub(at - size, size);
  };
  input.object = take(bytes.le<u32>(4));
  input.archive = take(bytes.le<u32>(8));
  input.script = take(bytes.size());
  return input;
}

InputFile file_named(std::string name, bool whole) {
  InputFile file;
  file.name = std::move(name);
  file.whole_archive = whole;
  return file;
}

Options options_of(const LinkInput& input) {
  const auto chosen = [&](Choice choice) { return (input.choices & choice) != 0; };
  Options options;
  options.output = "/dev/null";
  if (!input.object.empty()) options.inputs.push_back(file_named("object.o", false));
  if (!input.archive.empty())
    options.inputs.insert(chosen(kArchiveFirst) ? options.inputs.begin() : options.inputs.end(),
                          file_named("archive.a", chosen(kWholeArchive)));
  if (chosen(kScript)) options.scripts.push_back({ScriptSource::Kind::kFile, "script.ld", 0});
  if (chosen(kCollect)) options.prune = Prune::kSections;
  if (chosen(kProven)) options.prune = Prune::kProven;
  if (chosen(kStripDebug)) options.strip = Strip::kDebug;
  if (chosen(kStripAll)) options.strip = Strip::kAll;
  if (chosen(kMap)) options.map_path = "/dev/null";
  if (chosen(kBinary)) options.format = OutputFormat::kBinary;
  if (chosen(kIhex)) options.format = OutputFormat::kIhex;
  if (chosen(kIgnoreUndefined)) options.unresolved = Unresolved::kIgnore;
  if (chosen(kBuildId)) options.build_id.style = BuildId::Style::kSha1;
  if (chosen(kNmagic)) options.paging = Paging::kNmagic;
  options.cref = chosen(kMap);
  options.relocatable = chosen(kRelocatable);
  options.emit_relocations = chosen(kEmitRelocations);
  options.allow_multiple_definition = chosen(kAllowMultiple);
  return options;
}

void link(const LinkInput& input) {
  std::ostringstream messages;
  Diag diag(messages);
  try {
    Inputs inputs;
    inputs.files.provide("object.o", input.object);
    inputs.files.provide("archive.a", input.archive);
    inputs.files.provide("script.ld", input.script);
    seal(options_of(input), inputs, diag);
    fuzz_expect(diag.errors() == 0, "an image in spite of errors");
  } catch (const Stopped&) {
    fuzz_expect(diag.errors() != 0, "no image, and no message");
  } catch (const StopWith&) {
  } catch (const BadInput& bad) {
    // It would be reported, but without saying what it is about.
    fuzz_finding(cat("a fault without a place: ", bad.what()));
  }
}

}  // namespace
}  // namespace fwseal

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fwseal::link(fwseal::split(fwseal::fuzz_bytes(data, size)));
  return 0;
}
