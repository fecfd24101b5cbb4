  .text
  .global _start
_start:
  .word .startof..text, .sizeof..text, .startof..data, .sizeof..data, .startof..bss, .sizeof..bss
  .word .startof.orphan, .sizeof.orphan
  .weak .startof.nowhere, .sizeof.nowhere
  .word .startof.nowhere, .sizeof.nowhere
  .section .text.defined, "a"
  .word .sizeof.own, .startof.own
  .section orphan, "aw"
  .byte 1, 2, 3
  .section gone, "a"
  .word .sizeof.gone
  .data
  .word 5
  .bss
  .space 12
