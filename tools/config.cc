// The keys, and the options that say the same:
//
//     [board]
//     name = "microbit"                # --fwseal-board
//     [board.regions]                  # --fwseal-region
//     FLASH = "flash"
//     RAM = { kind = "ram", origin = 0x20000000, length = "16K" }
//     [prune]
//     gc = true                        # --gc-sections, --no-gc-sections
//     mode = "proven"                  # --fwseal-prune
//     fold = "proven"                  # --fwseal-fold
//     keep = ["SysTick_Handler"]       # --fwseal-keep
//     drop = ["debug_*"]               # --fwseal-drop
//     exit = "never"                   # --fwseal-exit
//     [prune.only_if]                  # --fwseal-only-if
//     "_GLOBAL__sub_I_shell" = ["shell_run"]
//     [ocaml]
//     backtraces = false               # --fwseal-ocaml-backtraces
//     keep_in_ram = ["camlFoo__12"]    # --fwseal-ocaml-keep-in-ram
//     [place]
//     flash = ["font_table"]           # --fwseal-place-flash
//     [image]
//     elf = "app.elf"                  # --fwseal-elf, and --fwseal-bin, --fwseal-hex
//     [budget]                         # --fwseal-budget
//     RAM = "90%"
//     flash_code = "200K"
//
// A key that is not known is an error: a misspelt budget would check nothing.
#include "tools/config.h"

#include <toml++/toml.h>
#include <array>
#include <optional>

#include "tools/number_text.h"

namespace fwseal {
namespace {

class ConfigReader {
 public:
  ConfigReader(const std::string& path, Options& options, Diag& diag)
      : path_(path), options_(options), diag_(diag) {}

  void read(const toml::table& root) {
    constexpr std::array<Entry, 6> kTables{{{"board", &ConfigReader::read_board},
                                            {"prune", &ConfigReader::read_prune},
                                            {"ocaml", &ConfigReader::read_ocaml},
                                            {"place", &ConfigReader::read_place},
                                            {"image", &ConfigReader::read_image},
                                            {"budget", &ConfigReader::read_budget}}};
    each(root, kTables, "");
  }

  void error(const toml::source_region& where, std::string_view what) {
    diag_.error({path_, {}, {}, 0, where.begin.line}, what);
  }

 private:
  struct Entry {
    std::string_view key;
    void (ConfigReader::*read)(std::string_view key, const toml::node& value);
  };

  // Hands each key of a table to its reader. `prefix` is the table's name and a dot.
  template <std::size_t N>
  void each(const toml::table& table, const std::array<Entry, N>& entries,
            std::string_view prefix) {
    for (const auto& [key, value] : table) {
      const std::string name = cat(prefix, key.str());
      const Entry* found = nullptr;
      for (const Entry& entry : entries)
        if (entry.key == key.str()) found = &entry;
      if (found)
        (this->*found->read)(name, value);
      else
        error(key.source(), cat("unknown key '", name, "'; expected ", expected(entries)));
    }
  }

  template <std::size_t N>
  static std::string expected(const std::array<Entry, N>& entries) {
    std::string names;
    for (const Entry& entry : entries) names += cat(names.empty() ? "" : ", ", entry.key);
    return names;
  }

  void wrong_type(std::string_view key, const toml::node& value, std::string_view expected_type) {
    std::ostringstream actual;
    actual << value.type();
    error(value.source(),
          cat("'", key, "' is of type ", actual.str(), ", expected ", expected_type));
  }

  // ---- Values, each reported if it has another type

  const toml::table* table(std::string_view key, const toml::node& value) {
    if (!value.is_table()) wrong_type(key, value, "a table");
    return value.as_table();
  }

  std::optional<std::string> text(std::string_view key, const toml::node& value) {
    if (const auto* const string = value.as_string()) return string->get();
    wrong_type(key, value, "a string");
    return {};
  }

  std::optional<bool> boolean(std::string_view key, const toml::node& value) {
    if (const auto* const boolean = value.as_boolean()) return boolean->get();
    wrong_type(key, value, "true or false");
    return {};
  }

  std::vector<NameRule> names(std::string_view key, const toml::node& value) {
    std::vector<NameRule> rules;
    const toml::array* const array = value.as_array();
    if (!array) {
      wrong_type(key, value, "an array of strings");
      return rules;
    }
    for (const toml::node& element : *array)
      if (auto pattern = text(key, element)) rules.push_back({*std::move(pattern), place(element)});
    return rules;
  }

