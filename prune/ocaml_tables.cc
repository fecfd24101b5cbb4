// The runtime reads a descriptor through the hash table alone, and what follows it only if its
// flags say so (OCaml 4.13.1, runtime/caml/stack.h and its users). So the tables' own order and
// bounds do not matter: what is in the pool is a descriptor with exact lengths of live words and
// allocations, which the collector reads; and the debugging information, of which equal parts of
// several units become one. Without that, bit 0 of the frame's size is clear, as in what was
// compiled without -g.
#include "prune/ocaml_tables.h"

#include <cassert>
#include <cstring>
#include <unordered_map>

namespace fwseal {
namespace {

template <typename Value>
void put(std::string& bytes, Value value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}
void put_word(std::string& bytes, u64 value) { put(bytes, static_cast<u32>(value)); }
void set_word(std::string& bytes, u64 offset, u64 value) {
  const u32 word = static_cast<u32>(value);
  std::memcpy(bytes.data() + offset, &word, sizeof word);
}
void align(std::string& bytes) { bytes.resize(align_up(bytes.size(), 4), '\0'); }

// Each text once, in the order in which they come.
class Once {
 public:
  u32 number(std::string text) {
    const auto [found, is_new] =
        numbers_.try_emplace(std::move(text), static_cast<u32>(texts_.size()));
    if (is_new) texts_.push_back(&found->first);
    return found->second;
  }
  u64 size() const { return texts_.size(); }
  const std::string& operator[](u64 number) const { return *texts_[number]; }

 private:
  std::unordered_map<std::string, u32> numbers_;
  std::vector<const std::string*> texts_;  // keys of the map, which do not move
};

class Pool {
 public:
  explicit Pool(bool keeps_debug) : keeps_debug_(keeps_debug) {}

  void add(const FrameTable& table, const FrameDescriptor& from) {
    const u64 begin = bytes_.size();
    result_.frames.push_back({static_cast<u32>(begin), from.code, from.call(), from.is_thumb});
    const bool clears = !keeps_debug_ && from.frame_size != kCallbackFrame;
    put_word(bytes_, 0);
    put(bytes_, static_cast<u16>(clears ? from.frame_size & ~kFrameHasDebug : from.frame_size));
    put(bytes_, static_cast<u16>(from.live.size() / 2));
    bytes_ += from.live.text();
    if (from.has_allocations) {
      put(bytes_, static_cast<u8>(from.allocations.size()));
      bytes_ += from.allocations.text();
    }
    align(bytes_);
    bare_ += bytes_.size() - begin;
    if (!keeps_debug_) return;
    for (u32 i = 0; i < from.debug_count; i++) {
      const u32 number = table.debug[from.first_debug + i];
      if (number != 0) fields_.push_back({bytes_.size(), chains_.number(chain(table, number - 1))});
      put_word(bytes_, 0);
    }
  }
  void leave_out() { result_.left_out++; }

  FramePool finish() {
    if (!fields_.empty()) add_debug();
    result_.debug_bytes = bytes_.size() - bare_;
    result_.bytes = std::move(bytes_);
    return std::move(result_);
  }

 private:
  // A word that says how far behind it something is.
  struct Field {
    u64 offset = 0;
    u32 number = 0;
    u32 flags = 0;
  };

  // Three words for each location: its flags, its position and the number of its name.
  std::string chain(const FrameTable& table, u32 number) {
    std::string text;
    for (;; number++) {
      const FrameLocation& location = table.locations[number];
      const FrameName& from = table.names[location.name];
      std::string name;
      put_word(name, files_.number(std::string(from.file)));
      name += from.name;
      put_word(text, location.flags);
      put_word(text, location.position);
      put_word(text, names_.number(std::move(name)));
      if (!location.has_next()) return text;
    }
  }

  // Locations, then names, then files: distances to names have no sign.
  void add_debug() {
    std::vector<Field> to_names;
    std::vector<u64> chains;
    for (u64 i = 0; i < chains_.size(); i++) {
      chains.push_back(bytes_.size());
      const Bytes text(std::as_bytes(std::span(chains_[i])));
      for (u64 at = 0; at < text.size(); at += 12) {
        to_names.push_back({bytes_.size(), text.le<u32>(at + 8), text.le<u32>(at)});
        put_word(bytes_, 0);
        put_word(bytes_, text.le<u32>(at + 4));
      }
    }
    std::vector<Field> to_files;
    std::vector<u64> names;
    for (u64 i = 0; i < names_.size(); i++) {
      names.push_back(bytes_.size());
      const Bytes text(std::as_bytes(std::span(names_[i])));
      to_files.push_back({bytes_.size(), text.le<u32>(0)});
      put_word(bytes_, 0);
      bytes_ += names_[i].substr(4);
      bytes_ += '\0';
      align(bytes_);
    }
    std::vector<u64> files;
    for (u64 i = 0; i < files_.size(); i++) {
      files.push_back(bytes_.size());
      bytes_ += files_[i];
      bytes_ += '\0';
    }
    align(bytes_);
    lead(fields_, chains);
    lead(to_names, names);
    lead(to_files, files);
  }

  void lead(const std::vector<Field>& fields, const std::vector<u64>& places) {
    for (const Field& field : fields) {
      const u64 distance = places[field.number] - field.offset;
      // The tables that all of it comes from are smaller than that (ocaml_frames.cc).
      assert(distance <= kFrameNameMask);
      set_word(bytes_, field.offset, distance | field.flags);
    }
  }

  const bool keeps_debug_;
  std::string bytes_;
  FramePool result_;
  u64 bare_ = 0;               // bytes of descriptors without debuginfo
  std::vector<Field> fields_;  // debuginfo, to chains_
  Once chains_;
  Once names_;  // the number of the file in a word, and the name
  Once files_;
};

}  // namespace

FramePool pool_frames(const FrameTables& tables, bool keeps_debug, const IsLiveCall& is_live) {
  Pool pool(keeps_debug);
  for (const FrameTable& table : tables.tables)
    for (const FrameDescriptor& descriptor : table.descriptors)
      if (is_live(descriptor.code, descriptor.call()))
        pool.add(table, descriptor);
      else
        pool.leave_out();
  return pool.finish();
}

u32 frame_hash_slots(u64 descriptors) {
  u64 slots = 4;
  while (4 * descriptors > 3 * slots) slots *= 2;
  return static_cast<u32>(slots);
}

// runtime/caml/stack.h, Hash_retaddr; runtime/roots_nat.c, fill_hashtable.
std::vector<u32> hash_frames(std::span<const PooledFrame> frames, std::span<const u32> addresses,
                             u32 slots) {
  assert(frames.size() < slots && frames.size() == addresses.size());
  std::vector<u32> table(slots, kFreeSlot);
  for (u64 i = 0; i < frames.size(); i++) {
    u32 slot = (addresses[i] >> 3) & (slots - 1);
    while (table[slot] != kFreeSlot) slot = (slot + 1) & (slots - 1);
    table[slot] = frames[i].offset;
  }
  return table;
}

}  // namespace fwseal
