// A word that begins with a dash is, in this order (GNU C library manual, "Parsing Long Options
// with getopt_long"; the ld manual, "Command-line Options"; tried with ld 2.40):
//
// 1. with two dashes: a long option, or an error;
// 2. with one dash and more than a letter behind it: a long option, if it is one, or the
//    abbreviation of exactly one; so `-Ttext=0` is --Ttext and `-Tt` is refused as ambiguous;
// 3. otherwise short options. GNU ld discourages groups (`-nx`), and refuses one in which a letter
//    behind the first takes an argument, because `-non-start` may be meant as --non-start.
//
// A long name matches exactly, or as an abbreviation: then of one row of the table only. Names that
// need two dashes are tried last. What stands behind `--` are inputs.
#include "tools/option_scanner.h"

#include <algorithm>
#include <cctype>

namespace fwseal {
namespace {

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

class Scanner {
 public:
  Scanner(const std::vector<std::string>& words, std::span<const LdOption> table, Diag& diag)
      : words_(words), table_(table), diag_(diag) {}

  std::vector<ScannedOption> scan() {
    bool only_inputs = false;
    while (next_ < words_.size()) {
      const std::string& word = words_[next_++];
      if (only_inputs || word.size() < 2 || word[0] != '-')
        found_.push_back({nullptr, {}, word});
      else if (word == "--")
        only_inputs = true;
      else
        scan_option(word);
    }
    return std::move(found_);
  }

 private:
  // The options that a long name may mean.
  struct Match {
    const LdOption* exact = nullptr;
    std::vector<const LdOption*> abbreviated;
    std::vector<std::string> candidates;  // their full names

    bool none() const { return exact == nullptr && abbreviated.empty(); }
  };

  void scan_option(const std::string& word) {
    // Solaris' -G is --shared; ours takes a number (the ld manual, "-G value").
    if (word == "-G" && (next_ == words_.size() || !is_digit((words_[next_] + ' ')[0])))
      return scan_option("--shared");
    // `-lm` is the library m, and never an abbreviation such as -librar.
    if (word.size() > 2 && word[1] == 'l' && word[0] == '-') return scan_letters(word);

    const bool two_dashes = word[1] == '-';
    if (!two_dashes && word.size() == 2 && find(word[1]) != nullptr) return scan_letters(word);
    const auto name = std::string_view(word).substr(two_dashes ? 2 : 1);
    const auto name_end = name.find('=');
    Match match = lookup(name.substr(0, name_end), false);
    if (two_dashes && match.none()) match = lookup(name.substr(0, name_end), true);
    if (!match.none()) return scan_long(word, match);
    if (!two_dashes && find(word[1]) != nullptr) return scan_letters(word);
    unrecognized(word);
  }

  Match lookup(std::string_view name, bool exactly_two_dashes) const {
    Match match;
    for (const LdOption& option : table_) {
      for_each_name(option.names, [&](std::string_view full) {
        if (full.starts_with("--") != exactly_two_dashes) return;
        if (exactly_two_dashes) full.remove_prefix(2);
        if (full == name) match.exact = &option;
        if (!full.starts_with(name)) return;
        match.candidates.push_back(cat("--", full));
        if (match.abbreviated.empty() || match.abbreviated.back() != &option)
          match.abbreviated.push_back(&option);
      });
    }
    return match;
  }

  void scan_long(const std::string& word, const Match& match) {
    if (match.exact == nullptr && match.abbreviated.size() > 1) return ambiguous(word, match);
    const LdOption& option = match.exact ? *match.exact : *match.abbreviated.front();
    const auto equals = word.find('=');
    ScannedOption scanned{&option, word.substr(0, equals), {}};
    if (equals != word.npos) {
      if (option.takes == Takes::kNothing)
        return diag_.error({}, cat("option '", scanned.spelled, "' takes no argument"));
      scanned.argument = word.substr(equals + 1);
    } else if (option.takes == Takes::kArgument && !take_word(scanned)) {
      return;
    }
    found_.push_back(std::move(scanned));
  }

  void scan_letters(const std::string& word) {
    for (u64 i = 1; i < word.size(); i++) {
      const LdOption* const option = find(word[i]);
      if (option == nullptr) return unrecognized(word);
      ScannedOption scanned{option, cat('-', word[i]), {}};
      if (option->takes == Takes::kArgument) {
        if (i > 1)
          return diag_.error({}, cat("option '", word, "' could be read in several ways; write -",
                                     word, " or separate the letters"));
        scanned.argument = word.substr(2);
        if (word.size() == 2 && !take_word(scanned)) return;
        found_.push_back(std::move(scanned));
        return;
      }
      if (i == 2) diag_.warning({}, cat("grouped short options are deprecated: '", word, "'"));
      found_.push_back(std::move(scanned));
    }
  }

  const LdOption* find(char letter) const {
    const auto row = std::find_if(table_.begin(), table_.end(),
                                  [&](const LdOption& o) { return o.letter == letter; });
    return letter == 0 || row == table_.end() ? nullptr : &*row;
  }

  bool take_word(ScannedOption& scanned) {
    if (next_ == words_.size()) {
      diag_.error({}, cat("option '", scanned.spelled, "' needs an argument"));
      return false;
    }
    scanned.argument = words_[next_++];
    return true;
  }

  void ambiguous(const std::string& word, const Match& match) {
    std::string names;
    for (const std::string& name : match.candidates) names += cat(names.empty() ? "" : ", ", name);
    diag_.error({}, cat("option '", word, "' is ambiguous: it could be ", names));
  }

  void unrecognized(const std::string& word) {
    diag_.error({}, cat("unrecognized option '", word, "'"));
  }

  const std::vector<std::string>& words_;
  std::span<const LdOption> table_;
  Diag& diag_;
  u64 next_ = 0;
  std::vector<ScannedOption> found_;
};

}  // namespace

std::vector<ScannedOption> scan_options(const std::vector<std::string>& arguments,
                                        std::span<const LdOption> table, Diag& diag) {
  return Scanner(arguments, table, diag).scan();
}

}  // namespace fwseal
