// The format is that of OCaml 4.11 to 4.14 (asmcomp/emitaux.ml, emit_frames; runtime/caml/stack.h),
// tried with 4.11.2, 4.12.1, 4.13.1 and 4.14.2 for 32-bit Arm:
//
//     word num_descr, then so many times:
//       word retaddr            R_ARM_ABS32 to the code behind the call
//       u16 frame_size          bit 0: debuginfo follows, bit 1: allocation lengths do
//       u16 num_live, u16 live_ofs[num_live]
//       if bit 1: u8 num_allocs, u8 alloc_len[num_allocs]
//       if bit 0: align 4, s32 debuginfo[bit 1 ? num_allocs : 1], relative to itself; 0: none
//       align 4
//     locations, names of files, names of definitions: see ocaml_debug.h
//
// The collector trusts every byte of it, and so must we before we write it anew. So a table is read
// whole, each relocation of it has its meaning, and what is odd in one table is a reason to leave
// all of them alone: they are one structure, the hash table that is made of them.
//
// Which OCaml is it? caml_frametable is there in all. 5.0 keeps its hash table in a structure of
// its own and has no caml_frame_descriptors. Until 4.10 there were no allocation lengths: of these
// caml_garbage_collection is the only reader, so from 4.11 on it refers to caml_frame_descriptors.
#include "graph/ocaml_frames.h"

#include <elf.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "graph/ocaml_debug.h"

namespace fwseal {
namespace {

constexpr u64 kWord = 4;
constexpr std::string_view kSuffix = "__frametable";
// Locations and names are reached over offsets of 26 bits.
constexpr u64 kMostBytes = u64{1} << 26;

struct Refused {
  FrameRefusal refusal;
};

// A relocation that stores an address, and what it means.
struct Word {
  u64 offset = 0;
  SectionId section = kNoSection;  // kNoSection: not an address in a section
  u64 place = 0;
  u64 size = 0;  // of the symbol, if it has one of its own
  bool is_thumb = false;
  std::string_view name;
};

bool collector_reads(const Program& program, const Symbol& hash) {
  const Symbol* const reader = defined_symbol(program, "caml_garbage_collection");
  if (reader == nullptr) return false;
  const InputSection& section = program.inputs[reader->section];
  const u64 begin = reader->value & ~u64{1};
  for (u64 i = 0; i < relocation_count(section); i++) {
    const Relocation entry = relocation(section, i);
    if (entry.offset < begin || entry.offset - begin >= reader->size) continue;
    const Referent to = referent(program, section.object, entry.symbol);
    if (to.symbol != kNoSymbol && &program.symbols[to.symbol] == &hash) return true;
    // By one place of a section compilers reach several variables.
    if (to.symbol == kNoSymbol && to.section == hash.section) return true;
  }
  return false;
}

class Reader {
 public:
  explicit Reader(const Program& program) : program_(program), inputs_(program.inputs) {}

  OcamlFrametables run() {
    const SymbolId id = program_.symbols.find("caml_frametable");
    if (id == kNoSymbol) return {};
    const Symbol& symbol = program_.symbols[id];
    if (symbol.state != SymbolState::kDefined) return {};
    result_.present = true;
    try {
      check_version();
      read_list(symbol);
      bound_tables();
      for (OcamlFrametable& table : result_.tables) read_table(table);
      check_addresses();
    } catch (const Refused& refused) {
      result_.refusal = refused.refusal;
      result_.tables.clear();
    }
    return std::move(result_);
  }

 private:
  [[noreturn]] void refuse(SectionId section, u64 offset, std::string why) const {
    throw Refused{{section, offset, std::move(why)}};
  }
  [[noreturn]] void refuse(const OcamlFrametable& table, u64 offset, std::string_view why) const {
    refuse(table.section, offset, cat("the frame table of ", table.unit, " ", why));
  }

  // ---- Which OCaml

  void check_version() const {
    if (const std::string why = other_ocaml(program_); !why.empty()) refuse(kNoSection, 0, why);
    if (defined_symbol(program_, "caml_frame_descriptors") == nullptr ||
        defined_symbol(program_, "caml_frame_descriptors_mask") == nullptr)
      refuse(kNoSection, 0,
             "the runtime has no caml_frame_descriptors, so it is none of OCaml 4.11 to 4.14");
  }

  // ---- Words with relocations

  // Of a section, in order of place.
  const std::vector<Word>& words_of(SectionId id) {
    const auto [found, is_new] = words_.try_emplace(index(id));
    if (!is_new) return found->second;
    const InputSection& section = inputs_[id];
    for (u64 i = 0; i < relocation_count(section); i++)
      found->second.push_back(word_of(section, relocation(section, i)));
    std::ranges::stable_sort(found->second, {}, &Word::offset);
    return found->second;
  }

