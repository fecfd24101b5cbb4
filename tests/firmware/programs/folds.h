// Functions and constants that look alike. In two files, so that no compiler folds them.
#pragma once

typedef int (*Step)(int);

#define DECLARE(part)                          \
  int called_##part(int x);                    \
  int called_through_##part(int x);            \
  int taken_##part(int x);                     \
  int even_##part(unsigned x);                 \
  int odd_##part(unsigned x);                  \
  int leads_to_##part(int x);                  \
  const int* addend_##part(int x);             \
  const char* text_##part(int x);              \
  int sum_of_pool_##part(int x);               \
  extern const int named_##part[4];            \
  Step own_step_##part(void);                  \
  Step step_of_others_##part(void);

#ifdef __cplusplus
extern "C" {
#endif
DECLARE(one)
DECLARE(two)
extern const int shared_table[8];
int leaf_one(int x);
int leaf_two(int x);
int in_ram_one(int x);
int in_ram_two(int x);
extern Step shared_step;
#ifdef __cplusplus
}
#endif
