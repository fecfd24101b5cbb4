cmake_minimum_required(VERSION 3.25)

# Fails when a file uses what Clang 14, which the preset `fuzz` is for, cannot compile with the
# library of GCC 12: algorithms that return std::ranges::subrange.
set(returning_subrange
    "std::ranges::(unique|equal_range|remove|remove_if|partition|stable_partition|rotate|search|search_n|find_end)\\(")

foreach(folder elfio graph prune sections flashmap report tools tests/fuzz)
  file(GLOB files "${ROOT}/${folder}/*.h" "${ROOT}/${folder}/*.cc")
  foreach(file IN LISTS files)
    file(STRINGS "${file}" found REGEX "${returning_subrange}")
    foreach(line IN LISTS found)
      message(SEND_ERROR "${file}: Clang 14 cannot compile ${line}")
    endforeach()
  endforeach()
endforeach()