  Word word_of(const InputSection& section, const Relocation& entry) const {
    Word word;
    word.offset = entry.offset;
    const bool is_address = entry.type == R_ARM_ABS32;
    if (!is_address || !section.contents.holds(entry.offset, kWord)) return word;
    const i64 addend = section.has_addends
                           ? entry.addend
                           : program_.isa.read_addend(entry.type, section.contents, entry.offset);
    const Referent to = referent(program_, section.object, entry.symbol);
    if (to.section == kNoSection || inputs_[to.section].excluded) return word;
    // R_ARM_ABS32 is (S + A) | T, where S is without the bit that says which instruction set a
    // function is in, and T is that bit.
    const u64 thumb = to.type == STT_FUNC ? to.value & 1 : 0;
    u64 place = to.value - thumb + static_cast<u64>(addend);
    if (inputs_[to.section].has(SHF_EXECINSTR)) {
      word.is_thumb = ((place | thumb) & 1) != 0;
      place &= ~u64{1};
    }
    if (place > inputs_[to.section].size) return word;
    word.section = to.section;
    word.place = place;
    if (to.symbol != kNoSymbol && addend == 0) {
      word.size = program_.symbols[to.symbol].size;
      word.name = program_.symbols[to.symbol].name;
    }
    return word;
  }

  // From the one at or behind a place on.
  u64 first_word(const std::vector<Word>& words, u64 offset) const {
    return static_cast<u64>(std::ranges::lower_bound(words, offset, {}, &Word::offset) -
                            words.begin());
  }

  const InputSection& readable(SectionId id, u64 offset, std::string_view what) const {
    const InputSection& section = inputs_[id];
    const bool plain = section.type == SHT_PROGBITS && section.has(SHF_ALLOC) &&
                       !section.excluded && !section.has(SHF_MERGE | SHF_TLS | SHF_EXECINSTR) &&
                       section.contents.size() == section.size && section.alignment >= kWord;
    if (!plain || offset % kWord != 0 || offset >= section.size)
      refuse(id, offset, cat(what, " is not where initialised data of words can be"));
    return section;
  }

  // ---- The list

  void read_list(const Symbol& symbol) {
    const InputSection& section = readable(symbol.section, symbol.value, "caml_frametable");
    result_.list = symbol.section;
    result_.list_begin = symbol.value;
    const std::vector<Word>& words = words_of(symbol.section);
    u64 at = symbol.value;
    for (u64 i = first_word(words, at);; i++, at += kWord) {
      if (!section.contents.holds(at, kWord))
        refuse(symbol.section, at, "caml_frametable does not end");
      if (i == words.size() || words[i].offset >= at + kWord) break;
      add_table(symbol.section, at, words[i]);
    }
    if (section.contents.le<u32>(at) != 0)
      refuse(symbol.section, at, "caml_frametable has a word that is no table");
    result_.list_end = at + kWord;
    if (result_.tables.empty()) refuse(symbol.section, at, "caml_frametable is empty");
  }

  void add_table(SectionId list, u64 at, const Word& word) {
    if (word.offset != at || word.section == kNoSection)
      refuse(list, at, "caml_frametable has a word that is no table");
    OcamlFrametable table;
    table.section = word.section;
    table.begin = word.place;
    table.end = word.place + word.size;  // or not known yet
    const bool is_named = word.name.ends_with(kSuffix);
    table.unit = is_named ? word.name.substr(0, word.name.size() - kSuffix.size())
                          : inputs_.object_of(word.section).file;
    readable(table.section, table.begin, cat("the frame table of ", table.unit));
    result_.tables.push_back(std::move(table));
  }

  // Where each table ends at the latest. Those that overlap would be read again and again.
  void bound_tables() {
    std::vector<OcamlFrametable*> order;
    for (OcamlFrametable& table : result_.tables) order.push_back(&table);
    std::ranges::sort(order, {}, [](const OcamlFrametable* table) {
      return std::pair(index(table->section), table->begin);
    });
    u64 bytes = 0;
    for (u64 i = 0; i < order.size(); i++) {
      OcamlFrametable& table = *order[i];
      u64 limit = inputs_[table.section].size;
      const bool has_next = i + 1 < order.size() && order[i + 1]->section == table.section;
      if (has_next) limit = order[i + 1]->begin;
      if (table.end > limit || table.begin == limit)
        refuse(table, table.begin,
               has_next ? "reaches into another one" : "reaches behind its section");
      is_sized_.insert({&table, table.end != table.begin});
      if (table.end == table.begin) table.end = limit;
      bytes += table.end - table.begin;
    }
    if (bytes >= kMostBytes)
      refuse(result_.list, result_.list_begin, "the frame tables are larger than 64 MB");
  }

  // ---- A table

