#include "connectors/log/compression.h"

#include <lz4frame.h>
#include <snappy.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <cstring>
#include <memory>

namespace kappa::log {
namespace {

constexpr std::string_view kNames[] = {"none", "gzip", "snappy", "lz4", "zstd"};

Inflated DecompressLz4(std::string_view input, char* out, size_t capacity, size_t* produced) {
  LZ4F_dctx* raw = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&raw, LZ4F_VERSION))) return Inflated::kCorrupt;
  const std::unique_ptr<LZ4F_dctx, size_t (*)(LZ4F_dctx*)> context(raw, &LZ4F_freeDecompressionContext);
  *produced = 0;
  while (true) {
    size_t room = capacity - *produced;
    size_t taken = input.size();
    const size_t hint = LZ4F_decompress(context.get(), out + *produced, &room, input.data(), &taken, nullptr);
    if (LZ4F_isError(hint)) return Inflated::kCorrupt;
    *produced += room;
    input.remove_prefix(taken);
    if (hint == 0) return Inflated::kDone;
    if (taken == 0 && room == 0) return *produced == capacity ? Inflated::kTooSmall : Inflated::kCorrupt;
  }
}

Inflated DecompressZstd(std::string_view input, char* out, size_t capacity, size_t* produced) {
  const size_t result = ZSTD_decompress(out, capacity, input.data(), input.size());
  if (ZSTD_isError(result)) return ZSTD_getErrorCode(result) == ZSTD_error_dstSize_tooSmall ? Inflated::kTooSmall : Inflated::kCorrupt;
  *produced = result;
  return Inflated::kDone;
}

Inflated DecompressGzip(std::string_view input, char* out, size_t capacity, size_t* produced) {
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) return Inflated::kCorrupt;  // 16: gzip's wrapping
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(out);
  stream.avail_out = static_cast<uInt>(capacity);
  const int result = inflate(&stream, Z_FINISH);
  *produced = stream.total_out;
  const bool full = stream.avail_out == 0;
  inflateEnd(&stream);
  if (result == Z_STREAM_END) return Inflated::kDone;
  return full && (result == Z_OK || result == Z_BUF_ERROR) ? Inflated::kTooSmall : Inflated::kCorrupt;
}

Inflated DecompressSnappyBlock(std::string_view input, char* out, size_t capacity, size_t* produced) {
  size_t size = 0;
  if (!snappy::GetUncompressedLength(input.data(), input.size(), &size)) return Inflated::kCorrupt;
  if (size > capacity) return Inflated::kTooSmall;
  if (!snappy::RawUncompress(input.data(), input.size(), out)) return Inflated::kCorrupt;
  *produced = size;
  return Inflated::kDone;
}

// The Java client frames its blocks: 8 bytes of magic, two versions, then (big-endian length, block)*.
Inflated DecompressSnappy(std::string_view input, char* out, size_t capacity, size_t* produced) {
  constexpr std::string_view kMagic("\x82SNAPPY\0", 8);
  if (input.substr(0, 8) != kMagic || input.size() < 16) return DecompressSnappyBlock(input, out, capacity, produced);
  *produced = 0;
  for (input.remove_prefix(16); !input.empty();) {
    if (input.size() < 4) return Inflated::kCorrupt;
    uint32_t big_endian;
    std::memcpy(&big_endian, input.data(), 4);
    const uint32_t length = __builtin_bswap32(big_endian);
    input.remove_prefix(4);
    if (length > input.size()) return Inflated::kCorrupt;
    size_t size = 0;
    const Inflated block = DecompressSnappyBlock(input.substr(0, length), out + *produced, capacity - *produced, &size);
    if (block != Inflated::kDone) return block;
    *produced += size;
    input.remove_prefix(length);
  }
  return Inflated::kDone;
}

Status CompressGzip(std::string_view input, std::string* out) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)  // 16: gzip's wrapping
    return SqlError(sqlstate::kInternalError) << "zlib cannot be set up";
  const size_t before = out->size(), bound = deflateBound(&stream, static_cast<uLong>(input.size()));
  out->resize(before + bound);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(out->data() + before);
  stream.avail_out = static_cast<uInt>(bound);
  const int result = deflate(&stream, Z_FINISH);
  out->resize(before + stream.total_out);
  deflateEnd(&stream);
  return result == Z_STREAM_END ? OkStatus() : Status(SqlError(sqlstate::kInternalError) << "gzip: zlib answers " << result);
}

}  // namespace

std::string_view CompressionName(Compression compression) {
  const auto index = static_cast<size_t>(compression);
  return index < std::size(kNames) ? kNames[index] : "unknown";
}

StatusOr<Compression> CompressionNamed(std::string_view name) {
  for (size_t i = 0; i < std::size(kNames); ++i) {
    if (kNames[i] == name) return static_cast<Compression>(i);
  }
  return SqlError(sqlstate::kInvalidParameterValue) << "compression \"" << name << "\" is not known" << Hint("one of none, gzip, snappy, lz4, zstd");
}

Status Compress(Compression compression, std::string_view input, std::string* out) {
  const size_t before = out->size();
  if (compression == Compression::kNone) {
    out->append(input);
    return OkStatus();
  }
  if (compression == Compression::kLz4) {
    LZ4F_preferences_t preferences{};
    preferences.frameInfo.blockMode = LZ4F_blockIndependent;  // as Kafka's clients expect
    preferences.frameInfo.contentSize = 0;
    const size_t bound = LZ4F_compressFrameBound(input.size(), &preferences);
    out->resize(before + bound);
    const size_t size = LZ4F_compressFrame(out->data() + before, bound, input.data(), input.size(), &preferences);
    if (LZ4F_isError(size)) return SqlError(sqlstate::kInternalError) << "lz4: " << LZ4F_getErrorName(size);
    out->resize(before + size);
    return OkStatus();
  }
  if (compression == Compression::kZstd) {
    const size_t bound = ZSTD_compressBound(input.size());
    out->resize(before + bound);
    const size_t size = ZSTD_compress(out->data() + before, bound, input.data(), input.size(), 3);
    if (ZSTD_isError(size)) return SqlError(sqlstate::kInternalError) << "zstd: " << ZSTD_getErrorName(size);
    out->resize(before + size);
    return OkStatus();
  }
  if (compression == Compression::kSnappy) {  // one block, as librdkafka writes it; Java's frames are read too
    const size_t bound = snappy::MaxCompressedLength(input.size());
    out->resize(before + bound);
    size_t size = bound;
    snappy::RawCompress(input.data(), input.size(), out->data() + before, &size);
    out->resize(before + size);
    return OkStatus();
  }
  if (compression == Compression::kGzip) return CompressGzip(input, out);
  return SqlError(sqlstate::kInternalError) << "there is no compression " << static_cast<int>(compression);
}

Inflated Decompress(Compression compression, std::string_view input, char* out, size_t capacity, size_t* produced) {
  switch (compression) {
    case Compression::kNone:
      if (input.size() > capacity) return Inflated::kTooSmall;
      std::memcpy(out, input.data(), input.size());
      *produced = input.size();
      return Inflated::kDone;
    case Compression::kGzip:
      return DecompressGzip(input, out, capacity, produced);
    case Compression::kSnappy:
      return DecompressSnappy(input, out, capacity, produced);
    case Compression::kLz4:
      return DecompressLz4(input, out, capacity, produced);
    case Compression::kZstd:
      return DecompressZstd(input, out, capacity, produced);
  }
  return Inflated::kCorrupt;
}

}  // namespace kappa::log
