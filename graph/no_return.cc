// A compiler puts nothing behind a call of such a function that the call could return to; what
// stands there is somebody else's code, often a landing pad.
#include "graph/no_return.h"

#include <algorithm>
#include <array>

namespace fwseal {
namespace {

// C11 7.22.4 and 7.13.2.1; C++17 [except.terminate]; POSIX.1-2017 `_exit`; Itanium C++ ABI,
// "Exception Handling", "Cast Runtime", "Pure virtual"; EHABI32 2023Q3, "__cxa_end_cleanup" and
// "_Unwind_Resume"; newlib's <assert.h>; GCC manual, -fstack-protector. Sorted.
constexpr std::array<std::string_view, 22> kNames{
    "_Exit",
    "_Unwind_Resume",
    "_ZSt10unexpectedv",
    "_ZSt9terminatev",
    "__assert",
    "__assert_func",
    "__cxa_bad_cast",
    "__cxa_bad_typeid",
    "__cxa_call_terminate",
    "__cxa_call_unexpected",
    "__cxa_deleted_virtual",
    "__cxa_end_cleanup",
    "__cxa_pure_virtual",
    "__cxa_rethrow",
    "__cxa_throw",
    "__cxa_throw_bad_array_length",
    "__cxa_throw_bad_array_new_length",
    "__stack_chk_fail",
    "_exit",
    "abort",
    "exit",
    "longjmp",
};
static_assert(std::ranges::is_sorted(kNames));

// std::__throw_length_error and its like, all [[noreturn]] in libstdc++'s <bits/functexcept.h>:
// _ZSt, the length of the name, the name.
bool is_throw_helper(std::string_view symbol) {
  constexpr std::string_view kPrefix = "_ZSt";
  if (!symbol.starts_with(kPrefix)) return false;
  symbol.remove_prefix(kPrefix.size());
  const auto digits = symbol.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string_view::npos) return false;
  return symbol.substr(digits).starts_with("__throw_");
}

}  // namespace

bool never_returns(std::string_view symbol) {
  return std::ranges::binary_search(kNames, symbol) || is_throw_helper(symbol);
}

}  // namespace fwseal
