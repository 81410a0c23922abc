// Files that are compressed as a whole, read as what they hold.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/os/file_system.h"

namespace kappa::file {

// By the name's end: .gz, .zst.
bool IsCompressedName(std::string_view path);

// `file` itself when its name says nothing. Reads forwards are streamed; a read before the last one's end begins anew. Several gzip members or zstd
// frames one after another are one text. Size() answers what has been inflated so far: the whole is known at its end only.
// XX001: damaged, or it ends within a frame.
std::unique_ptr<os::ReadableFile> Decompressed(const std::string& path, std::unique_ptr<os::ReadableFile> file);

}  // namespace kappa::file
