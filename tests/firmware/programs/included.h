#pragma once

// An object that everybody can see whether it was constructed or destroyed.
class Counted {
 public:
  explicit Counted(int add);
  ~Counted();

 private:
  int added_;
};

int& counted();
