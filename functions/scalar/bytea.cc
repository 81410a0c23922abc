// Bits and bytes of bytea, and digests.
#include <bit>
#include <cstdio>
#include <cstring>

#include "functions/digest.h"
#include "functions/function.h"
#include "functions/scalar/errors.h"
#include "functions/tables.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace bytea_functions {

int32_t BitLength(CallContext&, Bytea a) { return static_cast<int32_t>(a.size * 8); }
int64_t BitCount(CallContext&, Bytea a) {
  int64_t count = 0;
  for (uint32_t i = 0; i < a.size; ++i) count += std::popcount(static_cast<unsigned char>(a.data[i]));
  return count;
}

KAPPA_COLD bool FailIndex(CallContext& c, int64_t index, int64_t size) {
  char message[96];
  std::snprintf(message, sizeof message, "index %lld out of valid range, 0..%lld", static_cast<long long>(index), static_cast<long long>(size - 1));
  return c.Fail(sqlstate::kArraySubscriptError, message);
}

bool GetByte(CallContext& c, Bytea a, int32_t n, int32_t* out) {
  if (KAPPA_UNLIKELY(n < 0 || n >= static_cast<int64_t>(a.size))) return FailIndex(c, n, a.size);
  *out = static_cast<unsigned char>(a.data[n]);
  return true;
}
bool GetBit(CallContext& c, Bytea a, int64_t n, int32_t* out) {
  if (KAPPA_UNLIKELY(n < 0 || n >= int64_t{a.size} * 8)) return FailIndex(c, n, int64_t{a.size} * 8);
  *out = (static_cast<unsigned char>(a.data[n / 8]) >> (n % 8)) & 1;
  return true;
}
char* Copy(CallContext& c, const Bytea& a) {
  char* bytes = c.Allocate(a.size);
  std::memcpy(bytes, a.data, a.size);
  return bytes;
}
bool SetByte(CallContext& c, Bytea a, int32_t n, int32_t value, Bytea* out) {
  if (KAPPA_UNLIKELY(n < 0 || n >= static_cast<int64_t>(a.size))) return FailIndex(c, n, a.size);
  char* bytes = Copy(c, a);
  bytes[n] = static_cast<char>(value);
  *out = Bytea(bytes, a.size);
  return true;
}
bool SetBit(CallContext& c, Bytea a, int64_t n, int32_t value, Bytea* out) {
  if (KAPPA_UNLIKELY(n < 0 || n >= int64_t{a.size} * 8)) return FailIndex(c, n, int64_t{a.size} * 8);
  if (KAPPA_UNLIKELY(value != 0 && value != 1)) return c.Fail(sqlstate::kInvalidParameterValue, "new bit must be 0 or 1");
  char* bytes = Copy(c, a);
  const int mask = 1 << (n % 8);
  bytes[n / 8] = static_cast<char>(value != 0 ? bytes[n / 8] | mask : bytes[n / 8] & ~mask);
  *out = Bytea(bytes, a.size);
  return true;
}

KAPPA_COLD bool FailDigest(CallContext& c) {
  return c.Fail(sqlstate::kInternalError, "the digest is not available: the cryptographic library refuses it");
}

template <typename T>
bool Md5(CallContext& c, T a, Text* out) {
  unsigned char digest[kMaxDigestBytes];
  const size_t size = ComputeDigest(c, DigestKind::kMd5, a.view(), digest);
  if (KAPPA_UNLIKELY(size == 0)) return FailDigest(c);
  char* text = c.Allocate(2 + 2 * size);
  FormatBytea({reinterpret_cast<const char*>(digest), size}, text);
  *out = Text(text + 2, 2 * size);
  return true;
}
template <DigestKind kKind>
bool Sha(CallContext& c, Bytea a, Bytea* out) {
  char* bytes = c.Allocate(kMaxDigestBytes);
  const size_t size = ComputeDigest(c, kKind, a.view(), reinterpret_cast<unsigned char*>(bytes));
  if (KAPPA_UNLIKELY(size == 0)) return FailDigest(c);
  *out = Bytea(bytes, size);
  return true;
}

}  // namespace bytea_functions

using namespace bytea_functions;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> ByteaFunctions() {
  using enum TypeId;
  std::vector<FunctionEntry> table;
  auto add = [&](FunctionBuilder row) { table.push_back(row.Category("Binary string")); };
  add(Scalar("bit_length", {kBytea}, kInt4).Native<&BitLength>().Doc("The number of bits.").Example("bit_length('\\x0102'::bytea)", "16"));
  add(Scalar("bit_count", {kBytea}, kInt8)
          .Native<&BitCount>()
          .Doc("The number of bits that are set.")
          .Example("bit_count('\\x1234567890'::bytea)", "15"));
  add(Scalar("get_byte", {kBytea, kInt4}, kInt4)
          .Native<&GetByte>()
          .Doc("The nth byte, from 0.")
          .Example("get_byte('\\x1234567890'::bytea, 4)", "144")
          .Example("get_byte('\\x12'::bytea, 4)", "ERROR 2202E"));
  add(Scalar("get_bit", {kBytea, kInt8}, kInt4)
          .Native<&GetBit>()
          .Doc("The nth bit, from 0, the lowest of each byte first.")
          .Example("get_bit('\\x1234567890'::bytea, 30)", "1"));
  add(Scalar("set_byte", {kBytea, kInt4, kInt4}, kBytea)
          .Native<&SetByte>()
          .Doc("The nth byte, from 0, set to a value.")
          .Example("set_byte('\\x1234567890'::bytea, 4, 64)", "\\x1234567840"));
  add(Scalar("set_bit", {kBytea, kInt8, kInt4}, kBytea)
          .Native<&SetBit>()
          .Doc("The nth bit, from 0, set to 0 or 1.")
          .Example("set_bit('\\x1234567890'::bytea, 30, 0)", "\\x1234563890"));
  table.push_back(Scalar("md5", {kText}, kText)
                      .Native<&Md5<Text>>()
                      .Category("String")
                      .Doc("The MD5 hash, in hexadecimal digits.")
                      .Example("md5('abc')", "900150983cd24fb0d6963f7d28e17f72"));
  add(Scalar("md5", {kBytea}, kText)
          .Native<&Md5<Bytea>>()
          .Doc("The MD5 hash, in hexadecimal digits.")
          .Example("md5('\\x616263'::bytea)", "900150983cd24fb0d6963f7d28e17f72"));
  add(Scalar("sha224", {kBytea}, kBytea)
          .Native<&Sha<DigestKind::kSha224>>()
          .Doc("The SHA-224 hash.")
          .Example("sha224('abc'::bytea)", "\\x23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"));
  add(Scalar("sha256", {kBytea}, kBytea)
          .Native<&Sha<DigestKind::kSha256>>()
          .Doc("The SHA-256 hash.")
          .Example("sha256('abc'::bytea)", "\\xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
  add(Scalar("sha384", {kBytea}, kBytea)
          .Native<&Sha<DigestKind::kSha384>>()
          .Doc("The SHA-384 hash.")
          .Example("sha384('abc'::bytea)", "\\xcb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"));
  add(Scalar("sha512", {kBytea}, kBytea)
          .Native<&Sha<DigestKind::kSha512>>()
          .Doc("The SHA-512 hash.")
          .Example(
              "sha512('abc'::bytea)",
              "\\xddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"));
  return table;
}

}  // namespace kappa
