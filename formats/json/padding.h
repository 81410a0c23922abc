// May a kernel read kSlack bytes past the record's end? On the same page it may: memory is protected by pages. Elsewhere, and where a sanitizer
// watches, a copy is walked.
#pragma once

#include <cstdint>
#include <cstring>

#include "formats/json/shape.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define KAPPA_ALWAYS_PAD 1
#endif
#endif

namespace kappa::json {

KAPPA_INLINE bool NeedsPadding(const char* data, uint32_t size) {
#ifdef KAPPA_ALWAYS_PAD
  return true;
#else
  constexpr uintptr_t kPage = 4096;
  return ((reinterpret_cast<uintptr_t>(data) + size - 1) & (kPage - 1)) + kSlack >= kPage;
#endif
}

// The record in a buffer of the state, with kSlack zero bytes behind it.
const char* Padded(DecoderState::Internals* in, const char* data, uint32_t size);

}  // namespace kappa::json
