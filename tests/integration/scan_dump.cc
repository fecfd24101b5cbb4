// scan_dump [--stops] ARCHIVE-OR-OBJECT...
// scan_dump --redirect ARCHIVE-OR-OBJECT...
//
// What Isa::scan_code reads in each section of code, as lines that a disassembler's listing can be
// compared with:
//   MEMBER SECTION refused               there is something that cannot be told with certainty
//   MEMBER SECTION scanned
//   MEMBER SECTION PLACE TARGET [fixed]  an instruction says this; fixed: it cannot be encoded anew
//   MEMBER SECTION stop OFFSET           with --stops, and then no references
// Of several members or sections with one name the second is NAME#2. Numbers are hexadecimal.
//
// With --redirect: Isa::redirect is tried with every reference, see redirect_check.h.
#include <algorithm>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "elfio/archive.h"
#include "elfio/arm_attributes.h"
#include "elfio/file.h"
#include "graph/code_runs.h"
#include "tests/integration/redirect_check.h"

namespace fwseal {
namespace {

enum class What : u8 { kReferences, kStops, kRedirect };

std::unique_ptr<Isa> isa_for(const Inputs& inputs) {
  Diag diag(std::cerr);
  ArmAttributesMerger merger;
  for (const InputSection& section : inputs.sections)
    if (section.type == SHT_ARM_ATTRIBUTES)
      merger.add(read_arm_attributes(section.contents), {}, diag);
  return make_isa_arm(merger.features(), {});
}

// The places where a relocation says what an instruction means.
std::vector<u32> relocated_places(const Isa& isa, const InputSection& section) {
  std::vector<u32> places;
  for (u64 i = 0; i < relocation_count(section); i++) {
    const Relocation entry = relocation(section, i);
    const RelocationType* const type = isa.find(entry.type);
    if (type == nullptr || (type->use != Use::kMarker && type->use != Use::kNone))
      places.push_back(static_cast<u32>(entry.offset));
  }
  std::ranges::sort(places);
  return places;
}

std::string numbered(std::string_view name, std::map<std::string_view, u32>& seen) {
  const u32 count = ++seen[name];
  return count == 1 ? std::string(name) : cat(name, "#", count);
}

class Dump {
 public:
  explicit Dump(What what) : what_(what) {}

  void file(Bytes bytes, std::string_view path) {
    members_.clear();
    if (!is_archive(bytes)) return object(bytes, path.substr(path.rfind('/') + 1));
    for (const ArchiveMember& member : Archive(bytes).members())
      if (is_object(member.contents)) object(member.contents, member.name);
  }
  u64 mismatches() const { return mismatches_; }

 private:
  void object(Bytes bytes, std::string_view name) {
    Inputs inputs;
    inputs.objects.push_back(read_object(bytes, {}, ObjectId{0}, inputs.sections, inputs.arena));
    const std::unique_ptr<Isa> isa = isa_for(inputs);
    CodeRuns runs = code_runs(inputs, inputs.objects[0]);
    const std::string member = numbered(name, members_);
    std::map<std::string_view, u32> sections;
    for (const InputSection& section : inputs.sections)
      if (section.type == SHT_PROGBITS && section.has(SHF_EXECINSTR) && section.size > 0)
        show(*isa, section, runs[section.elf_index],
             cat(member, " ", numbered(section.name, sections)));
  }

  void show(const Isa& isa, const InputSection& section, const std::vector<CodeRun>& runs,
            const std::string& name) {
    const ScannedSection scanned{section.contents, runs, relocated_places(isa, section)};
    CodeScan scan;
    for (u64 i = 0; i < runs.size(); i++)
      if (!isa.scan_code(section.contents, runs, i, scanned.relocated, scan)) {
        std::cout << name << " refused\n";
        return;
      }
    if (what_ == What::kRedirect) {
      mismatches_ += redirect_.check(isa, scanned, name, std::cout);
      return;
    }
    std::cout << name << " scanned\n";
    if (what_ == What::kStops) {
      for (const u32 stop : scan.stops) std::cout << name << " stop " << digits(stop) << '\n';
      return;
    }
    std::ranges::stable_sort(scan.references, {}, &CodeReference::place);
    for (const CodeReference& reference : scan.references)
      std::cout << name << ' ' << digits(reference.place) << ' ' << digits(reference.target)
                << (reference.form == CodeReference::kFixed ? " fixed\n" : "\n");
  }

  static std::string digits(u32 number) { return hex(number).substr(2); }

  What what_;
  RedirectCheck redirect_;
  std::map<std::string_view, u32> members_;  // how many of this name came
  u64 mismatches_ = 0;
};

int run(std::vector<std::string> arguments) {
  What what = What::kReferences;
  if (!arguments.empty() && arguments[0].starts_with("--")) {
    what = arguments[0] == "--stops" ? What::kStops : What::kRedirect;
    arguments.erase(arguments.begin());
  }
  Files files;
  Dump dump(what);
  for (const std::string& path : arguments) dump.file(files.map(path), path);
  return dump.mismatches() == 0 ? 0 : 1;
}

}  // namespace
}  // namespace fwseal

int main(int count, char** arguments) {
  std::ios::sync_with_stdio(false);
  try {
    return fwseal::run({arguments + 1, arguments + count});
  } catch (const fwseal::BadInput& bad) {
    std::cerr << "scan_dump: " << bad.what() << '\n';
    return 2;
  }
}
