#include "elfio/demangle.h"

#include <gtest/gtest.h>

namespace fwseal {
namespace {

std::string demangled(std::string_view symbol) { return Demangler().name(symbol); }

TEST(Demangler, ShowsNamesAsPeopleWriteThem) {
  EXPECT_EQ(demangled("_Z3addii"), "add(int, int)");
  EXPECT_EQ(demangled("_ZN4core5TimerC1Ev"), "core::Timer::Timer()");
  EXPECT_EQ(demangled("_ZTV5Timer"), "vtable for Timer");
  EXPECT_EQ(demangled("_ZNSt6vectorIiSaIiEE9push_backERKi"),
            "std::vector<int, std::allocator<int> >::push_back(int const&)");
  EXPECT_EQ(demangled("_Z3addii.part.0"), "add(int, int) [clone .part.0]");
  EXPECT_EQ(demangled("_GLOBAL__I_main"), "global constructors keyed to main");
}

TEST(Demangler, LeavesOtherNamesAlone) {
  for (const char* name : {"", "main", "i", "Z", "_Z", "_Zzz", "_GLOBAL_OFFSET_TABLE_",
                           "_GLOBAL__sub_I_main", "...", "@", ".text", "$d", "_ZN4core"})
    EXPECT_EQ(demangled(name), name);
  EXPECT_EQ(Demangler(false).name("_Z3addii"), "_Z3addii");
}

// binutils 2.40, bfd_demangle.
TEST(Demangler, KeepsWhatStandsAroundTheName) {
  EXPECT_EQ(demangled("._Z1fv"), ".f()");
  EXPECT_EQ(demangled("$.$_Z1fv@@VERSION"), "$.$f()@@VERSION");
  EXPECT_EQ(demangled("_Z1fv@plt"), "f()@plt");
}

// f(A, P<A, A>, P<B, B>, ...), each time of the type before.
std::string doubling(u64 times) {
  constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  std::string name = "_Z1f1A1PIS_S_E";
  for (u64 i = 0; i < times; i++) {
    const std::string type = cat("S", std::string(1, kDigits[i + 1]), "_");
    name += cat("S0_I", type, type, "E");
  }
  return name;
}

TEST(Demangler, MakesNoTextThatIsExponentiallyLongerThanTheName) {
  EXPECT_EQ(demangled(doubling(1)), "f(A, P<A, A>, P<P<A, A>, P<A, A> >)");
  for (u64 times = 0; times < 30; times++) EXPECT_LE(demangled(doubling(times)).size(), 1u << 20);
  EXPECT_EQ(demangled(doubling(29)), doubling(29));
}

TEST(Demangler, LeavesVeryLongNamesAlone) {
  const std::string fits = cat("_Z1000", std::string(1000, 'f'), "v");
  EXPECT_EQ(demangled(fits), cat(std::string(1000, 'f'), "()"));
  for (const u64 size : {2000u, 1u << 20}) {
    const std::string name = cat("_Z", size, std::string(size, 'S'), "v");
    EXPECT_EQ(demangled(name), name);
  }
}

TEST(Demangler, StopsWhenItHasMadeEnough) {
  Demangler demangler;
  const std::string name = doubling(5);
  const u64 size = demangler.name(name).size();
  ASSERT_GT(size, name.size());
  u64 calls = 1;
  while (demangler.name(name) != name) calls++;
  EXPECT_EQ(calls, Demangler::kMostTogether / size + 1);
}

}  // namespace
}  // namespace fwseal
