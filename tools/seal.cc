// The pass list: a table of contents of the linker.
#include "tools/seal.h"

#include "flashmap/ocaml_check.h"
#include "flashmap/seal_check.h"
#include "graph/section_bounds.h"
#include "prune/debug_info.h"
#include "prune/frame_rows.h"
#include "sections/relocate.h"
#include "tools/board_rules.h"
#include "tools/decisions.h"
#include "tools/exit_status.h"
#include "tools/folding.h"
#include "tools/ocaml.h"
#include "tools/ocaml_frames.h"
#include "tools/passes.h"
#include "tools/read_inputs.h"
#include "tools/write_outputs.h"

namespace fwseal {

void seal(const Options& options, Diag& diag) {
  Inputs inputs;
  seal(options, inputs, diag);
}

void seal(const Options& options, Inputs& inputs, Diag& diag) {
  if (options.fatal_warnings) diag.make_warnings_fatal();
  if (!options.demangle) diag.show_mangled_names();
  Script script = read_script(options, inputs, diag);
  stop_if_failed(diag);
  Symbols symbols = read_files(options, script, inputs, diag);
  const OcamlSections ocaml = take_ocaml_apart(options, script, inputs, symbols, diag);
  const ArmFeatures features = merge_attributes(options, inputs, diag);
  const MadeSections made = make_sections(options, inputs, symbols);
  if (!options.relocatable) define_section_bounds(inputs, symbols);
  check_region_names(options, script, diag);
  stop_if_failed(diag);  // From here on the set of input files is fixed.

  const auto isa = make_isa(options, features);
  const Program program{inputs, symbols, *isa};
  const Matcher matcher(script);
  const bool no_pads = landing_pads_are_dead(program, script, matcher, ocaml, made, options);
  const Atoms atoms = cut_into_atoms(program, matcher, ocaml, no_pads, options);
  KeptByScript kept = find_kept_by_script(program, atoms, script, matcher, options, diag);
  const Liveness liveness = find_live(
      build_graph(program, atoms, script, kept, made, options, diag), atoms, kept, options);
  const Reach& live = liveness.live;
  if (options.unresolved != Unresolved::kIgnore && !options.relocatable)
    report_undefined(program, atoms, live, undefined_options(options), diag);
  check_user_rules(program, atoms, live, options, kept.user_rules, diag);
  if (options.print_gc_sections)
    print_removed(program, atoms, live, describe_slots(program, atoms, liveness, kept), diag);
  stop_if_failed(diag);  // Only now: dead code may refer to anything.

  Plan plan = plan_sections(program, atoms, liveness, kept, options);
  if (options.seal) check_no_dynamic_tables(program, plan, diag);
  const OcamlFrames frames =
      seal_frames(program, atoms, liveness, kept, made, options, inputs, plan, diag);
  const GotPlan got = options.relocatable ? GotPlan() : GotPlan::collect(program, plan);
  make_room_for(got, made, inputs, plan);
  const auto moves = place_constants(program, plan, matcher, options, inputs, diag);
  Arrangement arrangement = arrange(program, plan, script, matcher, arrange_options(options), diag);
  const MergedStrings merged = merge_arranged(program, plan, options, arrangement);
  fold_copies(program, atoms, liveness, merged, matcher, ocaml, frames.sealed.frames, options, plan,
              arrangement);
  if (options.print_gc_sections) print_folded(program, plan, diag);
  follow_in_frame_tables(program, atoms, live, plan);  // Only now: all edits of code are known.
  follow_in_debug_info(program, plan, diag);
  const Layout layout = place_everything(program, plan, merged, script, arrangement, options, diag);
  const Board board = describe_board(layout, script, options, diag);
  Record record = record_decisions(program, inputs, atoms, liveness, plan, kept, moves, options);
  record.frames = frames.record;
  record.budget = compute_budget(inputs, layout, board);
  if (!options.record_path.empty())
    record.graph =
        record_reasons(program, atoms, liveness, plan, layout, merged, board, kept, moves, record);
  write_reports(program, merged, script, matcher, layout, record, options, diag);
  if (options.seal) check_regions_hold(layout, board, diag);
  report_overflow(layout, diag);
  if (diag.errors() != 0) write_record_of_failure(record, options, diag);
  stop_if_failed(diag);  // From here on every address is final.

  Image image =
      relocate(program, atoms, plan, merged, layout, got, made.got, options.relocatable, diag);
  check_ocaml_segments(ocaml, inputs, atoms, live, layout, image, diag);
  fill_frame_hash(program, merged, layout, frames.sealed, image, diag);
  stop_if_failed(diag);  // Until here nothing was written that could be flashed.
  record.digest =
      write_images(program, merged, layout, made, features, std::move(image), options, diag);
  write_records(record, inputs, options, diag);
  stop_if_failed(diag);

  const auto violations = violated_limits(record.budget, options);
  report_violations(violations, options, diag);
  if (!violations.empty()) throw StopWith{budget_status(violations)};
}

}  // namespace fwseal
