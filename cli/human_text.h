// Figures for people.
#pragma once

#include <cstdint>
#include <string>

namespace kappa::cli {

std::string GroupedCount(int64_t count);                     // 1,234,567
std::string ShortCount(double count);                        // 987, 12.3K, 4.56M, 1.20G: three digits
std::string ByteCount(double bytes);                         // 512 B, 1.50 kB, 334 MB (powers of 1000)
std::string Duration(double seconds);                        // 2.31 s, 45 s, 3 min 20 s, 1 h 5 min
std::string Plural(int64_t count, const std::string& noun);  // 1 row, 2,000 rows

}  // namespace kappa::cli
