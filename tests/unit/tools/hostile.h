// Links of files that are only in memory, for tests of broken input.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "tools/options.h"

namespace fwseal {

using Named = std::map<std::string, std::string>;  // files: path and contents

struct Outcome {
  bool image = false;
  std::string messages;

  bool says(std::string_view text) const { return messages.find(text) != std::string::npos; }
};

InputFile file_named(const std::string& name);

// Links the files *.o and *.a, with script.ld if there is one. Fails the test if the link ends in
// neither an image nor messages, or takes long.
Options options_for(const Named& files);
Outcome link(const Named& files, const Options& options);
Outcome link(const Named& files);
// Once as it is, once with all that is optional.
void link_both_ways(const Named& files);

}  // namespace fwseal
