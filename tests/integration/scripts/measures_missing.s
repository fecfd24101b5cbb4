  .text
  .global _start
_start:
  .word .sizeof.discarded
  .section discarded, "a"
  .word 1
