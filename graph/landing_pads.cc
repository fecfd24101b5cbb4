// Reading the landing pads out of unwind descriptions.
//
// A description of the generic model is the place of a personality routine (PREL31), a word whose
// top byte counts the words of unwinding instructions behind it, those, and then what is the
// routine's own (EHABI32 2023Q3, "Exception-handling table entries"). For the routines of C++ and C
// of GCC and Clang that is a language-specific data area as on any other machine: its header, and a
// table of call sites, each with the range of the calls, the landing pad, and what is to be done
// (LSB Core 5.0, "Language Specific Data Area" of "Exception Frames"; Itanium C++ ABI, "Exception
// Handling Tables"). Everything in there counts from the start of the function, unless the header
// gives another base; compilers for Arm never do, so such a one is not read.
#include "graph/landing_pads.h"

#include <elf.h>

#include <algorithm>

#include "elfio/dwarf.h"

namespace fwseal {
namespace {

// They call the routines of the language's support library and read nothing but such areas.
constexpr std::string_view kRoutines[] = {"__gxx_personality_v0", "__gcc_personality_v0"};

// DWARF pointer encodings (LSB Core 5.0, "DWARF Exception Header Encoding").
constexpr u8 kOmitted = 0xff;
constexpr u8 kUleb = 0x01;
constexpr u8 kWord = 0x03;

class Reader {
 public:
  Reader(const Program& program, const UnwindTables& tables)
      : program_(program), inputs_(program.inputs), tables_(tables) {}

  LandingPads run() {
    for (const UnwindTable& table : tables_.tables)
      for (const UnwindRow& row : tables_.rows_of(table))
        if (row.description != kNoSection) read(table, row);
    for (auto& [section, functions] : result_)
      std::ranges::stable_sort(functions, {}, &FunctionPads::begin);
    return std::move(result_);
  }

 private:
  void read(const UnwindTable& table, const UnwindRow& row) {
    if (!is_known(row)) return;
    FunctionPads function{static_cast<u32>(row.start), {}};
    try {
      read_area(inputs_[row.description].contents, row.place, inputs_[table.code].size, function);
    } catch (const BadInput&) {
      return;  // whoever walks over it at run time finds what is wrong
    }
    if (function.pads.empty()) return;
    result_[index(table.code)].push_back(std::move(function));
  }

  // Is this the description of a routine that is known by its name?
  bool is_known(const UnwindRow& row) {
    const InputSection& section = inputs_[row.description];
    if (section.size != section.contents.size()) return false;
    if (row.description != routines_of_) index_routines(row.description);
    return std::ranges::binary_search(routine_places_, row.place);
  }
  void index_routines(SectionId id) {
    routines_of_ = id;
    routine_places_.clear();
    const InputSection& section = inputs_[id];
    for (u64 i = 0; i < relocation_count(section); i++) {
      const Relocation entry = relocation(section, i);
      if (entry.type != R_ARM_PREL31) continue;
      const SymbolId symbol = program_.symbols.of(inputs_, section.object, entry.symbol);
      if (symbol == kNoSymbol) continue;
      if (std::ranges::find(kRoutines, program_.symbols[symbol].name) != std::end(kRoutines))
        routine_places_.push_back(entry.offset);
    }
    std::ranges::sort(routine_places_);
  }

  static u64 read_number(DwarfCursor& cursor, u8 encoding) {
    return encoding == kUleb ? cursor.uleb() : cursor.fixed(4);
  }

  static void read_area(Bytes contents, u64 place, u64 code_size, FunctionPads& function) {
    const u32 unwinding = contents.le<u32>(place + 4);
    DwarfCursor cursor(contents, place + 8 + 4 * u64{unwinding >> 24});
    if (cursor.byte() != kOmitted) return;  // the base is another one
    if (cursor.byte() != kOmitted) cursor.uleb();
    const u8 encoding = cursor.byte();
    if (encoding != kUleb && encoding != kWord) return;
    const u64 length = cursor.uleb();
    DwarfCursor site(contents.sub(cursor.at(), length), 0);
    while (!site.done()) {
      read_number(site, encoding);
      read_number(site, encoding);
      const u64 pad = read_number(site, encoding);
      site.uleb();
      // Zero is none: the exception goes on to the caller.
      if (pad == 0) continue;
      if (pad > code_size - function.begin) throw BadInput("a landing pad is out of range");
      function.pads.push_back(function.begin + static_cast<u32>(pad));
    }
    std::ranges::sort(function.pads);
    function.pads.erase(std::unique(function.pads.begin(), function.pads.end()),
                        function.pads.end());
  }

  const Program& program_;
  const Inputs& inputs_;
  const UnwindTables& tables_;
  LandingPads result_;
  SectionId routines_of_ = kNoSection;  // the section of descriptions that was indexed last
  std::vector<u64> routine_places_;
};

}  // namespace

bool may_have_landing_pads(const Program& program) {
  // The index of libgcc.a names one in any case.
  return std::ranges::any_of(kRoutines, [&](std::string_view name) {
    const SymbolId routine = program.symbols.find(name);
    return routine != kNoSymbol && program.symbols[routine].state != SymbolState::kUnseen;
  });
}

LandingPads read_landing_pads(const Program& program, const UnwindTables& tables) {
  return Reader(program, tables).run();
}

}  // namespace fwseal
