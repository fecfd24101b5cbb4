#include "graph/anchors.h"

#include <algorithm>

namespace fwseal {
namespace {

constexpr i64 kLargestElement = 16;  // that an array is likely to be counted from 1 with
constexpr u64 kMostPieces = 64;      // to be named one by one

class Reacher {
 public:
  Reacher(const Program& program, const Atoms& atoms, const FindAnchorCode& code_of,
          const FindObjectEnds& ends_of)
      : program_(program), atoms_(atoms), code_of_(code_of), ends_of_(ends_of) {}

  std::vector<DataReach> run(std::vector<Anchor> anchors) {
    std::erase_if(anchors, [&](const Anchor& anchor) { return !atoms_.is_cut(anchor.data); });
    std::ranges::stable_sort(anchors, {}, [](const Anchor& anchor) {
      return std::pair(index(anchor.code), anchor.place);
    });
    for (u64 begin = 0; begin < anchors.size();) {
      const SectionId section = anchors[begin].code;
      const auto code = code_of_(section);
      while (begin < anchors.size() && anchors[begin].code == section) {
        const AtomId from = atoms_.function_at(section, anchors[begin].place);
        u64 end = begin;
        while (end < anchors.size() && anchors[end].code == section &&
               atoms_.function_at(section, anchors[end].place) == from)
          end++;
        look_at(from, code, std::span(anchors).subspan(begin, end - begin));
        begin = end;
      }
    }
    return std::move(found_);
  }

 private:
  // What one function reaches.
  void look_at(AtomId from, const std::optional<AnchorCode>& code,
               std::span<const Anchor> anchors) {
    const auto reaches = code ? follow(from, *code, anchors) : std::nullopt;
    for (u32 i = 0; i < anchors.size(); i++) {
      if (!reaches) {
        const bool is_new = i == 0 || anchors[i].data != anchors[i - 1].data;
        if (is_new) add(from, anchors[i], atom_of(anchors[i].data));
      } else if ((*reaches)[i].group == i) {
        add_group(from, anchors, *reaches, i);
      }
    }
  }

  std::optional<std::vector<AnchorReach>> follow(AtomId from, const AnchorCode& code,
                                                 std::span<const Anchor> anchors) {
    u32 begin = 0;
    u64 end = program_.inputs[code.section].contents.size();
    if (atoms_.is_piece(from)) {
      begin = atoms_.piece(from).begin;
      end = atoms_.end_of_function(from);
    }
    return follow_anchors(program_, code, begin, static_cast<u32>(end), anchors, search_);
  }

  void add(AtomId from, const Anchor& anchor, AtomId to) {
    found_.push_back({from, to, anchor.code, anchor.place});
  }

  // Bytes of a section.
  struct Hull {
    i64 low = 0;
    i64 high = 0;
    bool is_all = false;
    i64 size = 0;

    void take(i64 begin, i64 end) {
      is_all = is_all || begin < 0 || begin > size;
      low = std::min(low, begin);
      high = std::max(high, std::min(end, size));
    }
  };

  void add_group(AtomId from, std::span<const Anchor> anchors, std::span<const AnchorReach> reaches,
                 u32 group) {
    const SectionId data = anchors[group].data;
    const std::span<const u32> ends = ends_of_(data);
    Hull hull{anchors[group].base, anchors[group].base, false,
              static_cast<i64>(program_.inputs[data].size)};
    for (u32 i = group; i < anchors.size(); i++) {
      const AnchorReach& reach = reaches[i];
      if (reach.group != group) continue;
      hull.is_all = hull.is_all || reach.is_all;
      hull.take(anchors[i].base, anchors[i].base + 1);
      if (reach.low < reach.high) hull.take(reach.low, reach.high);
      for (const i64 pointer : reach.pointers) {
        const bool is_end = std::ranges::binary_search(ends, pointer);
        hull.take(pointer - (is_end ? 1 : 0), pointer + kLargestElement);
      }
    }
    if (hull.is_all) return add(from, anchors[group], atom_of(data));
    const u64 first = index(atoms_.at(data, static_cast<u64>(hull.low)));
    const u64 last = index(atoms_.at(data, static_cast<u64>(std::max(hull.high - 1, hull.low))));
    if (last - first >= kMostPieces) return add(from, anchors[group], atom_of(data));
    for (u64 atom = first; atom <= last; atom++)
      add(from, anchors[group], AtomId{static_cast<u32>(atom)});
  }

  const Program& program_;
  const Atoms& atoms_;
  const FindAnchorCode& code_of_;
  const FindObjectEnds& ends_of_;
  AnchorSearch search_;
  std::vector<DataReach> found_;
};

}  // namespace

std::vector<DataReach> reaches_of_anchors(const Program& program, const Atoms& atoms,
                                          std::vector<Anchor> anchors,
                                          const FindAnchorCode& code_of,
                                          const FindObjectEnds& ends_of) {
  return Reacher(program, atoms, code_of, ends_of).run(std::move(anchors));
}

bool has_compiler_mark(const Inputs& inputs, const Object& object) {
  for (u32 i = 0; i < object.section_count; i++) {
    const InputSection& section = inputs[object.section(i)];
    if (section.name == ".comment" && section.size != 0) return true;
  }
  return false;
}

bool is_compiled_c(const Inputs& inputs, const Object& object) {
  bool found = false;
  for (u32 i = 0; i < object.section_count; i++) {
    const InputSection& section = inputs[object.section(i)];
    if (section.name != ".comment") continue;
    std::string_view text = section.contents.text();
    while (!text.empty()) {
      const std::string_view name = text.substr(0, text.find('\0'));
      if (!name.empty() && !name.starts_with("GCC: (")) return false;
      found = found || !name.empty();
      text.remove_prefix(std::min(text.size(), name.size() + 1));
    }
  }
  return found;
}

}  // namespace fwseal
