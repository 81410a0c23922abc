// CRC-32C (Castagnoli, polynomial 0x1EDC6F41), the checksum of Kafka's record batches and of our own files. Any thread.
//
// Uses the CPU's crc32 instruction where the build's baseline has it (x86-64 SSE4.2, ARMv8 CRC), three streams at a time because one instruction has
// a latency of three cycles: Gopal et al., "Fast CRC Computation for iSCSI Polynomial Using CRC32 Instruction", Intel 2011. The streams are joined by
// multiplying with a precomputed power of x (tables of 4 x 256 words). Elsewhere: slicing by 8 (Kounavis and Berry, 2005).
// Where the CPU multiplies carry-less in 512-bit registers, long input is folded 256 bytes a step, at twice the speed: Gopal et al., "Fast CRC
// Computation for Generic Polynomials Using PCLMULQDQ Instruction", Intel 2009.
#pragma once

#include <cstddef>
#include <cstdint>

namespace kappa {

// The CRC of `size` bytes; of what follows earlier bytes when their CRC is passed in.
uint32_t Crc32c(const void* data, size_t size, uint32_t earlier = 0);

// The table version, for tests: both must agree.
uint32_t Crc32cPortable(const void* data, size_t size, uint32_t earlier = 0);

}  // namespace kappa
