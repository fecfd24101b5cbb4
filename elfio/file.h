// Input files, mapped read-only for as long as the link lasts.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "elfio/bytes.h"

namespace fwseal {

// The files of one link. A path is mapped once, however often it is named; views stay valid as long
// as the Files live.
class Files {
 public:
  Files() = default;
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;
  ~Files();

  // The bytes of a regular file. Throws BadInput with the system's reason if it cannot be read,
  // or is no regular file.
  Bytes map(const std::string& path);
  // The same, or nothing if no such file exists.
  std::optional<Bytes> map_if_exists(const std::string& path);

 private:
  struct Mapped {
    std::string path;
    void* start = nullptr;
    u64 size = 0;
  };
  std::deque<Mapped> mapped_;
};

}  // namespace fwseal
