#include "tools/response_file.h"

#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "elfio/bytes.h"

namespace fwseal {
namespace {

using Words = std::vector<std::string>;

TEST(ResponseFile, SplitsAsGnuDoes) {
  const std::pair<std::string_view, Words> cases[] = {
      {"", {}},
      {" \t\n\r\v\f", {}},
      {"a simple  line\n", {"a", "simple", "line"}},
      {"'a b' \"c d\"", {"a b", "c d"}},
      {"a'b c'd", {"ab cd"}},
      {"'say \"x\"' \"it's\"", {"say \"x\"", "it's"}},
      {"a\\ b \\'c \\\\d", {"a b", "'c", "\\d"}},
      {"'a\\'b' \"a\\\"b\"", {"a'b", "a\"b"}},  // also between single quotes
      {"'' \"\"", {"", ""}},
      {"'never closed", {"never closed"}},
      {"end\\", {"end"}},
  };
  for (const auto& [text, words] : cases) EXPECT_EQ(split_arguments(text), words) << text;
}

class ResponseFileExpansion : public testing::Test {
 protected:
  Words expand(const Words& words) {
    const ReadText read = [this](const std::string& path) -> std::optional<std::string> {
      reads_++;
      if (path == "directory") throw BadInput("is a directory");
      const auto file = files_.find(path);
      if (file == files_.end()) return {};
      return file->second;
    };
    return expand_response_files(words, read, diag_);
  }

  std::map<std::string, std::string> files_;
  std::ostringstream messages_;
  Diag diag_{messages_};
  u32 reads_ = 0;
};

TEST_F(ResponseFileExpansion, ReplacesInPlaceAndNests) {
  files_ = {{"outer", "b @inner\ne"}, {"inner", "c 'd @x'"}, {"empty", "\n"}};
  EXPECT_EQ(expand({"a", "@outer", "@empty", "f"}), (Words{"a", "b", "c", "d @x", "e", "f"}));
  EXPECT_EQ(messages_.str(), "");
}

TEST_F(ResponseFileExpansion, KeepsWhatIsNoFile) {
  EXPECT_EQ(expand({"@nothing", "@"}), (Words{"@nothing", "@"}));
  EXPECT_EQ(diag_.errors(), 0);
}

TEST_F(ResponseFileExpansion, MayNameTheSameFileTwice) {
  files_ = {{"f", "x"}};
  EXPECT_EQ(expand({"@f", "@f"}), (Words{"x", "x"}));
  EXPECT_EQ(diag_.errors(), 0);
}

TEST_F(ResponseFileExpansion, RefusesAFileThatNamesItself) {
  files_ = {{"a", "@b"}, {"b", "x @a"}};
  expand({"@a"});
  EXPECT_EQ(messages_.str(), "fwseal: error: a: response file names itself\n");
}

TEST_F(ResponseFileExpansion, StopsAfterTooManyFiles) {
  std::string many;
  for (u32 i = 0; i < 3000; i++) many += "@leaf ";
  files_ = {{"many", many}, {"leaf", "x"}};
  expand({"@many"});
  EXPECT_EQ(messages_.str(), "fwseal: error: leaf: more than 2000 response files\n");
  EXPECT_EQ(reads_, 2000u);
}

TEST_F(ResponseFileExpansion, ReportsWhatCannotBeRead) {
  expand({"@directory"});
  EXPECT_EQ(messages_.str(), "fwseal: error: directory: is a directory\n");
}

}  // namespace
}  // namespace fwseal
