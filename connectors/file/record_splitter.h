// Where the records of a text end: at line breaks, but not at those that a quoted field of CSV holds.
//
//   lines   \n, or \r\n
//   CSV     \n, \r\n or \r alone, outside of quotes; a quote opens only where a field begins (RFC 4180), and is closed by one that is not doubled or
//           escaped. What follows a closing quote is not looked at: it is the decoder that complains.
//   JSON    of a file of one document: the objects at its top, or in the array at its top, over as many lines as they take; what is no object, up to
//           the line's end
#pragma once

#include <cstring>
#include <string_view>

namespace kappa::file {

struct RecordForm {
  bool csv = false;
  char delimiter = ',', quote = '"', escape = '"';  // '\0': no quote
  bool json = false;
};

// Over one buffer, forwards: remembers where the next line break and quote are, so that each byte is looked at a few times at most.
class RecordSplitter {
 public:
  RecordSplitter(const RecordForm& form, const char* begin, const char* end, bool at_end)
      : form_(form), end_(end), at_end_(at_end), newline_(begin), carriage_(begin), quote_(begin) {
    if (!form.csv) carriage_ = end;
    if (!form.csv || form.quote == '\0') quote_ = end;
  }

  struct Found {
    const char* end = nullptr;    // of the record, without its line break; nullptr: there is none, its end is not in the buffer
    const char* next = nullptr;   // where the next one begins
    bool open = false;            // the text ended within quotes
    const char* begin = nullptr;  // of the record, where that is not where it was looked for
  };
  // The record that begins at p < end.
  Found Next(const char* p) {
    if (form_.json) return Object(p);
    if (!form_.csv) return Line(p);
    const char* const line = Find('\n', p, &newline_);
    const char* const carriage = Find('\r', p, &carriage_);
    const char* const plain = carriage < line ? carriage : line;
    if (form_.quote == '\0' || Find(form_.quote, p, &quote_) >= plain) return End(plain);
    return Quoted(p);
  }

 private:
  const char* Find(char c, const char* p, const char** cached) const {
    if (*cached >= p && *cached < end_ && **cached == c) return *cached;
    if (*cached == end_ || p >= end_) return end_;
    const void* found = std::memchr(p, c, static_cast<size_t>(end_ - p));
    return *cached = found == nullptr ? end_ : static_cast<const char*>(found);
  }

  Found Object(const char* p) {
    while (p < end_ && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r' || *p == ',' || *p == '[' || *p == ']')) ++p;
    if (p == end_) return at_end_ ? Found{end_, end_, false, end_} : Found{};
    const char* const begin = p;
    if (*p != '{') {
      const void* line = std::memchr(p, '\n', static_cast<size_t>(end_ - p));
      if (line == nullptr) return at_end_ ? Found{end_, end_, false, begin} : Found{};
      return {static_cast<const char*>(line), static_cast<const char*>(line) + 1, false, begin};
    }
    for (int depth = 0; p < end_; ++p) {
      if (*p == '"') {
        for (++p; p < end_ && *p != '"'; ++p) p += *p == '\\';
        if (p >= end_) break;
      } else if (*p == '{' || *p == '[') {
        ++depth;
      } else if ((*p == '}' || *p == ']') && --depth == 0) {
        return {p + 1, p + 1, false, begin};
      }
    }
    return at_end_ ? Found{end_, end_, true, begin} : Found{};
  }

  Found Line(const char* p) {
    const char* const line = Find('\n', p, &newline_);
    if (line == end_) return at_end_ ? Found{end_, end_} : Found{};
    return {line > p && line[-1] == '\r' ? line - 1 : line, line + 1};
  }

  // `at`: a line break outside of quotes, or the buffer's end.
  Found End(const char* at) const {
    if (at == end_) return at_end_ ? Found{end_, end_} : Found{};
    if (*at == '\n') return {at, at + 1};
    if (at + 1 == end_ && !at_end_) return {};  // a \n may follow
    return {at, at + 1 < end_ && at[1] == '\n' ? at + 2 : at + 1};
  }

  Found Quoted(const char* p) {
    bool begins = true;  // a field does
    while (p < end_) {
      if (begins && *p == form_.quote) {
        p = Closing(p + 1);
        if (p == nullptr) return at_end_ ? Found{end_, end_, true} : Found{};
        begins = false;
        continue;
      }
      if (*p == '\n' || *p == '\r') return End(p);
      begins = *p == form_.delimiter;
      ++p;
    }
    return End(end_);
  }

  // Behind the quote that closes the field; nullptr: it is not in the buffer.
  const char* Closing(const char* p) const {
    for (; p < end_; ++p) {
      if (form_.escape == form_.quote) {
        p = static_cast<const char*>(std::memchr(p, form_.quote, static_cast<size_t>(end_ - p)));
        if (p == nullptr) return nullptr;
      } else if (*p != form_.quote && *p != form_.escape) {
        continue;
      }
      if (*p == form_.escape && p + 1 < end_ && (p[1] == form_.quote || p[1] == form_.escape)) {
        ++p;
        continue;
      }
      if (*p != form_.quote) continue;
      if (p + 1 == end_ && !at_end_) return nullptr;  // it may be doubled
      return p + 1;
    }
    return nullptr;
  }

  const RecordForm form_;
  const char* const end_;
  const bool at_end_;
  const char* newline_;
  const char* carriage_;
  const char* quote_;
};

}  // namespace kappa::file
