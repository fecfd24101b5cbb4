#include "flashmap/seal.h"

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string_view>

#include "flashmap/load.h"

namespace fwseal {

namespace {

// SHA-256 of libcrypto, fed piece by piece. It fails only when libcrypto has no SHA-256 or no
// memory, which is no fault of the input.
class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new()) {
    require(context_ != nullptr && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
  }

  void add(const void* data, u64 size) {
    require(EVP_DigestUpdate(context_.get(), data, size) == 1);
  }
  void add(u64 value) {
    std::array<unsigned char, 8> bytes;
    for (u64 i = 0; i < bytes.size(); i++) bytes[i] = static_cast<unsigned char>(value >> (8 * i));
    add(bytes.data(), bytes.size());
  }

  std::string finish() {
    std::array<unsigned char, 32> digest;
    require(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1);
    std::string text;
    for (const unsigned char byte : digest) {
      text += "0123456789abcdef"[byte >> 4];
      text += "0123456789abcdef"[byte & 15];
    }
    return text;
  }

 private:
  static void require(bool done) {
    if (!done) throw std::runtime_error("libcrypto cannot compute a SHA-256 digest");
  }

  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

// How many runs from `first` on touch their predecessor, `first` included.
u64 joined(const std::vector<LoadRun>& runs, u64 first) {
  u64 next = first + 1;
  while (next < runs.size() && runs[next].lma == runs[next - 1].end()) next++;
  return next - first;
}

}  // namespace

std::string seal_digest(const Layout& layout, const Image& image) {
  constexpr std::string_view kHead = "fwseal seal 1\n";
  Sha256 digest;
  digest.add(kHead.data(), kHead.size());
  const std::vector<LoadRun> runs = load_runs(layout, image);
  for (u64 first = 0, count = 0; first < runs.size(); first += count) {
    count = joined(runs, first);
    digest.add(runs[first].lma);
    digest.add(runs[first + count - 1].end() - runs[first].lma);
    for (u64 i = first; i < first + count; i++)
      digest.add(runs[i].bytes.data(), runs[i].bytes.size());
  }
  return digest.finish();
}

}  // namespace fwseal
