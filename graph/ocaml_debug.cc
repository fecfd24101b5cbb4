// Behind the descriptors of a table (OCaml 4.11 to 4.14, asmcomp/emitaux.ml, emit_debuginfo and its
// neighbours; runtime/backtrace_nat.c, caml_debuginfo_location):
//
//     location   word: distance to the name of the definition, and in the six bits that a distance
//                of 26 bits, a multiple of 4, leaves: bit 0 another location follows (the call was
//                inlined there), bit 1 it raises, the rest a part of the position; word: the rest
//     definition s32: distance from here to the name of its file; a string
//     file       a string
//
// Compilers share equal ones, so the bytes of all that is read are no more than those of the table.
// A table that has one string within another is none of theirs, and would take long to read.
#include "graph/ocaml_debug.h"

namespace fwseal {

u32 DebugReader::note(u64 field, bool may_be_none) const {
  const auto distance = static_cast<i32>(bytes_.le<u32>(field));
  if (distance == 0) {
    if (!may_be_none) throw BadInput(cat("debuginfo at ", hex(field), " leads nowhere"));
    return 0;
  }
  const i64 place = static_cast<i64>(field) + distance;
  if (place <= 0 || place % 4 != 0 || !bytes_.holds(static_cast<u64>(place), 8))
    throw BadInput(cat("debuginfo at ", hex(field), " leads out of the table"));
  return static_cast<u32>(place);
}

void DebugReader::read(u64 begin, OcamlFrametable& table) {
  begin_ = begin;
  end_ = begin;
  for (u32& debug : table.debug)
    if (debug != 0) debug = first_location(debug, table);
}

u32 DebugReader::first_location(u32 place, OcamlFrametable& table) {
  const auto [found, is_new] = locations_.try_emplace(place, 0);
  if (!is_new) return found->second;
  check_behind_descriptors(place);
  found->second = static_cast<u32>(table.locations.size()) + 1;
  const u32 number = found->second;
  for (u64 at = place;; at += 8) {
    if (table.locations.size() >= bytes_.size() / 8) throw BadInput("locations overlap");
    const u32 first = bytes_.le<u32>(at);
    FrameLocation location;
    location.flags = first & ~kFrameNameMask;
    location.position = bytes_.le<u32>(at + 4);
    location.name = name_at(at + (first & kFrameNameMask), table);
    table.locations.push_back(location);
    reach(at + 8);
    if (!location.has_next()) return number;
  }
}

u32 DebugReader::name_at(u64 place, OcamlFrametable& table) {
  const auto [found, is_new] = names_.try_emplace(place, static_cast<u32>(table.names.size()));
  if (!is_new) return found->second;
  const u32 number = found->second;
  check_behind_descriptors(place);
  const i64 file = static_cast<i64>(place) + static_cast<i32>(bytes_.le<u32>(place));
  if (file < 0) throw BadInput(cat("the name at ", hex(place), " has no file"));
  FrameName name;
  name.name = text_at(place + 4);
  name.file = text_at(static_cast<u64>(file));
  table.names.push_back(name);
  return number;
}

std::string_view DebugReader::text_at(u64 place) {
  const auto [found, is_new] = texts_.try_emplace(place);
  if (!is_new) return found->second;
  check_behind_descriptors(place);
  found->second = bytes_.c_string(place);
  const u64 size = found->second.size() + 1;
  text_bytes_ += size;
  if (text_bytes_ > bytes_.size()) throw BadInput("names overlap");
  reach(place + size);
  return found->second;
}

void DebugReader::check_behind_descriptors(u64 place) const {
  if (place < begin_) throw BadInput(cat("what lies at ", hex(place), " is a descriptor"));
}

}  // namespace fwseal
