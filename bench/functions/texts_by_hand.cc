#include <re2/re2.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

#include "bench/functions/by_hand.h"

namespace kappa::bench {
namespace {

using by_hand::Each;
using by_hand::Word;

// A part of the text, without regard to the case of ASCII letters; `lower` is in lower case.
bool FindFolded(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  auto fold = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c; };
  for (size_t at = 0; at + lower.size() <= text.size(); ++at) {
    if (fold(text[at]) != lower[0]) continue;
    size_t same = 1;
    while (same < lower.size() && fold(text[at + same]) == lower[same]) ++same;
    if (same == lower.size()) return true;
  }
  return false;
}

std::string_view SplitPart(std::string_view text, char separator, int field) {
  const char* p = text.data();
  const char* const end = p + text.size();
  for (; field > 1; --field) {
    p = static_cast<const char*>(std::memchr(p, separator, static_cast<size_t>(end - p)));
    if (p == nullptr) return {};
    ++p;
  }
  const void* stop = std::memchr(p, separator, static_cast<size_t>(end - p));
  return {p, static_cast<size_t>((stop == nullptr ? end : static_cast<const char*>(stop)) - p)};
}

// Characters of UTF-8 [from, from + count), both counted from 0.
std::string_view Characters(std::string_view text, size_t from, size_t count) {
  const auto skip = [&](const char* p, size_t characters) {
    const char* const end = text.data() + text.size();
    while (characters > 0 && p < end) {
      const auto lead = static_cast<unsigned char>(*p);
      p += lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
      --characters;
    }
    return p < end ? p : end;
  };
  const char* const begin = skip(text.data(), from);
  return {begin, static_cast<size_t>(skip(begin, count) - begin)};
}

size_t CountCharacters(std::string_view text) {
  size_t count = 0;
  for (const char c : text) count += (c & 0xC0) != 0x80;
  return count;
}

// A new text each row, as a result has to be: from a block that is used again after 4,096 of them.
class Block {
 public:
  char* Take(size_t size) {
    if (used_ + size > bytes_.size()) used_ = 0;
    char* const taken = bytes_.data() + used_;
    used_ += size;
    return taken;
  }

 private:
  std::string bytes_ = std::string(size_t{1} << 19, ' ');
  size_t used_ = 0;
};

template <char kFrom, char kTo>
Pass ConvertCase() {
  return Each<kUrl>([block = Block()](const Row& row) mutable {
    const char* const in = row.url.data;
    const uint32_t size = row.url.size;
    char* __restrict__ const out = block.Take(size);
    for (uint32_t i = 0; i < size; ++i) out[i] = static_cast<char>(in[i] >= kFrom && in[i] <= kTo ? in[i] ^ 32 : in[i]);
    return Word(out, size);
  });
}

// The member's value in the binary form of types/jsonb.h: keys by length and bytes.
bool FindMember(std::string_view doc, std::string_view key, std::string_view* value) {
  auto number = [&](size_t at) {
    uint32_t word;
    std::memcpy(&word, doc.data() + at, 4);
    return word;
  };
  if (doc[0] != '{') return false;
  const uint32_t count = number(1);
  const size_t base = 5 + 8 * size_t{count};
  uint32_t begin = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t end = number(5 + 4 * i);
    if (end - begin == key.size() && std::memcmp(doc.data() + base + begin, key.data(), key.size()) == 0) {
      const uint32_t from = number(5 + 4 * (count + i) - 4), to = number(5 + 4 * (count + i));
      *value = doc.substr(base + from, to - from);
      return true;
    }
    begin = end;
  }
  return false;
}

}  // namespace

std::vector<HandWritten> TextsByHand() {
  std::vector<HandWritten> all;
  auto add = [&](const char* expression, ColumnIndex column, Pass pass) { all.push_back({expression, column, std::move(pass)}); };
  add("url LIKE 'https://www.%'", kUrl, Each<kUrl>([](const Row& row) { return row.url.view().starts_with("https://www."); }));
  add("url LIKE '%channel%'", kUrl, Each<kUrl>([](const Row& row) { return row.url.view().find("channel") != std::string_view::npos; }));
  add("url LIKE 'https://%\\_id=1%'", kUrl,
      Each<kUrl>([](const Row& row) { return row.url.view().starts_with("https://") && row.url.view().find("_id=1", 8) != std::string_view::npos; }));
  add("url LIKE 'https://%channel%7'", kUrl, Each<kUrl>([](const Row& row) {
        const std::string_view url = row.url.view();
        return url.starts_with("https://") && url.ends_with('7') && url.find("channel", 8) < url.size() - 7;
      }));
  add("url ILIKE '%CHANNEL%'", kUrl, Each<kUrl>([](const Row& row) { return FindFolded(row.url.view(), "channel"); }));
  auto digits = std::make_shared<RE2>("channel_id=[0-9]+$");
  add("url ~ 'channel_id=[0-9]+$'", kUrl,
      Each<kUrl>([digits](const Row& row) { return RE2::PartialMatch(re2::StringPiece(row.url.data, row.url.size), *digits); }));
  auto id = std::make_shared<RE2>("_id=([0-9]+)");
  add("regexp_replace(url, '_id=([0-9]+)', '')", kUrl, Each<kUrl>([id, made = std::string()](const Row& row) mutable {
        made.assign(row.url.data, row.url.size);
        RE2::Replace(&made, *id, "");
        return Word(made.data(), made.size());
      }));
  add("substring(url FROM '_id=([0-9]+)')", kUrl, Each<kUrl>([id](const Row& row) {
        re2::StringPiece group;
        return RE2::PartialMatch(re2::StringPiece(row.url.data, row.url.size), *id, &group) ? Word(group.data(), group.size()) : kNullWord;
      }));
  add("substring(url, 9, 12)", kUrl, Each<kUrl>([](const Row& row) {
        const std::string_view part = Characters(row.url.view(), 8, 12);
        return Word(part.data(), part.size());
      }));
  add("split_part(url, '/', 4)", kUrl, Each<kUrl>([](const Row& row) {
        const std::string_view part = SplitPart(row.url.view(), '/', 4);
        return Word(part.data(), part.size());
      }));
  add("lower(url)", kUrl, ConvertCase<'A', 'Z'>());
  add("upper(url)", kUrl, ConvertCase<'a', 'z'>());
  add("length(url)", kUrl, Each<kUrl>([](const Row& row) { return CountCharacters(row.url.view()); }));
  add("doc ->> 'channel'", kDoc, Each<kDoc>([](const Row& row) {
        std::string_view value;
        if (!FindMember(row.doc.view(), "channel", &value) || value[0] == 'n') return kNullWord;
        if (value[0] != '"' && value[0] != '0') std::abort();
        return Word(value.data() + 1, value.size() - 1);
      }));
  return all;
}

}  // namespace kappa::bench
