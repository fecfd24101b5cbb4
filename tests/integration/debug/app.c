// Functions of every kind, any of which may be dead. Each has lines and variables of its own, also
// in nested scopes and in what is inlined.
extern volatile int out;
void stop(int code) __attribute__((noreturn));

static inline __attribute__((always_inline)) int twice(int x) {
  int y = x + x;
  out = y;
  return y;
}

int loops(int count) {
  int sum = 0;
  for (int i = 0; i < count; i++) {
    int square = twice(i) * i;
    sum += square;
    out = sum;
  }
  return sum;
}

int branches(int a, int b) {
  if (a > b) {
    int difference = a - b;
    out = difference;
    return twice(difference);
  }
  {
    int product = a * b;
    out = product;
    while (product > 9) {
      int rest = product % 3;
      product -= rest + 1;
      out = twice(product);
    }
    return product;
  }
}

// The address behind its last call is its end.
void ends_in_call(int code) {
  out = code;
  stop(twice(code));
}

int small(void) { return 7; }

int switches(int what) {
  switch (what) {
    case 0: out = 9; return 3;
    case 1: out = 8; break;
    case 2: out = twice(what); return 11;
    case 3: out = 5; break;
    case 4: return small();
  }
  return out;
}

static __attribute__((noinline)) int local(int x) {
  int kept = x;
  out = kept + 1;
  return kept - out;
}

int calls(int x) {
  int first = local(x);
  int second = local(first);
  return first + second;
}

int long_one(int x) {
  for (int i = 0; i < 3; i++) {
    out = x + 0x12345678;
    out = x - 0x12344321;
    out = x * 0x1bcd;
    x ^= out;
    for (int j = i; j < 9; j++) out = twice(j) + out * 5;
  }
  return x;
}

int last(int x) {
  out = x;
  return x / 3;
}
