// What the files of cuts.c share.
#pragma once

#include <stdint.h>

// cuts_more.c
typedef int (*Step)(int);
extern const Step steps[4];
extern uint8_t anchored_first[6];
int jump_dense(int x);
int jump_sparse(int x);
int jump_far(int x);
int jump_labels(const uint8_t* program);
int through_tail_calls(int x);
int sum_of(int count, ...);
int leaves_by_longjmp(int x);
int reads_before(int x);
int strong_name(int x);
int weak_name(int x);
int other_name(int x);
int in_own_section(int x);
int in_ram(int x);
extern int alias_of_middle[2];

// cuts_font.c
extern const uint8_t* narrow_font;  // indexed from 32

// cuts_code.S
int code_adr(int x);
int code_falls(int x);
int code_table(int x);
int code_shared_literal(int x);
int code_word_before(void);
int code_back(int x);
int code_relative(int x);

// cuts_before.S
int code_behind_adr(int x);
