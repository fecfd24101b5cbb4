# Makes the table of ocaml_table.sh from its rows: program, mode, then flash, RAM, descriptors,
# functions, their bytes, and units. Ends with 1 if a bar is missed.
#
# The bars are what an experiment outside of any linker took away of the kit's programs (its README,
# "The ladder"). It counted four functions of the runtime's arm.S, 442 bytes, which are not counted
# here: only those of OCaml units and of the start-up object.
function grouped(n) {
  return n < 1000 ? n : grouped(int(n / 1000)) sprintf(",%03d", n % 1000)
}
function bar(what, n, most) {
  if (n + 0 <= most) return
  missed[++misses] = $1 ", " names[$2] ": " grouped(n) " " what ", the bar is " grouped(most)
}

BEGIN {
  names["gnu"] = "GNU ld"
  names["gc"] = "`--gc-sections`"
  names["proven"] = "proven"
  names["quiet"] = "proven, no backtraces"
  print "| bytes | | RAM | flash | functions | their code | descriptors | units |"
  print "|---|---|---|---|---|---|---|---|"
}

NF < 8 {
  print "| " $1 " | " names[$2] " | (" $3 ") | | | | | |"
  missed[++misses] = $1 ", " names[$2] ": no image that works"
  next
}

{
  print "| " $1 " | " names[$2] " | " grouped($4) " | " grouped($3) " | " grouped($6) " | " \
    grouped($7) " | " grouped($5) " | " $8 " |"
}

# Static RAM once constants and tables are in flash; flash then, and without dead code
$1 == "fw" && $2 == "proven" { bar("bytes of RAM", $4, 34000) }
$1 == "fw" && $2 == "quiet" {
  bar("bytes of RAM", $4, 34000)
  bar("bytes of flash", $3, 530000)
}
$1 == "fw" && $2 ~ /proven|quiet/ {
  bar("functions", $6, 1739 - 4)
  bar("bytes of code", $7, 206984 - 442)
}
$1 == "fwall" && $2 ~ /proven|quiet/ {
  bar("functions", $6, 2694 - 4)
  bar("bytes of code", $7, 326950 - 442)
}

END {
  print ""
  print misses ? "Bars that are missed:" : "Every bar is met."
  if (misses) print ""
  for (i = 1; i <= misses; i++) print "- " missed[i]
  exit misses > 0
}
