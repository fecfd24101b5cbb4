// The bytes go to a temporary file in the same directory, which then takes the name of the output:
// rename(2) is atomic, so a reader sees the old file or the new one. On a failure the temporary is
// removed. A killed run cannot do that, so each run first removes what earlier ones left behind:
// temporaries of the same output whose lock nobody holds any more.
#include "sections/output_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace fwseal {
namespace {

// NAME_MAX is 255 on the usual file systems; what we add to the name takes part of it.
constexpr u64 kLongestBase = 200;
constexpr int kAttempts = 100;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }

  bool valid() const { return fd_ >= 0; }
  int get() const { return fd_; }
  bool close() {
    const int fd = fd_;
    fd_ = -1;
    return ::close(fd) == 0;
  }

 private:
  int fd_;
};

std::string directory_of(const std::string& path) {
  const auto slash = path.find_last_of('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

// What the temporaries of this output begin with: directory, then name.
std::string temporary_name_start(const std::string& path) {
  const auto slash = path.find_last_of('/');
  const std::string base = path.substr(slash == std::string::npos ? 0 : slash + 1);
  return "." + base.substr(0, kLongestBase) + ".fwseal-tmp.";
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// Some file systems say only when a descriptor is closed that there was no room (NFS, quotas). A
// second one is closed, since closing the first would give up the lock.
bool flush(int fd) {
  Descriptor second(::dup(fd));
  return second.valid() && second.close();
}

// Nobody holds the lock of a temporary whose writer is gone.
void remove_if_stale(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (file.valid() && ::flock(file.get(), LOCK_EX | LOCK_NB) == 0) ::unlink(path.c_str());
}

void remove_stale_temporaries(const std::string& path) {
  const std::string directory = directory_of(path);
  const std::string start = temporary_name_start(path);
  DIR* const entries = ::opendir(directory.c_str());
  if (entries == nullptr) return;
  while (const dirent* const entry = ::readdir(entries))
    if (std::string_view(entry->d_name).starts_with(start))
      remove_if_stale(directory + "/" + entry->d_name);
  ::closedir(entries);
}

// A new file, locked. Its name is ours as long as the lock is, so another run that cleans up here
// leaves it alone; one that did so between our two calls took the name away, then we try another.
Descriptor create_temporary(const std::string& path, FileMode mode, std::string& name) {
  const mode_t bits = mode == FileMode::kExecutable ? 0777 : 0666;  // less the umask
  for (int attempt = 0; attempt < kAttempts; attempt++) {
    name = cat(directory_of(path), "/", temporary_name_start(path), ::getpid(), ".", attempt);
    Descriptor file(::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, bits));
    if (!file.valid() && errno == EEXIST) continue;
    if (!file.valid()) return file;
    struct stat status = {};
    // A file system without locks is no reason to fail: it only keeps what a killed run leaves.
    const bool locked = ::flock(file.get(), LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
    if (locked && ::fstat(file.get(), &status) == 0 && status.st_nlink != 0) return file;
  }
  errno = EEXIST;
  return Descriptor(-1);
}

// /dev/stdout may lead to a regular file, but the name is not to be replaced.
bool is_written_in_place(const std::string& path) {
  struct stat status = {};
  if (path.starts_with("/dev/")) return true;
  return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
}

bool fail(const std::string& path, int error, Diag& diag) {
  diag.error({.file = path, .member = {}, .section = {}, .offset = 0, .line = 0},
             cat("cannot write: ", std::strerror(error)));
  return false;
}

bool write_in_place(const std::string& path, std::string_view bytes, Diag& diag) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.valid() || !write_all(file.get(), bytes) || !file.close())
    return fail(path, errno, diag);
  return true;
}

}  // namespace

bool write_output_file(const std::string& path, std::string_view bytes, FileMode mode, Diag& diag) {
  if (is_written_in_place(path)) return write_in_place(path, bytes, diag);
  remove_stale_temporaries(path);
  std::string temporary;
  Descriptor file = create_temporary(path, mode, temporary);
  if (!file.valid()) return fail(path, errno, diag);
  // Renamed while the lock is held, for a temporary without one may be removed by another run.
  if (!write_all(file.get(), bytes) || !flush(file.get()) ||
      ::rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    return fail(path, error, diag);
  }
  return true;
}

}  // namespace fwseal
