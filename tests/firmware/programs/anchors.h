// What anchors.c calls of anchors_tables.c.
#pragma once

#include <setjmp.h>
#include <stdint.h>

typedef struct {
  const uint8_t* begin;
  const uint8_t* end;
} View;

// Of anchors.c, which anchors_tables.c hands pointers on to.
int sum_between(const uint8_t* begin, const uint8_t* end);
int sum_backwards(const uint8_t* end, int count);
int sum_from_1(const int* before, int count);

int font_row(int letter, int row);
int upper_half(unsigned index);
int end_pointer(void);
int backwards(void);
int first_bytes(int count);
int every_third(void);
int value_of_key(int key);
int by_bits(unsigned word);
uint64_t wide(unsigned index);
int in_row(unsigned row, unsigned column);
int handed_on(void);
int handed_on_backwards(void);
int counted_from_1(void);
const uint8_t* second_half(void);
void view_of(int which, View* view);
int chosen(int which);
int switched(int which, int index);
int from_local_table(unsigned which, unsigned index);
int in_lockstep(int count);
int count_up(int by);
int remember(int value);
int remembered(int index);
int over_setjmp(int value);
int search(int low, int high, int key);
int shared_end(void);
int many_spilled(int count);
