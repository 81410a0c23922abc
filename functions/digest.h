// Cryptographic digests (OpenSSL's), for md5() and sha256() and their relatives. Host code; each worker keeps its own state of the library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "functions/call_context.h"

namespace kappa {

enum class DigestKind : uint8_t { kMd5, kSha224, kSha256, kSha384, kSha512 };
inline constexpr size_t kMaxDigestBytes = 64;

// Writes the digest at `out`, which has kMaxDigestBytes; answers its size, 0 when the library refuses (md5 under FIPS rules).
size_t ComputeDigest(CallContext& c, DigestKind kind, std::string_view bytes, unsigned char* out);

}  // namespace kappa
