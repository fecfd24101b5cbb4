#include "tests/unit/tools/hostile.h"

#include <gtest/gtest.h>

#include <chrono>
#include <sstream>

#include "elfio/bytes.h"
#include "tests/unit/elf_builder.h"
#include "tools/exit_status.h"
#include "tools/seal.h"

namespace fwseal {

InputFile file_named(const std::string& name) {
  InputFile file;
  file.name = name;
  return file;
}

Options options_for(const Named& files) {
  Options options;
  options.output = "/dev/null";
  for (const auto& [name, contents] : files) {
    if (name.ends_with(".o") || name.ends_with(".a"))
      options.inputs.push_back(file_named(name));
    else if (name == "script.ld")
      options.scripts.push_back({ScriptSource::Kind::kFile, name, 0});
  }
  return options;
}

Outcome link(const Named& files, const Options& options) {
  std::ostringstream messages;
  Diag diag(messages);
  Outcome outcome;
  const auto start = std::chrono::steady_clock::now();
  try {
    Inputs inputs;
    for (const auto& [name, contents] : files) inputs.files.provide(name, bytes_of(contents));
    seal(options, inputs, diag);
    outcome.image = true;
    EXPECT_EQ(diag.errors(), 0) << messages.str();
  } catch (const Stopped&) {
    EXPECT_NE(diag.errors(), 0);
  } catch (const std::exception& fault) {
    ADD_FAILURE() << "not said where: " << fault.what();
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  outcome.messages = messages.str();
  return outcome;
}

Outcome link(const Named& files) { return link(files, options_for(files)); }

void link_both_ways(const Named& files) {
  Options options = options_for(files);
  link(files, options);
  options.prune = Prune::kSections;
  options.map_path = "/dev/null";
  options.cref = false;
  options.format = OutputFormat::kIhex;
  options.build_id.style = BuildId::Style::kSha1;
  options.unresolved = Unresolved::kIgnore;
  link(files, options);
}

}  // namespace fwseal
