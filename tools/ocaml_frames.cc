#include "tools/ocaml_frames.h"

#include <elf.h>

#include <algorithm>

#include "sections/plain_memory.h"
#include "tools/passes.h"

namespace fwseal {
namespace {

// ".data.x" for ".bss.x"; what has no name of its own gets that of the variable.
std::string name_among_data(std::string_view name, std::string_view variable) {
  constexpr std::string_view kStem = ".bss";
  if (name == kStem) return ".data";
  if (name.starts_with(".bss.")) return cat(".data", name.substr(kStem.size()));
  return cat(".data.", variable);
}

// Does the script collect such a section with everybody's data? `or_orphan`: or has it nothing to
// say about it, and orphans have their place?
bool is_collected(const Matcher& matcher, const Object& object, InputSection section,
                  bool or_orphan) {
  Inputs alone;
  alone.objects.push_back(object);
  section.object = ObjectId{0};
  alone.sections.push_back(section);
  std::vector<Matcher::Match> matches;
  matcher.matches(alone, SectionId{0}, matches);
  if (matches.empty()) return or_orphan;
  return std::ranges::all_of(matches, [&](Matcher::Match match) {
    return is_general(matcher.uses()[match.use], match.pattern);
  });
}

// Where could the variable be, if it had an initial value?
bool has_place(const Program& program, const Matcher& matcher, const FrameVariable& variable) {
  InputSection section = program.inputs[variable.section];
  const std::string name =
      section.type == SHT_NOBITS
          ? name_among_data(section.name, program.symbols[variable.symbol].name)
          : std::string(section.name);
  section.name = name;
  section.type = SHT_PROGBITS;
  return is_collected(matcher, program.inputs.object_of(variable.section), section, false);
}

std::optional<FrameRefusal> find_no_place(const Program& program, const Matcher& matcher,
                                          const FrameSealing& sealing, const Options& options) {
  for (const FrameVariable& variable : {sealing.hash, sealing.mask})
    if (!has_place(program, matcher, variable))
      return FrameRefusal{
          variable.section, variable.offset,
          cat("the script has no place where ", program.symbols[variable.symbol].name,
              " could have an initial value")};
  InputSection table;
  table.name = kFrameHashName;
  table.type = SHT_PROGBITS;
  table.flags = SHF_ALLOC;
  if (!is_collected(matcher, {}, table, options.orphans == OrphanHandling::kPlace))
    return FrameRefusal{kNoSection, 0, cat("the script has no place for ", table.name)};
  return std::nullopt;
}

void warn(const Inputs& inputs, const FrameRefusal& refusal, Diag& diag) {
  const Location place =
      refusal.section == kNoSection ? Location{} : inputs.location(refusal.section, refusal.offset);
  diag.warning(place, cat("OCaml's frame tables stay as they are: ", refusal.why));
}

void give_initial_value(const Program& program, const FrameVariable& variable, Inputs& inputs) {
  InputSection& section = inputs.sections[index(variable.section)];
  if (section.type != SHT_NOBITS) return;
  section.name =
      inputs.arena.keep(name_among_data(section.name, program.symbols[variable.symbol].name));
  section.type = SHT_PROGBITS;
  section.contents = inputs.arena.keep_bytes(std::string(section.size, '\0'));
}

void set_contents(SectionId id, std::string bytes, Inputs& inputs, Plan& plan) {
  InputSection& section = inputs.sections[index(id)];
  section.contents = inputs.arena.keep_bytes(std::move(bytes));
  section.size = section.contents.size();
  plan.kept[index(id)] = true;
}

// What is dead of it has been destroyed already.
void poison_live(const Atoms& atoms, const Reach& live, SectionId section, u64 begin, u64 end,
                 Plan& plan) {
  if (!plan.keeps(section)) return;
  std::vector<Overwrite>& list = plan.overwrites[index(section)];
  while (begin < end) {
    const AtomId atom = atoms.at(section, begin);
    const u64 next = atoms.is_piece(atom) ? std::min<u64>(end, atoms.piece(atom).end) : end;
    if (live.live(atom)) list.push_back({begin, std::string(next - begin, '\xee')});
    begin = next;
  }
  std::ranges::stable_sort(list, {}, &Overwrite::offset);
}

void poison_tables(const Atoms& atoms, const Reach& live, const OcamlFrametables& tables,
                   Plan& plan) {
  poison_live(atoms, live, tables.list, tables.list_begin, tables.list_end, plan);
  for (const OcamlFrametable& table : tables.tables)
    poison_live(atoms, live, table.section, table.begin, table.end, plan);
}

std::string reason_not_to(const FrameSealing& sealing, const Reach& live) {
  for (const FrameUser& user : sealing.users)
    if (live.live(user.atom)) return user.what;
  return "caml_init_frame_descriptors is asked for by its name";
}

RecordFrames describe(const OcamlFrametables& tables, const FramePool& pool, u32 slots) {
  RecordFrames record;
  record.units = tables.tables.size();
  record.descriptors = pool.frames.size();
  record.left_out = pool.left_out;
  record.bytes = pool.bytes.size();
  record.debug_bytes = pool.debug_bytes;
  record.slots = slots;
  return record;
}

void print(const RecordFrames& record, Diag& diag) {
  diag.note({}, cat("sealing OCaml's frame tables: ", record.descriptors, " descriptors of ",
                    record.units, " units in ", record.bytes, " bytes, ", record.debug_bytes,
                    " of them for backtraces, ", record.left_out, " left out; a hash table of ",
                    record.slots, " slots"));
}

}  // namespace

bool seals_frames(const Options& options) {
  return prunes_proven(options) && !options.emit_relocations;
}

FrameSealing find_frames(const Program& program, const Atoms& atoms, const Matcher& matcher,
                         const Options& options, Diag& diag) {
  if (!seals_frames(options)) return {};
  FrameSealing sealing = find_frame_sealing(program, atoms);
  if (sealing.possible()) sealing.refusal = find_no_place(program, matcher, sealing, options);
  if (!sealing.refusal) return sealing;
  sealing.init.reset();
  warn(program.inputs, *sealing.refusal, diag);
  return sealing;
}

void add_frames(const Atoms& atoms, const FrameSealing& sealing, const MadeSections& made,
                ClauseOptions& clauses) {
  if (!sealing.possible() || made.frames == kNoSection) return;
  const AtomId variable = atoms.at(sealing.hash.section, sealing.hash.offset);
  for (const SectionId section : {made.frames, made.frame_hash})
    clauses.conditional_roots.push_back({atom_of(section), {variable}});
}

OcamlFrames seal_frames(const Program& program, const Atoms& atoms, const Liveness& liveness,
                        const KeptByScript& kept, const MadeSections& made, const Options& options,
                        Inputs& inputs, Plan& plan, Diag& diag) {
  const FrameSealing& sealing = kept.frames;
  OcamlFrames result;
  if (!sealing.tables.present || made.frames == kNoSection) return result;
  result.record.emplace();
  // Until there is something in them.
  for (const SectionId section : {made.frames, made.frame_hash}) plan.kept[index(section)] = false;
  const Reach& live = liveness.live;
  const auto is_read = [&](const FrameVariable& variable) {
    return live.live(atoms.at(variable.section, variable.offset));
  };
  if (!sealing.possible()) {
    result.record->refusal = sealing.refusal->why;
  } else if (!live.live(sealing.init->function) || !is_read(sealing.hash)) {
    result.record->refusal = "nothing live makes the hash table, or nothing reads it";
  } else if (!std::ranges::binary_search(liveness.hollow, sealing.init->function)) {
    result.record->refusal = reason_not_to(sealing, live);
    diag.warning({}, cat("OCaml's frame tables stay as they are: ", result.record->refusal));
  }
  if (!result.record->refusal.empty()) return result;

  const FramePool pool =
      pool_frames(sealing.tables, options.ocaml_backtraces, [&](SectionId code, u64 call) {
        return plan.keeps(code) && live.live(atoms.at(code, call)) && !plan.removes(code, call);
      });
  SealedFrames& sealed = result.sealed;
  sealed.pool = made.frames;
  sealed.table = made.frame_hash;
  sealed.frames = pool.frames;
  sealed.slots = frame_hash_slots(pool.frames.size());
  sealed.hash = sealing.hash;
  sealed.mask = sealing.mask;
  if (!is_read(sealed.mask)) sealed.mask.section = kNoSection;
  give_initial_value(program, sealed.hash, inputs);
  if (sealed.mask.section != kNoSection) give_initial_value(program, sealed.mask, inputs);
  set_contents(sealed.pool, pool.bytes, inputs, plan);
  set_contents(sealed.table, std::string(4 * u64{sealed.slots}, '\0'), inputs, plan);
  if (options.poison != Poison::kNothing) poison_tables(atoms, live, sealing.tables, plan);
  result.record = describe(sealing.tables, pool, sealed.slots);
  if (options.print_gc_sections) print(*result.record, diag);
  return result;
}

}  // namespace fwseal
