# Makes the table of size_table.sh from its rows: firmware, bars, then flash and RAM of each linker.
# Ends with 1 if a bar is missed.
function grouped(n) {
  return n < 1000 ? n : grouped(int(n / 1000)) sprintf(",%03d", n % 1000)
}
function known(n) { return n ~ /^[0-9]+$/ }
function cell(k) {
  if (!known(flash[k])) return "(" flash[k] ")"
  return grouped(flash[k]) (ram[k] > 0 ? " + " grouped(ram[k]) : "")
}
function share(k) { return sprintf("%.2f %%", 100 * flash[k] / flash["gnu"]) }
function miss(text) { missed[++misses] = $1 ": " text }

# Nothing of ours is larger than another's, as far as that one links at all.
function at_most(own, other) {
  if (!known(flash[own])) return miss(names[own] " does not link or boot")
  if (!known(flash[other])) return
  if (flash[own] + 0 > flash[other] + 0)
    miss(names[own] " takes " flash[own] " bytes of flash, " names[other] " " flash[other])
  if (ram[own] + 0 > ram[other] + 0)
    miss(names[own] " takes " ram[own] " bytes of RAM, " names[other] " " ram[other])
}

function bar(k, percent) {
  if (known(flash[k]) && 100 * flash[k] > percent * flash["gnu"])
    miss(names[k] " takes " share(k) " of GNU ld's flash, the bar is " percent " %")
}

# The row of a library without sections, `whole`, stands before that of the same one rebuilt.
function rebuilt() {
  if (whole != "" && whole_flash > 1.01 * flash["gnu"])
    miss("without sections it takes " whole_flash ", the bar is 1 % more than " flash["gnu"])
  whole = $2 == "rebuilt" ? $1 : ""
  whole_flash = flash[best]
}

BEGIN {
  names["gnu"] = "GNU ld"
  names["lld"] = "lld `--icf=all`"
  names["gc"] = "`--gc-sections`"
  names["proven"] = "proven"
  names["folded"] = "proven, `fold=all`"
  count = split(linkers, kinds, " ")
  best = kinds[count]
  head = "| bytes of flash + RAM"
  for (i = 1; i <= count; i++) head = head " | " names[kinds[i]]
  print head " | of GNU ld |"
  gsub(/[^|]+/, "---", head)
  print head "|---|"
}

{
  row = "| " $1
  for (i = 1; i <= count; i++) {
    flash[kinds[i]] = $(1 + 2 * i)
    ram[kinds[i]] = $(2 + 2 * i)
    row = row " | " cell(kinds[i])
  }
  ours = flash[best] == "compares" ? "proven" : best
  comparable = known(flash[ours]) && known(flash["gnu"])
  print row " | " (comparable ? share(ours) : "") " |"

  if (!known(flash["gnu"])) miss("GNU ld does not link or boot it")
  at_most("gc", "gnu")
  at_most("proven", "gnu")
  at_most(ours, "lld")
  rebuilt()
  if ($2 != "" && $2 != "rebuilt") {
    split($2, bars, " ")
    bar("proven", bars[1])
    if (2 in bars && best == "folded") bar("folded", bars[2])
  }
}

END {
  print ""
  print misses ? "Bars that are missed:" : "Every bar is met."
  if (misses) print ""
  for (i = 1; i <= misses; i++) print "- " missed[i]
  exit misses > 0
}
