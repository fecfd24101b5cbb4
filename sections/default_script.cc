// The order of the output sections, the symbols between them and the addresses are GNU ld's
// (`arm-none-eabi-ld --verbose`, binutils 2.40), because start-up files are written against them.
// What only a dynamic linker would read is not mentioned: nothing here is ever dynamic.
#include "sections/default_script.h"

namespace fwseal {
namespace {

constexpr std::string_view kNextPage =
    ". = ALIGN(CONSTANT(MAXPAGESIZE)) + (. & (CONSTANT(MAXPAGESIZE) - 1));";

}  // namespace

std::string default_arm_script_without_pages() {
  std::string script(default_arm_script());
  return script.replace(script.find(kNextPage), kNextPage.size(), ". = .;");
}

std::string_view default_arm_script() {
  return R"script(/* fwseal's default for bare-metal Arm, laid out as arm-none-eabi-ld does. */
OUTPUT_FORMAT("elf32-littlearm")
OUTPUT_ARCH(arm)
ENTRY(_start)
SECTIONS
{
  /* Code and constants. */
  PROVIDE(__executable_start = SEGMENT_START("text-segment", 0x8000));
  . = SEGMENT_START("text-segment", 0x8000);
  .interp : { *(.interp) }
  .note.gnu.build-id : { *(.note.gnu.build-id) }
  .init : { KEEP(*(SORT_NONE(.init))) }
  .text :
  {
    *(.text.unlikely .text.*_unlikely .text.unlikely.*)
    *(.text.exit .text.exit.*)
    *(.text.startup .text.startup.*)
    *(.text.hot .text.hot.*)
    *(SORT(.text.sorted.*))
    *(.text .stub .text.* .gnu.linkonce.t.*)
    *(.gnu.warning)
    *(.glue_7t) *(.glue_7) *(.vfp11_veneer) *(.v4_bx)
  }
  .fini : { KEEP(*(SORT_NONE(.fini))) }
  PROVIDE(__etext = .);
  PROVIDE(_etext = .);
  PROVIDE(etext = .);
  .rodata : { *(.rodata .rodata.* .gnu.linkonce.r.*) }
  .rodata1 : { *(.rodata1) }

  /* Unwinding. The index must be one table between its two symbols. */
  .ARM.extab : { *(.ARM.extab* .gnu.linkonce.armextab.*) }
  .ARM.exidx :
  {
    PROVIDE_HIDDEN(__exidx_start = .);
    *(.ARM.exidx* .gnu.linkonce.armexidx.*)
    PROVIDE_HIDDEN(__exidx_end = .);
  }
  .eh_frame_hdr : { *(.eh_frame_hdr) *(.eh_frame_entry .eh_frame_entry.*) }
  .eh_frame : ONLY_IF_RO { KEEP(*(.eh_frame)) *(.eh_frame.*) }
  .sframe : ONLY_IF_RO { *(.sframe) *(.sframe.*) }
  .gcc_except_table : ONLY_IF_RO { *(.gcc_except_table .gcc_except_table.*) }
  .gnu_extab : ONLY_IF_RO { *(.gnu_extab*) }
  .exception_ranges : ONLY_IF_RO { *(.exception_ranges*) }

  /* Data, on a page of its own: the same offset in the next page. */
  . = ALIGN(CONSTANT(MAXPAGESIZE)) + (. & (CONSTANT(MAXPAGESIZE) - 1));
  .eh_frame : ONLY_IF_RW { KEEP(*(.eh_frame)) *(.eh_frame.*) }
  .sframe : ONLY_IF_RW { *(.sframe) *(.sframe.*) }
  .gnu_extab : ONLY_IF_RW { *(.gnu_extab) }
  .gcc_except_table : ONLY_IF_RW { *(.gcc_except_table .gcc_except_table.*) }
  .exception_ranges : ONLY_IF_RW { *(.exception_ranges*) }
  .tdata :
  {
    PROVIDE_HIDDEN(__tdata_start = .);
    *(.tdata .tdata.* .gnu.linkonce.td.*)
  }
  .tbss : { *(.tbss .tbss.* .gnu.linkonce.tb.*) *(.tcommon) }
  .preinit_array :
  {
    PROVIDE_HIDDEN(__preinit_array_start = .);
    KEEP(*(.preinit_array))
    PROVIDE_HIDDEN(__preinit_array_end = .);
  }
  .init_array :
  {
    PROVIDE_HIDDEN(__init_array_start = .);
    KEEP(*(SORT_BY_INIT_PRIORITY(.init_array.*) SORT_BY_INIT_PRIORITY(.ctors.*)))
    KEEP(*(.init_array EXCLUDE_FILE(*crtbegin.o *crtbegin?.o *crtend.o *crtend?.o) .ctors))
    PROVIDE_HIDDEN(__init_array_end = .);
  }
  .fini_array :
  {
    PROVIDE_HIDDEN(__fini_array_start = .);
    KEEP(*(SORT_BY_INIT_PRIORITY(.fini_array.*) SORT_BY_INIT_PRIORITY(.dtors.*)))
    KEEP(*(.fini_array EXCLUDE_FILE(*crtbegin.o *crtbegin?.o *crtend.o *crtend?.o) .dtors))
    PROVIDE_HIDDEN(__fini_array_end = .);
  }

  /* The old lists: GCC's crtbegin begins and its crtend ends them. */
  .ctors :
  {
    KEEP(*crtbegin.o(.ctors))
    KEEP(*crtbegin?.o(.ctors))
    KEEP(*(EXCLUDE_FILE(*crtend.o *crtend?.o) .ctors))
    KEEP(*(SORT(.ctors.*)))
    KEEP(*(.ctors))
  }
  .dtors :
  {
    KEEP(*crtbegin.o(.dtors))
    KEEP(*crtbegin?.o(.dtors))
    KEEP(*(EXCLUDE_FILE(*crtend.o *crtend?.o) .dtors))
    KEEP(*(SORT(.dtors.*)))
    KEEP(*(.dtors))
  }
  .jcr : { KEEP(*(.jcr)) }
  .data.rel.ro :
  {
    *(.data.rel.ro.local* .gnu.linkonce.d.rel.ro.local.*)
    *(.data.rel.ro .data.rel.ro.* .gnu.linkonce.d.rel.ro.*)
  }
  .got : { *(.got.plt) *(.igot.plt) *(.got) *(.igot) }
  .data :
  {
    __data_start = .;
    *(.data .data.* .gnu.linkonce.d.*)
    SORT(CONSTRUCTORS)
  }
  .data1 : { *(.data1) }
  _edata = .;
  PROVIDE(edata = .);
  .persistent :
  {
    . = ALIGN(4);
    PROVIDE(__persistent_start = .);
    *(.persistent .persistent.* .gnu.linkonce.p.*)
    . = ALIGN(4);
    PROVIDE(__persistent_end = .);
  }
  . = .;
  __bss_start = .;
  __bss_start__ = .;
  .bss :
  {
    *(.dynbss)
    *(.bss .bss.* .gnu.linkonce.b.*)
    *(COMMON)
    . = ALIGN(. != 0 ? 4 : 1);
  }
  _bss_end__ = .;
  __bss_end__ = .;
  .noinit (NOLOAD) :
  {
    . = ALIGN(4);
    PROVIDE(__noinit_start = .);
    *(.noinit .noinit.* .gnu.linkonce.n.*)
    . = ALIGN(4);
    PROVIDE(__noinit_end = .);
  }
  . = ALIGN(4);
  . = SEGMENT_START("ldata-segment", .);
  . = ALIGN(4);
  __end__ = .;
  _end = .;
  PROVIDE(end = .);
  .stack 0x80000 :
  {
    _stack = .;
    *(.stack)
  }

  /* What describes the program and is not loaded. */
  .stab 0 : { *(.stab) }
  .stabstr 0 : { *(.stabstr) }
  .comment 0 : { *(.comment) }
  .gnu.build.attributes : { *(.gnu.build.attributes .gnu.build.attributes.*) }
  .debug_aranges 0 : { *(.debug_aranges) }
  .debug_pubnames 0 : { *(.debug_pubnames) }
  .debug_info 0 : { *(.debug_info .gnu.linkonce.wi.*) }
  .debug_abbrev 0 : { *(.debug_abbrev) }
  .debug_line 0 : { *(.debug_line .debug_line.* .debug_line_end) }
  .debug_frame 0 : { *(.debug_frame) }
  .debug_str 0 : { *(.debug_str) }
  .debug_loc 0 : { *(.debug_loc) }
  .debug_macinfo 0 : { *(.debug_macinfo) }
  .debug_pubtypes 0 : { *(.debug_pubtypes) }
  .debug_ranges 0 : { *(.debug_ranges) }
  .debug_addr 0 : { *(.debug_addr) }
  .debug_line_str 0 : { *(.debug_line_str) }
  .debug_loclists 0 : { *(.debug_loclists) }
  .debug_macro 0 : { *(.debug_macro) }
  .debug_names 0 : { *(.debug_names) }
  .debug_rnglists 0 : { *(.debug_rnglists) }
  .debug_str_offsets 0 : { *(.debug_str_offsets) }
  .debug_sup 0 : { *(.debug_sup) }
  .ARM.attributes 0 : { KEEP(*(.ARM.attributes)) KEEP(*(.gnu.attributes)) }
  .note.gnu.arm.ident 0 : { KEEP(*(.note.gnu.arm.ident)) }
  /DISCARD/ : { *(.note.GNU-stack) *(.gnu_debuglink) *(.gnu.lto_*) }
}
)script";
}

