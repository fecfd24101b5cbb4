// Shared by symbols.c, symbols_more.c and the members of the archive.
#pragma once

struct Item {
  const char* name;
  int value;
};
#define ITEM(word, number) \
  const struct Item item_##word __attribute__((used, section("registry"))) = {#word, number}

int overridden(void);
int weak_in_both(void);
int through_alias(int);
int from_archive(int);
int* more_common(void);
int (*more_hidden(void))(void);
int more_wrapped_calls(void);
