// What the options do that are more than one assignment. Each is the `apply` of a row of the option
// table; faults are reported with the option's name.
#pragma once

#include <string_view>

#include "tools/ld_option_table.h"

namespace fwseal {

// ---- Kinds of rows
void accept(LdState&, std::string_view);        // changes nothing
void refuse(LdState& state, std::string_view);  // the row's text says why
void refuse_unless_none(LdState& state, std::string_view argument);
void refuse_unless_empty(LdState& state, std::string_view argument);

// ---- Inputs
void add_input(LdState& state, std::string_view path);
void add_library(LdState& state, std::string_view name);
void add_just_symbols(LdState& state, std::string_view path);
void begin_group(LdState& state, std::string_view);
void end_group(LdState& state, std::string_view);
void push_state(LdState& state, std::string_view);
void pop_state(LdState& state, std::string_view);
void set_input_format(LdState& state, std::string_view name);
void add_script(LdState& state, std::string_view path);
void add_defsym(LdState& state, std::string_view text);
void add_required(LdState& state, std::string_view symbol);

// ---- Machine and layout
void set_emulation(LdState& state, std::string_view name);
void set_target2(LdState& state, std::string_view name);
void set_thumb_entry(LdState& state, std::string_view symbol);
void set_section_start(LdState& state, std::string_view text);
void set_text_start(LdState& state, std::string_view address);
void set_data_start(LdState& state, std::string_view address);
void set_bss_start(LdState& state, std::string_view address);
void set_text_segment_start(LdState& state, std::string_view address);
void set_rodata_segment_start(LdState& state, std::string_view address);
void set_ldata_segment_start(LdState& state, std::string_view address);
void set_orphan_handling(LdState& state, std::string_view mode);
void set_sort_section(LdState& state, std::string_view order);
void set_sort_common(LdState& state, std::string_view order);
void set_unique(LdState& state, std::string_view pattern);
void set_z_keyword(LdState& state, std::string_view keyword);

// ---- Output, reports, messages
void set_gc_sections(LdState& state, std::string_view);
void set_output_format(LdState& state, std::string_view name);
void set_build_id(LdState& state, std::string_view style);
void set_unresolved(LdState& state, std::string_view method);
void set_demangle(LdState& state, std::string_view style);
void hide_warnings(LdState& state, std::string_view);
void print_version(LdState& state, std::string_view);
void print_version_and_stop(LdState& state, std::string_view);
void print_emulations(LdState& state, std::string_view);
void print_help(LdState& state, std::string_view);
void print_target_help(LdState& state, std::string_view);
void print_format(LdState& state, std::string_view);
void print_sysroot(LdState& state, std::string_view);
void be_verbose(LdState& state, std::string_view level);
void check_number(LdState& state, std::string_view text);  // accepted, if it is one
void check_signed_number(LdState& state, std::string_view text);
void check_hash_style(LdState& state, std::string_view style);
void check_compression(LdState& state, std::string_view style);
void check_shared_keyword(LdState& state, std::string_view keyword);  // -a
void check_assert_keyword(LdState& state, std::string_view keyword);  // -assert

// ---- Our own
void set_prune(LdState& state, std::string_view mode);
void set_seal(LdState& state, std::string_view);
void set_fold(LdState& state, std::string_view mode);
void set_poison(LdState& state, std::string_view);
void add_keep(LdState& state, std::string_view pattern);
void add_drop(LdState& state, std::string_view pattern);
void add_only_if(LdState& state, std::string_view text);
void set_exit(LdState& state, std::string_view word);
void set_ocaml_backtraces(LdState& state, std::string_view word);
void add_flash(LdState& state, std::string_view pattern);
void add_ocaml_ram(LdState& state, std::string_view pattern);
void add_region(LdState& state, std::string_view text);
void add_budget(LdState& state, std::string_view text);

}  // namespace fwseal
