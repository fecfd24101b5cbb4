// Shared by far.c and far_away.c. A function's number is the bits that it sets in its argument.
#pragma once

#define APART __attribute__((noinline, noclone))

int near_1(int x);
int near_2(int x);
int away_4(int x);
int away_8(int x);
int away_tail(int x);
int away_conditional(int x);
int away_again(int x);
