// The words which a linker script reserves, by the lexical state of GNU ld in which they are words
// of the language and not names (binutils 2.40, and what later releases added).
//
// Not here are `o`, `org`, `l` and `len`, which are keywords inside MEMORY alone to us, so that a
// section or a symbol may have such a name.
#include "sections/script_keywords.h"

#include <algorithm>
#include <array>

namespace fwseal {
namespace {

enum States : u8 { kS = 1, kE = 2, kW = 4 };  // commands, expressions, output section contents

struct Keyword {
  std::string_view word;
  u8 states;
  bool unsupported = false;
};

// In the order of the alphabet, for the search.
constexpr std::array<Keyword, 89> kKeywords = {{
    {"ABSOLUTE", kS | kE},
    {"ADDR", kS | kE},
    {"AFTER", kS},
    {"ALIGN", kS | kE},
    {"ALIGNOF", kS | kE},
    {"ALIGN_WITH_INPUT", kS | kE},
    {"ASCIZ", kW},
    {"ASSERT", kS | kE | kW},
    {"AS_NEEDED", 0},
    {"AT", kS | kE | kW},
    {"BEFORE", kS},
    {"BIND", kS | kE, true},  // of the svr3 scripts
    {"BLOCK", kS | kE},
    {"BYTE", kW},
    {"CLASS", kS | kW, true},  // binutils 2.44
    {"CONSTANT", kS | kE},
    {"CONSTRUCTORS", kW},
    {"COPY", kE},
    {"CREATE_OBJECT_SYMBOLS", kW, true},
    {"DATA_SEGMENT_ALIGN", kS | kE},
    {"DATA_SEGMENT_END", kS | kE},
    {"DATA_SEGMENT_RELRO_END", kS | kE},
    {"DEFINED", kS | kE},
    {"DSECT", kE},
    {"ENTRY", kS},
    {"EXCLUDE_FILE", kW},
    {"EXTERN", kS},
    {"FILL", kW},
    {"FLOAT", kS, true},
    {"FORCE_COMMON_ALLOCATION", kS},
    {"FORCE_GROUP_ALLOCATION", kS},
    {"GROUP", kS},
    {"HIDDEN", kS | kE | kW},
    {"HLL", kS, true},
    {"INCLUDE", kS | kE | kW},
    {"INFO", kE},
    {"INHIBIT_COMMON_ALLOCATION", kS},
    {"INPUT", kS},
    {"INPUT_SECTION_FLAGS", kW},
    {"INSERT", kS},
    {"KEEP", kW},
    {"LD_FEATURE", kS},
    {"LENGTH", kS | kE},
    {"LINKER_VERSION", kW, true},  // binutils 2.42
    {"LOADADDR", kS | kE},
    {"LOG2CEIL", kS | kE},
    {"LONG", kW},
    {"MAP", kS, true},
    {"MAX", kS | kE},
    {"MEMORY", kS},
    {"MIN", kS | kE},
    {"NEXT", kS | kE},
    {"NOCROSSREFS", kS | kE},
    {"NOCROSSREFS_TO", kS | kE},
    {"NOFLOAT", kS, true},
    {"NOLOAD", kE},
    {"ONLY_IF_RO", kS | kE},
    {"ONLY_IF_RW", kS | kE},
    {"ORIGIN", kS | kE},
    {"OUTPUT", kS},
    {"OUTPUT_ARCH", kS},
    {"OUTPUT_FORMAT", kS},
    {"OVERLAY", kS | kE},
    {"PHDRS", kS},
    {"PROVIDE", kS | kE | kW},
    {"PROVIDE_HIDDEN", kS | kE | kW},
    {"QUAD", kW},
    {"READONLY", kE},
    {"REGION_ALIAS", kS},
    {"REVERSE", kW, true},  // binutils 2.42
    {"SEARCH_DIR", kS},
    {"SECTIONS", kS},
    {"SEGMENT_START", kS | kE},
    {"SHORT", kW},
    {"SIZEOF", kS | kE},
    {"SIZEOF_HEADERS", kS | kE},
    {"SORT", kW},
    {"SORT_BY_ALIGNMENT", kW},
    {"SORT_BY_INIT_PRIORITY", kW},
    {"SORT_BY_NAME", kW},
    {"SORT_NONE", kW},
    {"SPECIAL", kS | kE, true},
    {"SQUAD", kW},
    {"STARTUP", kS},
    {"SUBALIGN", kS | kE},
    {"SYSLIB", kS, true},
    {"TARGET", kS},
    {"TYPE", kE},
    {"VERSION", kS},
}};
static_assert(std::is_sorted(kKeywords.begin(), kKeywords.end(),
                             [](const Keyword& a, const Keyword& b) { return a.word < b.word; }));

const Keyword* find(std::string_view word) {
  const auto* const found =
      std::lower_bound(kKeywords.begin(), kKeywords.end(), word,
                       [](const Keyword& row, std::string_view w) { return row.word < w; });
  return found != kKeywords.end() && found->word == word ? found : nullptr;
}

}  // namespace

bool is_keyword(std::string_view word, LexMode mode) {
  const Keyword* const keyword = find(word);
  const u8 state = mode == LexMode::kExpression ? kE : mode == LexMode::kWild ? kW : kS;
  return keyword != nullptr && (keyword->states & state) != 0;
}

bool is_keyword(std::string_view word) { return find(word) != nullptr; }

bool is_unsupported_keyword(std::string_view word) {
  const Keyword* const keyword = find(word);
  return keyword != nullptr && keyword->unsupported;
}

}  // namespace fwseal
