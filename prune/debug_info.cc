#include "prune/debug_info.h"

#include "prune/debug_line.h"
#include "prune/debug_patch.h"
#include "prune/debug_tables.h"
#include "prune/debug_units.h"

namespace fwseal {
namespace {

class Follower {
 public:
  Follower(const Program& program, Plan& plan, Diag& diag)
      : program_(program), inputs_(program.inputs), plan_(plan), diag_(diag) {}

  void run() {
    ObjectId last = kNoObject;
    for (u32 s = 0; s < inputs_.read_sections && s < plan_.edits.size(); s++) {
      const InputSection& section = inputs_[SectionId{s}];
      if (plan_.edits[s].empty() || !section.has(SHF_EXECINSTR) || section.object == last) continue;
      last = section.object;
      follow_object(last);
    }
  }

 private:
  void follow_object(ObjectId object) {
    std::vector<SectionId> units;
    const u32 first = index(inputs_.objects[index(object)].first_section);
    for (u32 s = first; s < inputs_.sections.size(); s++) {
      const InputSection& section = inputs_[SectionId{s}];
      if (section.object != object) break;
      if (!plan_.kept[s] || section.has(SHF_ALLOC)) continue;
      if (section.name == ".debug_line")
        follow(SectionId{s}, follow_in_line_programs);
      else if (section.name == ".debug_aranges")
        follow(SectionId{s}, follow_in_aranges);
      else if (section.name == ".debug_frame")
        follow(SectionId{s}, follow_in_frames);
      else if (section.name == ".debug_info" || section.name == ".debug_types")
        units.push_back(SectionId{s});
    }
    follow_units(object, units);
  }

  void follow(SectionId section, void (*how)(DebugPatch&, SectionId, u64&)) {
    DebugPatch patch(program_, plan_, inputs_[section].object);
    u64 at = 0;
    try {
      how(patch, section, at);
      patch.commit(plan_);
    } catch (const BadInput& bad) {
      warn(section, at, bad);
    }
  }

  // All together, for they may share lists and tables of addresses.
  void follow_units(ObjectId object, const std::vector<SectionId>& sections) {
    DebugPatch patch(program_, plan_, object);
    bool is_complete = true;
    for (const SectionId section : sections) {
      u64 at = 0;
      try {
        if (!follow_in_units(patch, section, at)) is_complete = false;
      } catch (const BadInput& bad) {
        return warn(section, at, bad);
      }
    }
    try {
      patch.commit(plan_);
    } catch (const BadInput& bad) {
      return warn(sections.front(), 0, bad);
    }
    if (!is_complete)
      diag_.warning(inputs_.location(sections.front(), 0),
                    "code of this object was taken out, and what a .dwo file says about it does "
                    "not follow; compile without -gsplit-dwarf");
  }

  void warn(SectionId section, u64 offset, const BadInput& bad) {
    diag_.warning(inputs_.location(section, offset),
                  cat("code of this object was taken out, and what this section says about it "
                      "stays as it is: ",
                      bad.what()));
  }

  const Program& program_;
  const Inputs& inputs_;
  Plan& plan_;
  Diag& diag_;
};

}  // namespace

void follow_in_debug_info(const Program& program, Plan& plan, Diag& diag) {
  Follower(program, plan, diag).run();
}

}  // namespace fwseal
