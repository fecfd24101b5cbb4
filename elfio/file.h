// Input files, mapped read-only for as long as the link lasts.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

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
  // The path has these contents, whatever file there is. They must outlive the Files, and the path
  // must not have been mapped.
  void provide(std::string path, Bytes contents);
  // The paths that were mapped or provided, in order.
  const std::vector<std::string>& paths() const { return paths_; }

 private:
  struct Mapped {
    Bytes contents;
    void* start = nullptr;  // of a mapping of ours, as long as the contents
  };
  std::unordered_map<std::string, Mapped> mapped_;  // by path
  std::vector<std::string> paths_;
};

}  // namespace fwseal
