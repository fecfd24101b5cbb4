// The state of one walk over the script. Shared by the files that the walk is made of:
// layout_pass.cc (statements, and what stands inside output sections), layout_place.cc (the
// addresses of output sections) and layout_measure.cc (.startof.X and .sizeof.X).
#pragma once

#include <map>
#include <unordered_set>

#include "sections/layout_pass.h"

namespace fwseal {

class Walk {
 public:
  Walk(LayoutState& state, bool report, Diag& diag)
      : state_(state),
        world_(state.world),
        arrangement_(state.world.arrangement),
        report_(report),
        diag_(diag),
        evaluator_(state.world, diag, report) {}

  void run();

 private:
  static constexpr u64 kAddressMask = 0xffff'ffff;

  // ---- layout_pass.cc

  void error(const ScriptPlace& place, std::string_view what) {
    if (report_) diag_.error(place.location(), what);
  }
  void warning(const ScriptPlace& place, std::string_view what) {
    if (report_) diag_.warning(place.location(), what);
  }
  static ScriptPlace place_of(const OutputDescription* description) {
    return description != nullptr ? description->place : ScriptPlace{};
  }
  void check(const Assertion& assertion, std::optional<u32> output);
  void assign(const Assignment& assignment, std::optional<u32> output);
  bool wanted(const Assignment& assignment) const;
  void set_symbol(const Assignment& assignment, Value value, std::optional<u32> output);
  void move_dot(const Assignment& assignment, const Value& value, std::optional<u32> output);
  void restart_fill(u32 output, u64 address);
  void note_move(const Assignment& assignment, const Value& value, u32 output, bool moves);
  bool is_zero(const Expr& expr) const;
  bool means_nothing(const Expr& expr) const;
  void define_section_bounds();
  void define_section_bound(SymbolId id, ScriptValue& value);
  bool is_placed(std::string_view name);
  void fill_output(u32 number);
  void leave_alignment(const ArrangedOutput& output);
  static u64 left_alignment_of(const ArrangedOutput& output);
  void place_list(const SectionList& list, u32 number, u64 start, PlacedList& placed,
                  std::optional<u64> subalignment);
  void place_input(SectionId id, u32 number, u64 start, std::optional<u64> subalignment);
  void place_merged(u32 number);
  void put_chunk(u32 number, const Chunk& chunk);
  void place_veneers(u32 number, u32 output, u64 start);
  void place_data(const DataStatement& data, u32 number, u64 start);
  Fill fill_from(u64 offset, const FillPattern& pattern);

  // ---- layout_measure.cc

  void define_measure(SymbolId id, ScriptValue& value);
  void report_unmeasured(SymbolId symbol, std::string_view output);

  // ---- layout_place.cc

  // The output section at hand.
  struct Current {
    u32 number = 0;
    const ArrangedOutput* output = nullptr;
    const OutputDescription* description = nullptr;
    OutputDraft* draft = nullptr;
    OutputState* place = nullptr;
    std::optional<u64> address;  // the script's
    u32 region = 0;
    u64 own_alignment = 1;  // ALIGN of the output section
    u64 alignment = 1;      // what its start was aligned to
    u64 moved = 0;          // bytes that this cost
    u64 dot = 0;            // where it begins or, if it is left out, where it would
    bool left_out = false;  // empty, and nothing refers to its address
  };
  void place_output(u32 number);
  std::optional<u64> explicit_address(const ArrangedOutput& output, const OutputDraft& draft);
  u32 region_of(const Current& current);
  u32 region_by_attributes(const OutputKind& kind);
  u64 alignment_of(const OutputDescription* description, u32 number);
  u64 checked_alignment(const Expr& expr, const OutputDescription& description, u32 number);
  void place_load_address(const Current& current);
  u64 distance_lma(const Current& current, const OutputState& last);
  void note_last(const Current& current);
  void follow_overlay(const OutputDescription& description, const OutputState& place);
  void advance_regions(const Current& current);
  void take(u32 region, u64 end, u64 start, const Current& current, bool by_address);
  void check_address_space(const Current& current);
  bool is_overlay_follower(const OutputDescription* description) const {
    return description != nullptr && description->overlay != 0 && !description->overlay_first;
  }

  LayoutState& state_;
  ScriptWorld& world_;
  const Arrangement& arrangement_;
  bool report_;
  Diag& diag_;
  Evaluator evaluator_;
  std::unordered_set<std::string_view> placed_names_;  // of input sections; filled when asked for
  std::map<u32, u32> region_of_kinds_;                 // what region_by_attributes found
  u64 dot_ = 0;
  // The location counter for symbols between output sections. The address of an output section that
  // is left out moves only the other one.
  u64 symbol_dot_ = 0;
  u64 overlay_base_ = 0;
  u64 overlay_end_ = 0;
  u64 next_chunk_ = 0;         // of the output section at hand
  bool lists_placed_ = false;  // one of its lists is no longer where it was
};

}  // namespace fwseal
