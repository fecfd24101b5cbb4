// GNU's rules, which gcc's own response files rely on (libiberty manual, "expandargv",
// "buildargv"; tried with ld 2.40): blanks separate arguments; '...' and "..." hold blanks
// together; a backslash takes the next character as it is, also between quotes of either kind; a
// quote that is never closed ends with the file.
#include "tools/response_file.h"

#include <algorithm>

#include "elfio/bytes.h"

namespace fwseal {
namespace {

// libiberty's limit. A file that names itself is found earlier, unless it does so by another path.
constexpr u32 kMaxResponseFiles = 2000;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\v' || c == '\f' || c == '\r';
}

// Takes one argument from `text`, which begins with no blank.
std::string take_argument(std::string_view& text) {
  std::string argument;
  char quote = 0;
  u64 i = 0;
  for (; i < text.size(); i++) {
    const char c = text[i];
    if (c == '\\') {
      if (++i < text.size()) argument += text[i];
    } else if (quote != 0) {
      if (c == quote)
        quote = 0;
      else
        argument += c;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (is_blank(c)) {
      break;
    } else {
      argument += c;
    }
  }
  text.remove_prefix(std::min<u64>(i, text.size()));
  return argument;
}

class Expander {
 public:
  Expander(const ReadText& read_text, Diag& diag) : read_text_(read_text), diag_(diag) {}

  void expand(const std::vector<std::string>& arguments) {
    for (const std::string& argument : arguments)
      if (!argument.starts_with('@') || !expand_file(argument.substr(1)))
        expanded_.push_back(argument);
  }
  std::vector<std::string> take() { return std::move(expanded_); }

 private:
  // False if there is no such file.
  bool expand_file(const std::string& path) {
    if (failed_) return true;
    if (std::find(open_.begin(), open_.end(), path) != open_.end())
      return fail(path, "response file names itself");
    if (++files_ > kMaxResponseFiles)
      return fail(path, cat("more than ", kMaxResponseFiles, " response files"));
    const std::optional<std::string> text = read(path);
    if (!text) return false;
    open_.push_back(path);
    expand(split_arguments(*text));
    open_.pop_back();
    return true;
  }

  std::optional<std::string> read(const std::string& path) {
    try {
      return read_text_(path);
    } catch (const BadInput& fault) {
      fail(path, fault.what());
      return std::string();
    }
  }

  bool fail(const std::string& path, std::string_view what) {
    failed_ = true;
    diag_.error({path, {}, {}, 0, 0}, what);
    return true;
  }

  const ReadText& read_text_;
  Diag& diag_;
  std::vector<std::string> expanded_;
  std::vector<std::string> open_;
  u32 files_ = 0;
  bool failed_ = false;
};

}  // namespace

std::vector<std::string> split_arguments(std::string_view text) {
  std::vector<std::string> arguments;
  for (;;) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    if (text.empty()) return arguments;
    arguments.push_back(take_argument(text));
  }
}

std::vector<std::string> expand_response_files(const std::vector<std::string>& arguments,
                                               const ReadText& read_text, Diag& diag) {
  Expander expander(read_text, diag);
  expander.expand(arguments);
  return expander.take();
}

}  // namespace fwseal
