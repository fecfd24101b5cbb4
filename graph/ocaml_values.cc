#include "graph/ocaml_values.h"

#include <algorithm>
#include <iterator>

namespace fwseal {

OcamlValues::OcamlValues() {
  intern({});
  intern({0});
  sets_.push_back({0});  // kAll, which no set equals
}

ValueId OcamlValues::intern(std::vector<u32> set) {
  const auto [place, added] = ids_.try_emplace(set, static_cast<u32>(sets_.size()));
  if (added) sets_.push_back(std::move(set));
  return ValueId{place->second};
}

ValueId OcamlValues::of(const Origin& origin) {
  const auto [place, added] = numbers_.try_emplace(origin, static_cast<u32>(origins_.size()) + 1);
  if (added) origins_.push_back(origin);
  return intern({place->second});
}

ValueId OcamlValues::unite(ValueId a, ValueId b) {
  if (a == b || b == kNothing) return a;
  if (a == kNothing) return b;
  if (a == kAll || b == kAll) return kAll;
  const u32 low = std::min(index(a), index(b));
  const u32 high = std::max(index(a), index(b));
  const u64 key = u64{low} << 32 | high;
  if (const auto found = united_.find(key); found != united_.end()) return found->second;
  std::vector<u32> both;
  std::ranges::set_union(sets_[low], sets_[high], std::back_inserter(both));
  // The unknown does not count: to add it makes no set too large, so nobody who does has to look.
  const u64 known = both.size() - (both[0] == 0 ? 1 : 0);
  const ValueId result = known > kLargest ? kAll : intern(std::move(both));
  united_.emplace(key, result);
  return result;
}

std::span<const u32> OcamlValues::origins(ValueId value) const {
  const std::span<const u32> set = sets_[index(value)];
  return !set.empty() && set[0] == 0 ? set.subspan(1) : set;
}

}  // namespace fwseal
