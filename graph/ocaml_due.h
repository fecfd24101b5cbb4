// Which functions of OCaml have to be followed, for the first time or again.
#pragma once

#include <vector>

#include "graph/ocaml_world.h"

namespace fwseal {

class OcamlDue {
 public:
  // All of them. Steps must know what they call.
  explicit OcamlDue(const OcamlWorld& world);

  bool any() const { return any_; }
  // Calls `follow` for those that are due, in the order of their numbers or against it. Others, or
  // the same ones, may become due meanwhile; those that were passed by are left for the next time.
  template <typename Follow>
  void take_turn(bool backwards, Follow follow) {
    any_ = false;
    const u32 count = static_cast<u32>(is_due_.size());
    for (u32 i = 0; i < count; i++) {
      const u32 number = backwards ? count - 1 - i : i;
      if (!is_due_[number]) continue;
      is_due_[number] = false;
      follow(number);
    }
  }

  void add(u32 function) {
    is_due_[function] = true;
    any_ = true;
  }
  void add_callers(u32 callee) {
    for (const u32 caller : callers_[callee]) add(caller);
  }
  void add_all() {
    is_due_.assign(is_due_.size(), true);
    any_ = true;
  }

 private:
  std::vector<std::vector<u32>> callers_;  // by function; those who name it in a call
  std::vector<bool> is_due_;
  bool any_ = true;
};

}  // namespace fwseal
