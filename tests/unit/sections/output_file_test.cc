// The one subject here is files, so this test uses some, in a directory of its own.
#include "sections/output_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace fwseal {
namespace {

namespace fs = std::filesystem;

class OutputFile : public testing::Test {
 protected:
  OutputFile() {
    std::string name = (fs::temp_directory_path() / "fwseal-test-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
  }
  ~OutputFile() override {
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
  }

  std::string path(std::string_view name) const { return (directory_ / name).string(); }
  bool write(const std::string& to, std::string_view bytes, FileMode mode = FileMode::kData) {
    Diag diag(said_);
    const bool done = write_output_file(to, bytes, mode, diag);
    EXPECT_EQ(diag.errors(), done ? 0 : 1);
    return done;
  }
  static std::string read(const std::string& from) {
    std::ifstream in(from, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  u64 file_count() const {
    return static_cast<u64>(std::distance(fs::directory_iterator(directory_), {}));
  }
  static mode_t mode_of(const std::string& file) {
    struct stat status = {};
    ::stat(file.c_str(), &status);
    return status.st_mode & 07777;
  }

  fs::path directory_;
  std::ostringstream said_;
};

TEST_F(OutputFile, ReplacesWhatWasThere) {
  EXPECT_TRUE(write(path("a.elf"), "old"));
  EXPECT_TRUE(write(path("a.elf"), std::string("new\0!", 5)));
  EXPECT_EQ(read(path("a.elf")), std::string("new\0!", 5));
  EXPECT_EQ(file_count(), 1u);
}

TEST_F(OutputFile, ModesObeyTheUmask) {
  const mode_t old = ::umask(027);
  write(path("a"), "", FileMode::kExecutable);
  write(path("b"), "");
  ::umask(old);
  EXPECT_EQ(mode_of(path("a")), 0750u);
  EXPECT_EQ(mode_of(path("b")), 0640u);
}

// A limit on the size of files stands for a full disk: the write stops half-way.
TEST_F(OutputFile, AFailureLeavesTheOldFileAndNothingElse) {
  EXPECT_TRUE(write(path("a"), "old"));
  rlimit before = {};
  ::getrlimit(RLIMIT_FSIZE, &before);
  rlimit tight = before;
  tight.rlim_cur = 1000;
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &tight);
  const bool done = write(path("a"), std::string(5000, 'x'));
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_FALSE(done);
  EXPECT_EQ(said_.str(), "fwseal: error: " + path("a") + ": cannot write: File too large\n");
  EXPECT_EQ(read(path("a")), "old");
  EXPECT_EQ(file_count(), 1u);
}

TEST_F(OutputFile, NoDirectory) {
  EXPECT_FALSE(write(path("absent/a"), "x"));
  EXPECT_NE(said_.str().find("No such file or directory"), std::string::npos);
}

TEST_F(OutputFile, ADirectoryIsNotReplaced) {
  fs::create_directory(path("d"));
  EXPECT_FALSE(write(path("d"), "x"));
  EXPECT_NE(said_.str().find("Is a directory"), std::string::npos);
  EXPECT_TRUE(fs::is_directory(path("d")));
}

TEST_F(OutputFile, WhatIsNotAFileIsWrittenInPlace) {
  EXPECT_TRUE(write("/dev/null", "x"));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  fs::create_symlink("/dev/null", path("null"));
  EXPECT_TRUE(write(path("null"), "x"));
  EXPECT_TRUE(fs::is_symlink(path("null")));
}

TEST_F(OutputFile, ALinkToAFileIsReplaced) {
  write(path("target"), "old");
  fs::create_symlink("target", path("link"));
  EXPECT_TRUE(write(path("link"), "new"));
  EXPECT_EQ(read(path("target")), "old");
  EXPECT_FALSE(fs::is_symlink(path("link")));
}

TEST_F(OutputFile, LeftoversOfKilledRunsAreRemoved) {
  std::ofstream(path(".a.fwseal-tmp.12345.0")) << "half";
  std::ofstream(path(".other.fwseal-tmp.12345.0")) << "half";
  EXPECT_TRUE(write(path("a"), "x"));
  EXPECT_FALSE(fs::exists(path(".a.fwseal-tmp.12345.0")));
  EXPECT_TRUE(fs::exists(path(".other.fwseal-tmp.12345.0")));
}

TEST_F(OutputFile, LongNames) {
  const std::string name(255, 'n');
  EXPECT_TRUE(write(path(name), "x"));
  EXPECT_EQ(read(path(name)), "x");
}

}  // namespace
}  // namespace fwseal
