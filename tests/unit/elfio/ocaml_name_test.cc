#include "elfio/ocaml_name.h"

#include <gtest/gtest.h>

#include "elfio/types.h"

namespace fwseal {
namespace {

// Symbols of OCaml 4.13's standard library and of Lwt, as ocamlopt for Arm makes them.
TEST(OcamlName, Functions) {
  EXPECT_EQ(ocaml_name("camlStdlib__List__map_236"), "Stdlib.List.map");
  EXPECT_EQ(ocaml_name("camlStdlib__open_in_290"), "Stdlib.open_in");
  EXPECT_EQ(ocaml_name("camlLwt_stream__fun_1707"), "Lwt_stream.fun_1707");
  EXPECT_EQ(ocaml_name("camlStdlib__Ephemeron___obj_opt_1018"), "Stdlib.Ephemeron._obj_opt");
  EXPECT_EQ(ocaml_name("camlX__is__in_7"), "X.is__in");
  EXPECT_EQ(ocaml_name("camlX__x_1_234"), "X.x_1");
}

TEST(OcamlName, OtherCharactersThanLetters) {
  EXPECT_EQ(ocaml_name("camlStdlib__$5e_139"), "Stdlib.(^)");
  EXPECT_EQ(ocaml_name("camlLwt__$3d$3c$3c_2454"), "Lwt.(=<<)");
  EXPECT_EQ(ocaml_name("camlX__let$2a_12"), "X.(let*)");
  EXPECT_EQ(ocaml_name("camlLwt_list__f$27_194"), "Lwt_list.f'");
  EXPECT_EQ(ocaml_name("camlX$27__f_1"), "X'.f");
}

TEST(OcamlName, WhatAUnitHasOnce) {
  EXPECT_EQ(ocaml_name("camlStdlib__List"), "Stdlib.List");
  EXPECT_EQ(ocaml_name("camlStdlib__List__entry"), "Stdlib.List (entry)");
  EXPECT_EQ(ocaml_name("camlFw__gc_roots"), "Fw (gc_roots)");
  EXPECT_EQ(ocaml_name("camlFw__frametable"), "Fw (frametable)");
  EXPECT_EQ(ocaml_name("camlFw__12"), "Fw (data 12)");
  EXPECT_EQ(ocaml_name("camlFw__entry_12"), "Fw.entry");  // a function of that name
}

// Nothing in the name tells a functor from a unit whose name ends in a number.
TEST(OcamlName, ANumberBehindACapitalStays) {
  EXPECT_EQ(ocaml_name("camlStdlib__Map__Make_1146"), "Stdlib.Map.Make_1146");
  EXPECT_EQ(ocaml_name("camlMigrate__Ast_402"), "Migrate.Ast_402");
}

TEST(OcamlName, UnitsOfDune) {
  EXPECT_EQ(ocaml_name("camlDune__exe__Main__loop_12"), "Dune__exe.Main.loop");
  EXPECT_EQ(ocaml_name("camlDune__exe__Main__entry"), "Dune__exe.Main (entry)");
  EXPECT_EQ(ocaml_name("camlDune__exe"), "Dune__exe");
  EXPECT_EQ(ocaml_name("camlMylib____entry"), "Mylib__ (entry)");
  EXPECT_EQ(ocaml_name("camlMylib__"), "Mylib__");
}

TEST(OcamlName, NamesOfOthersAreNone) {
  for (const char* name : {"caml_c_call", "caml_startup__code_begin", "caml_exn_Not_found", "caml",
                           "camlp4", "main", "", "_Z3addii", "Stdlib.List.map",
                           // not by OCaml's rules
                           "camlX__$5", "camlX__$zz_1", "camlX__$0a_1", "camlX__$+1_1",
                           "camlX__f-1", "camlX__f.part.0", "camlX__12ab", "camlX y", "camlX@@V"})
    EXPECT_EQ(ocaml_name(name), "") << name;
}

TEST(OcamlName, AnyEndOfANameIsReadInBounds) {
  const std::string_view name = "camlStdlib__List__$3d$27entry__f_12__gc_roots";
  for (u64 size = 0; size <= name.size(); size++)
    EXPECT_LE(ocaml_name(std::string(name.substr(0, size))).size(), size + 8);
}

}  // namespace
}  // namespace fwseal