// What is not named keeps its name as well, and follows what is like it.
std::string_view default_relocatable_script() {
  return R"script(
SECTIONS
{
  .init 0 : { KEEP(*(SORT_NONE(.init))) }
  .text 0 : { *(.text .stub) }
  .fini 0 : { KEEP(*(SORT_NONE(.fini))) }
  .rodata 0 : { *(.rodata) }
  .ARM.extab 0 : { *(.ARM.extab) }
  .ARM.exidx 0 : { *(.ARM.exidx) }
  .eh_frame 0 : { KEEP(*(.eh_frame)) }
  .gcc_except_table 0 : { *(.gcc_except_table) }
  .tdata 0 : { *(.tdata) }
  .tbss 0 : { *(.tbss) }
  .jcr 0 : { KEEP(*(.jcr)) }
  .got 0 : { *(.got) }
  .data 0 : { *(.data) }
  .bss 0 : { *(.bss) *(COMMON) }
  .comment 0 : { *(.comment) }
  .debug_aranges 0 : { *(.debug_aranges) }
  .debug_pubnames 0 : { *(.debug_pubnames) }
  .debug_info 0 : { *(.debug_info) }
  .debug_abbrev 0 : { *(.debug_abbrev) }
  .debug_line 0 : { *(.debug_line) }
  .debug_frame 0 : { *(.debug_frame) }
  .debug_str 0 : { *(.debug_str) }
  .debug_loc 0 : { *(.debug_loc) }
  .debug_macinfo 0 : { *(.debug_macinfo) }
  .debug_pubtypes 0 : { *(.debug_pubtypes) }
  .debug_ranges 0 : { *(.debug_ranges) }
  .debug_addr 0 : { *(.debug_addr) }
  .debug_line_str 0 : { *(.debug_line_str) }
  .debug_loclists 0 : { *(.debug_loclists) }
  .debug_macro 0 : { *(.debug_macro) }
  .debug_names 0 : { *(.debug_names) }
  .debug_rnglists 0 : { *(.debug_rnglists) }
  .debug_str_offsets 0 : { *(.debug_str_offsets) }
  .debug_sup 0 : { *(.debug_sup) }
  .ARM.attributes 0 : { KEEP(*(.ARM.attributes)) }
}
)script";
}

}  // namespace fwseal
