// Marks for files that are also compiled to bitcode (docs/codegen.md).
#pragma once

// Generated code may call this: it is kept in the bitcode and has an ahead-of-time copy with the same name.
#define KAPPA_RUNTIME [[gnu::used]]
// Only the host calls this (tables of functions, registration): its body is left out of the bitcode.
#define KAPPA_HOST_ONLY __attribute__((section(".text.kappa_host"), noinline))
#define KAPPA_COLD [[gnu::cold, gnu::noinline]]
#define KAPPA_INLINE inline __attribute__((always_inline))
#define KAPPA_LIKELY(x) __builtin_expect(static_cast<bool>(x), 1)
#define KAPPA_UNLIKELY(x) __builtin_expect(static_cast<bool>(x), 0)
