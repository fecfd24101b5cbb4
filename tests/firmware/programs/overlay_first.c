static const int table[2] = {100, 200};
int first(int x) { return table[x & 1] + 1; }
