// Mapped input files.
#include "elfio/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstring>
#include <utility>

namespace fwseal {
namespace {

// Closes the file, whichever way the function is left.
struct Descriptor {
  int number = -1;

  explicit Descriptor(int fd) : number(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number >= 0) close(number);
  }
};

[[noreturn]] void fail() { throw BadInput(std::strerror(errno)); }

}  // namespace

Files::~Files() {
  for (const auto& [path, mapped] : mapped_)
    if (mapped.start != nullptr) munmap(mapped.start, mapped.contents.size());
}

Bytes Files::map(const std::string& path) {
  if (const std::optional<Bytes> bytes = map_if_exists(path)) return *bytes;
  errno = ENOENT;
  fail();
}

std::optional<Bytes> Files::map_if_exists(const std::string& path) {
  if (const auto known = mapped_.find(path); known != mapped_.end()) return known->second.contents;
  // O_NONBLOCK: opening a named pipe must not wait for somebody to write to it.
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.number < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    fail();
  }
  struct stat status;
  if (fstat(file.number, &status) != 0) fail();
  if (!S_ISREG(status.st_mode)) throw BadInput("is not a regular file");
  Mapped mapped;
  const u64 size = static_cast<u64>(status.st_size);
  if (size != 0) {  // an empty mapping is an error
    void* const start = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number, 0);
    if (start == MAP_FAILED) fail();
    mapped.start = start;
    mapped.contents = Bytes({static_cast<const std::byte*>(start), size});
  }
  mapped_.emplace(path, mapped);
  paths_.push_back(path);
  return mapped.contents;
}

void Files::provide(std::string path, Bytes contents) {
  paths_.push_back(path);
  const bool added = mapped_.emplace(std::move(path), Mapped{contents, nullptr}).second;
  assert(added && "views of what was mapped are in use");
}

}  // namespace fwseal
