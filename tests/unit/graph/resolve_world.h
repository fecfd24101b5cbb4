// Files in memory and a link of them, for the tests of how names are resolved.
#pragma once

#include <deque>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "graph/resolve.h"
#include "tests/unit/elf_builder.h"

namespace fwseal {

// Files in memory, and one link of them. In what an object holds, "+f" is a definition of f, "?f" a
// weak one, "-f" a reference, "~f" a weak reference, "=f" a common symbol.
class World {
 public:
  ResolveOptions options;
  Inputs inputs;
  Symbols symbols;

  void add(const std::string& path, std::string contents) {
    inputs.files.provide(path, bytes_of(contents_.emplace_back(std::move(contents))));
  }
  void add_object(const std::string& path, const std::string& words) { add(path, object(words)); }

  static std::string object(const std::string& words) {
    ElfBuilder elf;
    const u32 text = elf.text(".text", 64);
    u32 offset = 0;
    for (const auto& [kind, name] : parsed(words)) {
      offset += 4;
      if (kind == '+') elf.define(name, text, {.value = offset, .size = 4});
      if (kind == '?') elf.define_weak(name, text, offset);
      if (kind == '-') elf.refer(name);
      if (kind == '~') elf.refer(name, STB_WEAK);
      if (kind == '=') elf.common(name, 4);
    }
    return elf.build();
  }

  // A member in an archive, with the index that `ar` would write.
  static MemberSpec member(const std::string& name, const std::string& words) {
    MemberSpec result{name, object(words), {}};
    for (const auto& [kind, symbol] : parsed(words))
      if (kind == '+' || kind == '?' || kind == '=') result.index.push_back(symbol);
    return result;
  }

  // Links what a command line would say: paths, -lNAME, "(", ")", "--whole" for the next one,
  // "-R" before a path.
  void link(const std::string& command) {
    std::istringstream words(command);
    InputFile file;
    for (std::string word; words >> word;) {
      if (word == "--whole") {
        file.whole_archive = true;
      } else if (word == "-R") {
        file.symbols_only = true;
      } else {
        add_input(file, word);
        file = {};
      }
    }
    symbols = resolve(files_, options, script_reader(), inputs, diag_);
  }

  std::string loaded() const {
    std::string result;
    for (const Object& object : inputs.objects)
      result += cat(result.empty() ? "" : " ", object.location().text());
    return result;
  }

  // What a name means: "a.o:(.text+0x4)", "undefined", "weak", "script", "= 5", or "-".
  std::string meaning(std::string_view name) const {
    const SymbolId id = symbols.find(name);
    if (id == kNoSymbol) return "-";
    const Symbol& symbol = symbols[id];
    switch (symbol.state) {
      case SymbolState::kUnseen:
        return "-";
      case SymbolState::kUndefined:
        return symbol.binding == STB_WEAK ? "weak" : "undefined";
      case SymbolState::kDefined:
        return inputs.location(symbol.section, symbol.value).text();
      case SymbolState::kAbsolute:
        return cat("= ", symbol.value);
      case SymbolState::kCommon:
        return "common";
      case SymbolState::kScript:
        return "script";
    }
    return "";
  }

  std::string said() const { return out_.str(); }

  const Symbol& operator[](std::string_view name) const { return symbols[symbols.find(name)]; }

 private:
  static std::vector<std::pair<char, std::string>> parsed(const std::string& text) {
    std::vector<std::pair<char, std::string>> result;
    std::istringstream words(text);
    for (std::string word; words >> word;) result.emplace_back(word[0], word.substr(1));
    return result;
  }

  void add_input(InputFile file, const std::string& word) {
    file.name = word;
    if (word == "(") file.kind = InputFile::Kind::kGroupStart;
    if (word == ")") file.kind = InputFile::Kind::kGroupEnd;
    if (word.starts_with("--defsym=")) {
      file.kind = InputFile::Kind::kDefine;
      file.name = word.substr(9);
      options.script_defined.push_back(file.name);
    } else if (word.starts_with("--provide=")) {
      file.kind = InputFile::Kind::kProvide;
      file.name = word.substr(10);
      options.script_provided.push_back(file.name);
    } else if (word.starts_with("-l")) {
      file.kind = InputFile::Kind::kLibrary;
      file.name = word.substr(2);
    }
    files_.push_back(file);
  }

  // A script is a list of inputs.
  static ReadInputScript script_reader() {
    return [](std::string_view, Bytes text, Diag&) {
      World names;
      std::istringstream words{std::string(text.text())};
      for (std::string word; words >> word;) names.add_input({}, word);
      return names.files_;
    };
  }

  std::deque<std::string> contents_;
  std::vector<InputFile> files_;
  std::ostringstream out_;
  Diag diag_{out_};
};

}  // namespace fwseal
