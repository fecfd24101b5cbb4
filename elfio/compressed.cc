// Compressed sections.
//
// The size of the result stands before the data, so memory for it is taken before a byte of them is
// looked at. A hostile file would declare much: what is declared is therefore held against what the
// data can possibly give, and against the budget of the object that the section is part of.
#include "elfio/compressed.h"

#include <elf.h>
#include <zlib.h>

#include <limits>
#include <new>
#include <stdexcept>

namespace fwseal {
namespace {

// zlib, "Technical Details", "Maximum Compression Factor": 1032 bytes from one, plus a header.
constexpr u64 kMaxFactor = 1032;

// Frees what zlib allocated, whichever way the function is left.
struct Inflater {
  z_stream stream{};

  explicit Inflater(int window_bits = MAX_WBITS) {
    if (inflateInit2(&stream, window_bits) != Z_OK) throw BadInput("no memory to decompress");
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream); }
};

void check_declared_size(u64 declared, Bytes data, u64 budget) {
  constexpr u64 kMaxPiece = std::numeric_limits<uInt>::max();  // of one call to zlib
  if (data.size() > kMaxPiece || declared > kMaxPiece || declared / kMaxFactor > data.size())
    throw BadInput(cat("declares ", declared, " bytes, which ", data.size(),
                       " bytes of zlib data cannot hold"));
  if (declared > budget)
    throw BadInput(cat("declares ", declared, " bytes, more than the ", budget,
                       " that the compressed sections of an object of this size may have"));
}

std::string inflate_exactly(u64 declared, Bytes data, u64 budget) {
  check_declared_size(declared, data, budget);
  std::string result(declared, '\0');
  Inflater inflater;
  // zlib takes a pointer to mutable bytes for historical reasons; it does not write to them.
  inflater.stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(data.data()));
  inflater.stream.avail_in = static_cast<uInt>(data.size());
  inflater.stream.next_out = reinterpret_cast<Bytef*>(result.data());
  inflater.stream.avail_out = static_cast<uInt>(declared);
  if (inflate(&inflater.stream, Z_FINISH) != Z_STREAM_END || inflater.stream.avail_out != 0)
    throw BadInput(cat("zlib data do not give the ", declared, " bytes that are declared"));
  return result;
}

}  // namespace

Uncompressed uncompress_section(Bytes contents, u64 budget) {
  if (contents.size() < sizeof(Elf32_Chdr)) throw BadInput("has no compression header");
  const u32 method = contents.le<u32>(offsetof(Elf32_Chdr, ch_type));
  if (method == 2) throw BadInput("is compressed with zstd; compile with -gz=zlib or -gz=none");
  if (method != ELFCOMPRESS_ZLIB) throw BadInput(cat("has unknown compression method ", method));
  const u64 declared = contents.le<u32>(offsetof(Elf32_Chdr, ch_size));
  const Bytes data = contents.sub(sizeof(Elf32_Chdr), contents.size() - sizeof(Elf32_Chdr));
  return {inflate_exactly(declared, data, budget),
          contents.le<u32>(offsetof(Elf32_Chdr, ch_addralign))};
}

bool is_zdebug(std::string_view name, Bytes contents) {
  return name.starts_with(".zdebug_") && contents.text().starts_with("ZLIB");
}

std::string uncompress_zdebug(Bytes contents, u64 budget) {
  constexpr u64 kHeader = 12;  // "ZLIB", then the size as 8 bytes, the most significant first
  if (contents.size() < kHeader) throw BadInput("has no compression header");
  u64 declared = 0;
  for (u64 i = 4; i < kHeader; i++) declared = declared << 8 | contents.le<u8>(i);
  return inflate_exactly(declared, contents.sub(kHeader, contents.size() - kHeader), budget);
}

namespace {

constexpr int kGzip = 16;  // zlib manual, "deflateInit2": added to the window for a gzip header

}  // namespace

std::string gunzip(Bytes file, u64 limit) {
  constexpr u64 kStep = u64{1} << 20;
  if (file.size() > std::numeric_limits<uInt>::max()) throw BadInput("is too long to decompress");
  Inflater inflater(MAX_WBITS + kGzip);
  inflater.stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(file.data()));
  inflater.stream.avail_in = static_cast<uInt>(file.size());
  std::string result;
  for (;;) {
    const u64 done = result.size();
    if (done > limit) throw BadInput(cat("holds more than ", limit, " bytes"));
    result.resize(done + kStep);
    inflater.stream.next_out = reinterpret_cast<Bytef*>(result.data() + done);
    inflater.stream.avail_out = static_cast<uInt>(kStep);
    const int status = inflate(&inflater.stream, Z_NO_FLUSH);
    result.resize(result.size() - inflater.stream.avail_out);
    if (status == Z_STREAM_END) break;
    if (status != Z_OK) throw BadInput("is a damaged or incomplete gzip file");
  }
  if (result.size() > limit) throw BadInput(cat("holds more than ", limit, " bytes"));
  if (inflater.stream.avail_in != 0) throw BadInput("has bytes behind its gzip data");
  return result;
}

std::string gzip(std::string_view bytes) {
  if (bytes.size() > std::numeric_limits<uInt>::max() / 2)  // of one call to zlib
    throw std::runtime_error("a file of more than 2 GiB is not compressed");
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + kGzip, MAX_MEM_LEVEL,
                   Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
  std::string result(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(result.data());
  stream.avail_out = static_cast<uInt>(result.size());
  const int status = deflate(&stream, Z_FINISH);
  result.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) throw std::runtime_error("zlib cannot compress the record");
  return result;
}

}  // namespace fwseal
