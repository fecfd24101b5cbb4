// ld 2.40, ldlang.c, lang_check_section_addresses. Each section is compared with the one before it
// in the order of addresses, so one long section under many is named once.
#include "sections/overlap.h"

#include <elf.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

namespace fwseal {
namespace {

struct Span {
  const OutputSection* section = nullptr;
  u64 first = 0;
  u64 last = 0;
  u32 number = 0;  // of the output section
};

std::string eight_digits(u64 value) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%08llx", static_cast<unsigned long long>(value));
  return text.data();
}

bool takes_memory(const OutputSection& section) {
  const bool is_tbss = (section.flags & SHF_TLS) != 0 && !section.has_bytes();
  return section.allocated() && !is_tbss && section.size != 0;
}

std::vector<Span> spans(const Layout& layout, u64 OutputSection::*address) {
  std::vector<Span> result;
  for (u32 i = 0; i < layout.outputs.size(); i++) {
    const OutputSection& section = layout.outputs[i];
    if (!takes_memory(section)) continue;
    const u64 first = section.*address;
    result.push_back({&section, first, first + section.size - 1, i});
  }
  std::sort(result.begin(), result.end(), [](const Span& a, const Span& b) {
    return a.first != b.first ? a.first < b.first : a.number < b.number;
  });
  return result;
}

void report(const Span& span, const Span& before, std::string_view kind, Diag& diag) {
  const OutputDescription* const description = span.section->description;
  diag.error(description != nullptr ? description->place.location() : Location{},
             cat("section ", span.section->name, " ", kind, " [", eight_digits(span.first), ",",
                 eight_digits(span.last), "] overlaps section ", before.section->name, " ", kind,
                 " [", eight_digits(before.first), ",", eight_digits(before.last), "]"));
}

}  // namespace

void report_overlaps(const Layout& layout, Diag& diag) {
  std::vector<bool> reported(layout.outputs.size());
  const Span* before = nullptr;
  const std::vector<Span> stored = spans(layout, &OutputSection::lma);
  for (const Span& span : stored) {
    if (!span.section->loaded()) continue;
    if (before != nullptr && span.first <= before->last) {
      report(span, *before, "LMA", diag);
      reported[span.number] = true;
    }
    before = &span;
  }
  const std::vector<Span> running = spans(layout, &OutputSection::vma);
  const auto same_start = [](const Span& a, const Span& b) { return a.first == b.first; };
  if (std::adjacent_find(running.begin(), running.end(), same_start) != running.end()) return;
  for (u64 i = 1; i < running.size(); i++)
    if (running[i].first <= running[i - 1].last && !reported[running[i].number])
      report(running[i], running[i - 1], "VMA", diag);
}

}  // namespace fwseal