  // A number, or text such as "256K".
  std::optional<u64> size(std::string_view key, const toml::node& value) {
    std::optional<u64> number;
    if (const auto* const integer = value.as_integer()) {
      if (integer->get() >= 0) number = static_cast<u64>(integer->get());
    } else if (const auto* const string = value.as_string()) {
      number = parse_size(string->get());
    } else {
      wrong_type(key, value, "a size such as 4096 or \"256K\"");
      return {};
    }
    if (!number) error(value.source(), cat("'", key, "' is no size such as 4096 or \"256K\""));
    return number;
  }

  SettingPlace place(const toml::node& value) const { return {path_, value.source().begin.line}; }

  // ---- [board]

  void read_board(std::string_view key, const toml::node& value) {
    constexpr std::array<Entry, 2> kKeys{
        {{"name", &ConfigReader::read_board_name}, {"regions", &ConfigReader::read_regions}}};
    if (const toml::table* const board = table(key, value)) each(*board, kKeys, "board.");
  }

  void read_board_name(std::string_view key, const toml::node& value) {
    if (auto name = text(key, value)) options_.board_name = *std::move(name);
  }

  void read_regions(std::string_view key, const toml::node& value) {
    const toml::table* const regions = table(key, value);
    if (!regions) return;
    for (const auto& [name, rule] : *regions) read_region(std::string(name.str()), rule);
  }

  void read_region(const std::string& name, const toml::node& value) {
    RegionRule rule;
    rule.name = name;
    rule.place = place(value);
    region_ = &rule;
    const std::string key = cat("board.regions.", name);
    constexpr std::array<Entry, 3> kKeys{{{"kind", &ConfigReader::read_region_kind},
                                          {"origin", &ConfigReader::read_region_origin},
                                          {"length", &ConfigReader::read_region_length}}};
    if (value.is_string())
      read_region_kind(key, value);
    else if (const toml::table* const keys = value.as_table())
      each(*keys, kKeys, key + ".");
    else
      wrong_type(key, value, "a kind, or a table of kind, origin and length");
    region_ = nullptr;
    set_region(options_, std::move(rule));
  }

  void read_region_kind(std::string_view key, const toml::node& value) {
    const std::optional<std::string> word = text(key, value);
    if (!word) return;
    region_->kind = parse_region_kind(*word);
    if (!region_->kind)
      error(value.source(),
            cat("'", key, "' is \"", *word, "\", expected flash, ram, iram or dram"));
  }

  void read_region_origin(std::string_view key, const toml::node& value) {
    region_->origin = size(key, value);
  }

  void read_region_length(std::string_view key, const toml::node& value) {
    region_->length = size(key, value);
  }

  // ---- [prune]

  void read_prune(std::string_view key, const toml::node& value) {
    constexpr std::array<Entry, 7> kKeys{{{"gc", &ConfigReader::read_gc},
                                          {"mode", &ConfigReader::read_mode},
                                          {"fold", &ConfigReader::read_fold},
                                          {"keep", &ConfigReader::read_keep},
                                          {"drop", &ConfigReader::read_drop},
                                          {"only_if", &ConfigReader::read_only_if},
                                          {"exit", &ConfigReader::read_exit}}};
    const toml::table* const prune = table(key, value);
    if (!prune) return;
    gc_.reset();
    mode_.reset();
    each(*prune, kKeys, "prune.");
    if (mode_) options_.prune = *mode_;
    if (!gc_) return;
    // What says yes to both is the mode; a contradiction has no good reading.
    if (mode_ && *gc_ != (*mode_ != Prune::kNone))
      error(value.source(), "'prune.gc' and 'prune.mode' contradict each other; leave out gc");
    else if (!*gc_)
      options_.prune = Prune::kNone;
    else if (options_.prune == Prune::kNone)
      options_.prune = Prune::kSections;
  }

  void read_gc(std::string_view key, const toml::node& value) { gc_ = boolean(key, value); }

  void read_mode(std::string_view key, const toml::node& value) {
    const std::optional<std::string> word = text(key, value);
    if (!word) return;
    mode_ = parse_prune(*word);
    if (!mode_)
      error(value.source(),
            cat("'", key, "' is \"", *word, "\", expected none, sections or proven"));
  }

  void read_fold(std::string_view key, const toml::node& value) {
    const std::optional<std::string> word = text(key, value);
    if (!word) return;
    const std::optional<FoldMode> mode = parse_fold(*word);
    if (!mode)
      return error(value.source(),
                   cat("'", key, "' is \"", *word, "\", expected none, proven or all"));
    options_.fold = *mode;
  }

  void read_keep(std::string_view key, const toml::node& value) {
    for (NameRule& rule : names(key, value)) options_.keep.push_back(std::move(rule));
  }