  void read_table(OcamlFrametable& table) {
    const Bytes bytes = inputs_[table.section].contents.sub(table.begin, table.end - table.begin);
    const std::vector<Word>& words = words_of(table.section);
    u64 next_word = first_word(words, table.begin);
    try {
      const u64 count = bytes.le<u32>(0);
      constexpr u64 kSmallest = 8;
      if (next_word < words.size() && words[next_word].offset < table.begin + kWord)
        refuse(table, table.begin, "has an address where its length should be");
      if (count > (bytes.size() - kWord) / kSmallest)
        refuse(table, table.begin, cat("has no room for ", count, " descriptors"));
      table.descriptors.reserve(count);
      DebugReader debug(bytes);
      u64 at = kWord;
      for (u64 i = 0; i < count; i++) {
        if (next_word == words.size() || words[next_word].offset != table.begin + at)
          refuse(table, table.begin + at, "has a descriptor without a return address");
        at = read_descriptor(table, words[next_word++], bytes, at, debug);
      }
      debug.read(at, table);
      check_end(table, debug.end());
    } catch (const BadInput& fault) {
      refuse(table, table.begin, cat("cannot be read: ", fault.what()));
    }
    if (next_word < words.size() && words[next_word].offset < table.end)
      refuse(table, words[next_word].offset, "has an address that is no return address");
  }

  // Where the next one begins.
  u64 read_descriptor(OcamlFrametable& table, const Word& word, Bytes bytes, u64 at,
                      DebugReader& debug) const {
    FrameDescriptor found;
    found.code = word.section;
    found.place = word.place;
    found.is_thumb = word.is_thumb;
    if (word.section == kNoSection || !inputs_[word.section].has(SHF_EXECINSTR) ||
        !inputs_[word.section].has(SHF_ALLOC) || word.place < 2)
      refuse(table, table.begin + at, "has a return address that is no code of the program");
    found.frame_size = bytes.le<u16>(at + 4);
    const u64 live = bytes.le<u16>(at + 6);
    found.live = bytes.sub(at + 8, 2 * live);
    u64 end = at + 8 + 2 * live;
    const bool is_callback = found.frame_size == kCallbackFrame;
    found.has_allocations = !is_callback && (found.frame_size & kFrameAllocates) != 0;
    if (found.has_allocations) {
      const u64 count = bytes.le<u8>(end);
      found.allocations = bytes.sub(end + 1, count);
      end += 1 + count;
    }
    found.first_debug = static_cast<u32>(table.debug.size());
    if (!is_callback && (found.frame_size & kFrameHasDebug) != 0) {
      end = align_up(end, 4);
      found.debug_count = found.has_allocations ? static_cast<u32>(found.allocations.size()) : 1;
      for (u32 i = 0; i < found.debug_count; i++, end += 4)
        table.debug.push_back(debug.note(end, found.has_allocations));
    }
    table.descriptors.push_back(std::move(found));
    return align_up(end, kWord);
  }

  void check_end(OcamlFrametable& table, u64 end) const {
    const u64 size = table.end - table.begin;
    end = align_up(end, kWord);
    if (end > size) refuse(table, table.begin, "ends within a descriptor");
    if (is_sized_.at(&table) && end != size)
      refuse(table, table.begin + end, cat("has ", size - end, " bytes that nothing refers to"));
    table.end = table.begin + end;
  }

  // A look-up finds one descriptor, and two would not say which.
  void check_addresses() const {
    struct Address {
      SectionId code;
      u64 place;
      const OcamlFrametable* table;
    };
    std::vector<Address> all;
    for (const OcamlFrametable& table : result_.tables)
      for (const FrameDescriptor& descriptor : table.descriptors)
        all.push_back({descriptor.code, descriptor.place, &table});
    const auto key = [](const Address& one) { return std::pair(index(one.code), one.place); };
    std::ranges::stable_sort(all, {}, key);
    const auto same = std::ranges::adjacent_find(all, {}, key);
    if (same != all.end())
      refuse(*same->table, same->table->begin, "describes a return address that has two of them");
  }

  const Program& program_;
  const Inputs& inputs_;
  OcamlFrametables result_;
  std::unordered_map<u32, std::vector<Word>> words_;  // by section
  std::map<const OcamlFrametable*, bool> is_sized_;   // does its symbol say where it ends?
};

}  // namespace

std::string other_ocaml(const Program& program) {
  const auto has = [&](std::string_view name) { return defined_symbol(program, name) != nullptr; };
  const Symbol* const hash = defined_symbol(program, "caml_frame_descriptors");
  if (hash == nullptr)
    return has("caml_find_frame_descr") || has("caml_register_frametables") ||
                   has("caml_get_frame_descrs")
               ? "this is OCaml 5, which is not known yet: it has another hash table of frame "
                 "descriptors"
               : "";
  if (has("caml_spacetime_initialize"))
    return "a runtime with Spacetime has frame tables that are not known";
  if (!collector_reads(program, *hash))
    return "caml_garbage_collection does not look at frame descriptors, so this is an OCaml before "
           "4.11, whose frame tables have no allocation lengths";
  return {};
}

OcamlFrametables read_ocaml_frametables(const Program& program) { return Reader(program).run(); }

}  // namespace fwseal
