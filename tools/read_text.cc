#include "tools/read_text.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "elfio/bytes.h"

namespace fwseal {
namespace {

// A pipe may be named, and one that never ends must not fill the memory.
constexpr u64 kMaxBytes = u64{1} << 28;

}  // namespace

std::optional<std::string> read_text_file(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) throw BadInput("is a directory");
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             &std::fclose);
  if (!file && (errno == ENOENT || errno == ENOTDIR)) return {};
  if (!file) throw BadInput(std::strerror(errno));
  std::string text;
  char buffer[1 << 16];
  while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, file.get())) {
    text.append(buffer, count);
    if (text.size() > kMaxBytes) throw BadInput(cat("is longer than ", kMaxBytes, " bytes"));
  }
  if (std::ferror(file.get())) throw BadInput("cannot be read");
  return text;
}

}  // namespace fwseal