  void read_drop(std::string_view key, const toml::node& value) {
    for (NameRule& rule : names(key, value)) options_.drop.push_back(std::move(rule));
  }

  void read_only_if(std::string_view key, const toml::node& value) {
    const toml::table* const rules = table(key, value);
    if (!rules) return;
    for (const auto& [pattern, others] : *rules) {
      OnlyIfRule rule{{std::string(pattern.str()), place(others)},
                      names(cat(key, ".", pattern.str()), others)};
      if (!rule.any_of.empty())
        options_.only_if.push_back(std::move(rule));
      else if (others.is_array())
        error(others.source(), cat("'", key, ".", pattern.str(),
                                   "' is empty; what is never needed belongs into prune.drop"));
    }
  }

  void read_exit(std::string_view key, const toml::node& value) {
    const std::optional<std::string> word = text(key, value);
    if (!word) return;
    if (*word != "never" && *word != "may")
      return error(value.source(), cat("'", key, "' is \"", *word, "\", expected never or may"));
    options_.never_exits = *word == "never";
  }

  // ---- [ocaml]

  void read_ocaml(std::string_view key, const toml::node& value) {
    constexpr std::array<Entry, 2> kKeys{{{"backtraces", &ConfigReader::read_backtraces},
                                          {"keep_in_ram", &ConfigReader::read_ocaml_ram}}};
    if (const toml::table* const ocaml = table(key, value)) each(*ocaml, kKeys, "ocaml.");
  }

  void read_backtraces(std::string_view key, const toml::node& value) {
    if (const auto keeps = boolean(key, value)) options_.ocaml_backtraces = *keeps;
  }

  void read_ocaml_ram(std::string_view key, const toml::node& value) {
    for (NameRule& rule : names(key, value)) options_.ocaml_ram.push_back(std::move(rule));
  }

  // ---- [place]

  void read_place(std::string_view key, const toml::node& value) {
    constexpr std::array<Entry, 1> kKeys{{{"flash", &ConfigReader::read_flash}}};
    if (const toml::table* const place = table(key, value)) each(*place, kKeys, "place.");
  }

  void read_flash(std::string_view key, const toml::node& value) {
    for (NameRule& rule : names(key, value)) options_.flash.push_back(std::move(rule));
  }

  // ---- [image]

  void read_image(std::string_view key, const toml::node& value) {
    constexpr std::array<Entry, 3> kKeys{{{"elf", &ConfigReader::read_elf},
                                          {"bin", &ConfigReader::read_bin},
                                          {"hex", &ConfigReader::read_hex}}};
    if (const toml::table* const image = table(key, value)) each(*image, kKeys, "image.");
  }

  void read_elf(std::string_view key, const toml::node& value) {
    if (auto path = text(key, value)) options_.elf_path = *std::move(path);
  }
  void read_bin(std::string_view key, const toml::node& value) {
    if (auto path = text(key, value)) options_.bin_path = *std::move(path);
  }
  void read_hex(std::string_view key, const toml::node& value) {
    if (auto path = text(key, value)) options_.hex_path = *std::move(path);
  }

  // ---- [budget]

  void read_budget(std::string_view key, const toml::node& value) {
    const toml::table* const budget = table(key, value);
    if (!budget) return;
    for (const auto& [name, amount] : *budget) read_limit(std::string(name.str()), amount);
  }

  void read_limit(const std::string& name, const toml::node& value) {
    const std::string key = cat("budget.", name);
    if (const auto* const string = value.as_string()) {
      if (auto limit = parse_budget(name, string->get()))
        return set_budget(options_, *std::move(limit), place(value));
      return error(value.source(), cat("'", key, "' is \"", string->get(),
                                       "\", expected bytes such as \"256K\" or a part of a region "
                                       "such as \"90%\""));
    }
    BudgetLimit limit;
    limit.subject = budget_subject(name);
    limit.max_bytes = size(key, value);
    if (limit.max_bytes) set_budget(options_, std::move(limit), place(value));
  }

  const std::string& path_;
  Options& options_;
  Diag& diag_;
  // The table that is being read.
  RegionRule* region_ = nullptr;
  std::optional<bool> gc_;
  std::optional<Prune> mode_;
};

}  // namespace

void read_config(const std::string& path, std::string_view text, Options& options, Diag& diag) {
  ConfigReader reader(path, options, diag);
  try {
    const toml::table root = toml::parse(text, path);
    reader.read(root);
  } catch (const toml::parse_error& fault) {
    reader.error(fault.source(), fault.description());
  }
}

}  // namespace fwseal
