// Command lines, parsed without files and with what is said about them.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tools/ld_options.h"

namespace fwseal {

using Words = std::vector<std::string>;

struct Parsed : LdCommandLine {
  std::string messages;
};

using Parse = LdCommandLine (*)(const Words&, const ReadText&, Diag&);

inline Parsed parse_with(Parse parse, const Words& words,
                         const std::map<std::string, std::string>& files = {}) {
  std::ostringstream out;
  Diag diag(out);
  const ReadText read = [&](const std::string& path) -> std::optional<std::string> {
    const auto file = files.find(path);
    if (file == files.end()) return {};
    return file->second;
  };
  Parsed parsed{parse(words, read, diag), {}};
  parsed.messages = out.str();
  return parsed;
}

inline Parsed parse(const Words& words, const std::map<std::string, std::string>& files = {}) {
  return parse_with(parse_ld_command_line, words, files);
}

// Options of a good command line that links a.o.
inline Options options(Words words, const std::map<std::string, std::string>& files = {}) {
  words.push_back("a.o");
  const Parsed parsed = parse(words, files);
  EXPECT_EQ(parsed.messages, "") << words.front();
  EXPECT_TRUE(parsed.link) << words.front();
  return parsed.options;
}

inline std::string messages(Words words) {
  words.push_back("a.o");
  return parse(words).messages;
}

// "a.o -lc* ( ) r:b.o": libraries with -l, whole archives with *, symbols only r:, binary b:.
inline std::string inputs_text(const Options& from) {
  std::string text;
  for (const InputFile& input : from.inputs) {
    if (!text.empty()) text += ' ';
    if (input.kind == InputFile::Kind::kGroupStart) text += '(';
    if (input.kind == InputFile::Kind::kGroupEnd) text += ')';
    if (input.kind == InputFile::Kind::kLibrary) text += "-l";
    if (input.symbols_only) text += "r:";
    if (input.binary) text += "b:";
    text += input.name;
    if (input.whole_archive) text += '*';
  }
  return text;
}

inline void expect_80_columns(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
}

}  // namespace fwseal
