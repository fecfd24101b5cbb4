// Links of files that are only in memory, for tests of broken input.
#pragma once

#include <elf.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tools/options.h"

namespace fwseal {

constexpr u32 kCode = SHF_ALLOC | SHF_EXECINSTR;

using Named = std::map<std::string, std::string>;  // files: path and contents

struct Outcome {
  bool image = false;
  std::string messages;

  bool says(std::string_view text) const { return messages.find(text) != std::string::npos; }
};

InputFile file_named(const std::string& name);

// Links the files *.o and *.a, with script.ld if there is one. Fails the test if the link ends in
// neither an image nor messages. If it takes long, then so does the test, which has a time limit.
Options options_for(const Named& files);
Outcome link(const Named& files, const Options& options);
Outcome link(const Named& files);
// Once as it is, once with all that is optional.
void link_both_ways(const Named& files);

// What a link that makes an image says, and its map. `name`: of the file for that.
std::string map_of(const Named& files, Options options, const std::string& name);

std::string word(u32 value);
std::string good_object();    // with a bit of everything; needs `helper`
std::string helper_object();  // defines it
std::string good_archive();   // holds helper_object()
std::vector<Elf32_Shdr> headers_of(const std::string& object);

}  // namespace fwseal
