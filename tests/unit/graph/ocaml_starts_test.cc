// What counts as the calls of entry functions in caml_program. Whatever is not as the compiler
// makes it stays.
#include <functional>

#include "graph/code_runs.h"
#include "graph/ocaml_startup.h"
#include "tests/unit/graph/ocaml_module_world.h"

namespace fwseal {
namespace {

// With camlB, which does nothing; `change` is about caml_program.
struct StartWorld : ModuleWorld {
  explicit StartWorld(const std::function<void(FunctionText&)>& change = {}) : ModuleWorld(true) {
    if (change) change(functions.front());
    function("camlB__entry").finish();
    finish();
  }
};

class Starts {
 public:
  using Edit = std::function<void(OcamlFunction&)>;

  // "6 6-18" for each call: its place, and what goes with it. `edit` is about what was read of
  // caml_program.
  static std::string of(const StartWorld& world, const Edit& edit = {}) {
    const LinkedObject linked(world.elf);
    const Program& program = linked.program();
    const FunctionText& text = world.functions.front();
    OcamlFunction function =
        read_program(program, static_cast<u32>(2 * text.code.size() + 4 * text.loads.size()));
    if (edit) edit(function);
    const OcamlModules modules = find_ocaml_modules(program);
    const OcamlTables tables =
        find_ocaml_tables(program, Atoms(program.inputs.sections.size()), modules);
    const OcamlStarts found = find_ocaml_starts(program, modules, tables, function);
    const auto jumps = std::ranges::count_if(
        function.steps, [](const OcamlStep& step) { return !step.targets.empty(); });
    EXPECT_EQ(found.references.size(),
              found.starts.empty() ? 0 : text.loads.size() + static_cast<u64>(jumps));
    std::string result;
    for (const OcamlStart& one : found.starts) {
      result += cat(result.empty() ? "" : ", ", one.place);
      if (one.call.section != kNoSection) result += cat(" ", one.call.begin, "-", one.call.end);
    }
    return result;
  }
  static OcamlFunction read_program(const Program& program, u32 size) {
    const Symbol& symbol = program.symbols[program.symbols.find("caml_program")];
    const InputSection& section = program.inputs[symbol.section];
    CodeRuns runs = code_runs(program.inputs, program.inputs.object_of(symbol.section));
    std::vector<Relocation> relocations;
    for (u64 i = 0; i < relocation_count(section); i++)
      relocations.push_back(relocation(section, i));
    std::ranges::stable_sort(relocations, {}, &Relocation::offset);
    const OcamlCode code{
        symbol.section, section.contents, runs[section.elf_index], relocations, {}};
    return read_ocaml_function(program.isa, code, 0, size);
  }
};
std::string starts(const std::function<void(FunctionText&)>& change,
                   const Starts::Edit& edit = {}) {
  const StartWorld world(change);
  return Starts::of(world, edit);
}

constexpr const char* kBoth = "6 6-18, 18 18-30";

TEST(OcamlStarts, CallsOfEntryFunctions) { EXPECT_EQ(starts({}), kBoth); }

TEST(OcamlStarts, CallsThatAreNotAsInTheTable) {
  EXPECT_EQ(starts([](FunctionText& program) {
              std::swap(std::get<1>(program.calls[0]), std::get<1>(program.calls[1]));
            }),
            "");
  EXPECT_EQ(starts([](FunctionText& program) { program.calls[1] = program.calls[0]; }), "");
  EXPECT_EQ(starts([](FunctionText& program) { std::get<1>(program.calls[1]) = "c_function"; }),
            "");
  // NOPs instead of the second call; one more in place of what counts it
  EXPECT_EQ(starts([](FunctionText& program) {
              program.calls.pop_back();
              program.code[9] = program.code[10] = 0xbf00;
            }),
            "");
  EXPECT_EQ(starts([](FunctionText& program) {
              program.calls.emplace_back(26, "camlB__entry", R_ARM_THM_PC22);
              program.code[13] = 0xf7ff;
              program.code[14] = 0xfffe;
            }),
            "");
}

TEST(OcamlStarts, CodeThatDoesMore) {
  // The last instructions before the end are MOVS r0, #1; BX lr.
  const auto with = [](u16 instruction) {
    return starts([=](FunctionText& program) { *(program.code.end() - 2) = instruction; });
  };
  EXPECT_EQ(with(0x2003), kBoth);
  EXPECT_EQ(with(0xd0ff), "");            // BEQ, to the next
  EXPECT_EQ(with(0xe7ff), "6 6-18, 18");  // B, to the next: as over literals
  EXPECT_EQ(with(0xbf08), "");            // IT EQ
  EXPECT_EQ(starts([](FunctionText& program) {
              program.code.insert(program.code.end() - 2, 0xbf08);  // IT EQ; MOVEQ r0, #1; BX lr
            }),
            "");
  EXPECT_EQ(with(0x47a0), "");  // BLX r4
  EXPECT_EQ(with(0xdf00), "");  // SVC
}

// What instructions say of other places has to be said anew.
TEST(OcamlStarts, CodeThatCannotBeScanned) {
  // Read of other code, that is: MOVS r0, #1 is ADD r0, pc; or the function ends elsewhere.
  OcamlFunction good;
  EXPECT_EQ(starts({}, [&](OcamlFunction& function) { good = function; }), kBoth);
  const auto read_as_good = [&](OcamlFunction& function) { function = good; };
  EXPECT_EQ(starts([](FunctionText&) {}, read_as_good), kBoth);
  for (const u16 instruction :
       {u16{0x4478}, u16{0xa000}, u16{0xe010}})  // ADD r0, pc; ADR r0; B far behind it
    EXPECT_EQ(starts([=](FunctionText& program) { *(program.code.end() - 2) = instruction; },
                     read_as_good),
              "");
  EXPECT_EQ(starts({}, [](OcamlFunction& function) { function.end -= 12; }), "");
  EXPECT_EQ(starts({}, [](OcamlFunction& function) { function.begin += 2; }), "");
  const auto without_counts = [](FunctionText& program) {
    program = FunctionText(program.name);
    program.push_frame().call("camlA__entry").call("camlB__entry").pop_frame().finish();
  };
  EXPECT_EQ(starts(without_counts), "6, 10");
  EXPECT_EQ(starts(without_counts, [](OcamlFunction& function) { function.end -= 2; }), "");
  EXPECT_EQ(starts({}, [](OcamlFunction& function) { function.is_read = false; }), "");
}

TEST(OcamlStarts, CallsThatAreNotCounted) {
  const auto with = [](u64 place, u16 instruction) {
    return starts([=](FunctionText& program) { program.code[place] = instruction; });
  };
  const std::string second = "6, 18 18-30";
  EXPECT_EQ(with(7, 0x1c93), second);  // ADDS r3, r2, #2
  EXPECT_EQ(with(7, 0x1c5b), second);  // ADDS r3, r3, #1
  EXPECT_EQ(with(7, 0x1e53), second);  // SUBS r3, r2, #1
  EXPECT_EQ(with(7, 0x1c55), second);  // ADDS r5, r2, #1
  EXPECT_EQ(with(6, 0x684a), second);  // LDR r2, [r1, #4]
  EXPECT_EQ(with(6, 0x6812), second);  // LDR r2, [r2]
  EXPECT_EQ(with(8, 0x600a), second);  // STR r2, [r1]
  EXPECT_EQ(with(8, 0x604b), second);  // STR r3, [r1, #4]
  EXPECT_EQ(with(8, 0x6013), second);  // STR r3, [r2]
  EXPECT_EQ(starts([](FunctionText& program) { program.loads[0].second = "camlA"; }), second);
  // LDR r1, [r1]; ADDS r3, r1, #1; STR r3, [r1]
  EXPECT_EQ(starts([](FunctionText& program) {
              program.code[6] = 0x6809;
              program.code[7] = 0x1c4b;
            }),
            second);
  // LDR r0, [r1]; MOVS r3, #1
  EXPECT_EQ(starts([](FunctionText& program) {
              program.code[6] = 0x6808;
              program.code[7] = 0x2301;
            }),
            second);
  // ADDS r1, r2, #1; STR r1, [r1]
  EXPECT_EQ(starts([](FunctionText& program) {
              program.code[7] = 0x1c51;
              program.code[8] = 0x6009;
            }),
            second);
}

}  // namespace
}  // namespace fwseal
