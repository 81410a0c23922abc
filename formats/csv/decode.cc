// ENCODE CSV: one record into a row. The delimiters of 64 bytes are found at a time; only fields that a column wants are converted.
#include <algorithm>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "formats/csv/field_map.h"
#include "formats/decoder.h"
#include "formats/json/convert.h"
#include "formats/json/shape.h"

namespace kappa::csv {
namespace {

using json::Problem;

// Finds delimiters and line breaks, 64 bytes a look.
class Scanner {
 public:
  Scanner(char delimiter, const char* begin, const char* end) : delimiter_(delimiter), base_(begin), end_(end) { Load(); }

  // The first delimiter or line break at or after p (which never goes back); the end when there is none.
  KAPPA_INLINE const char* Next(const char* p) {
    if (KAPPA_UNLIKELY(p - base_ >= 64)) {
      base_ += (p - base_) & ~int64_t{63};
      Load();
    }
    uint64_t rest = bits_ >> (p - base_);
    if (KAPPA_LIKELY(rest != 0)) return p + __builtin_ctzll(rest);
    for (base_ += 64; base_ < end_; base_ += 64) {
      Load();
      if (bits_ != 0) return base_ + __builtin_ctzll(bits_);
    }
    base_ -= 64;
    bits_ = 0;
    return end_;
  }

 private:
  KAPPA_INLINE void Load() {
    if (base_ >= end_) {
      bits_ = 0;
    } else if (end_ - base_ >= 64) {
      bits_ = Bits(base_);
    } else {  // no byte at or past the end is read
      char tail[64] = {};
      std::memcpy(tail, base_, static_cast<size_t>(end_ - base_));
      bits_ = Bits(tail);
    }
  }
#if defined(__SSE2__)
  KAPPA_INLINE uint64_t Bits(const char* p) const {
    const __m128i delimiter = _mm_set1_epi8(delimiter_), line = _mm_set1_epi8('\n'), carriage = _mm_set1_epi8('\r');
    uint64_t bits = 0;
    for (int i = 0; i < 4; ++i) {
      const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 16 * i));
      const __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(v, delimiter), _mm_or_si128(_mm_cmpeq_epi8(v, line), _mm_cmpeq_epi8(v, carriage)));
      bits |= static_cast<uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(hit))) << (16 * i);
    }
    return bits;
  }
#else
  uint64_t Bits(const char* p) const {
    uint64_t bits = 0;
    for (int i = 0; i < 64; ++i) bits |= static_cast<uint64_t>(p[i] == delimiter_ || p[i] == '\n' || p[i] == '\r') << i;
    return bits;
  }
#endif
  const char delimiter_;
  const char* base_;
  const char* const end_;
  uint64_t bits_ = 0;
};

struct Field {
  const char* begin;
  const char* end;
  bool quoted = false;
  bool escaped = false;  // holds escapes
};

class Record {
 public:
  Record(const DecodePlan& plan, DecoderState* state, CallContext* call, const char* data, uint32_t size, char* row)
      : plan_(plan),
        format_(plan.options().csv),
        map_(state->internals().csv),
        state_(state),
        call_(call),
        begin_(data),
        end_(data + size),
        row_(row),
        full_(plan.options().validate == Validate::kFull) {}

  bool Decode() {
    if (KAPPA_UNLIKELY(!map_.problem.empty())) return Fail({map_.problem_state, map_.problem.c_str(), nullptr}, -1);
    if (full_ && !json::IsUtf8(begin_, static_cast<size_t>(end_ - begin_)))
      return Fail({sqlstate::kCharacterNotInRepertoire, "not valid UTF-8", begin_}, -1);
    if (end_ > begin_ && end_[-1] == '\n') --end_;
    if (end_ > begin_ && end_[-1] == '\r') --end_;
    std::memset(row_, 0, plan_.layout().size());
    Scanner scanner(format_.delimiter, begin_, end_);
    const size_t wanted = map_.column_of.size();
    const char* p = begin_;
    size_t field = 0;
    for (bool more = true; more; ++field) {
      if (field == wanted && !full_) return Finish(field, false);
      Field found;
      if (!Next(&scanner, p, &found, &p)) return false;
      more = p < end_;
      if (more) ++p;  // the delimiter
      if (field >= wanted || map_.column_of[field] < 0) continue;
      for (int32_t column = map_.column_of[field]; column >= 0; column = map_.also[static_cast<size_t>(column)]) {
        if (!Store(static_cast<size_t>(column), found)) return false;
      }
    }
    return Finish(field, true);
  }

 private:
  // From p, a field's first byte; *behind: the delimiter after it, or the record's end.
  KAPPA_INLINE bool Next(Scanner* scanner, const char* p, Field* field, const char** behind) {
    if (p < end_ && *p == format_.quote && format_.quote != '\0') return Quoted(p, field, behind);
    const char* q = scanner->Next(p);
    if (KAPPA_UNLIKELY(q < end_ && *q != format_.delimiter)) return Fail({sqlstate::kBadCopyFileFormat, "a line break outside of quotes", q}, -1);
    *field = {p, q};
    *behind = q;
    return true;
  }

  bool Quoted(const char* p, Field* field, const char** behind) {
    const char* const open = p++;
    field->begin = p;
    field->quoted = true;
    for (;; ++p) {
      p = format_.escape == format_.quote
              ? static_cast<const char*>(p < end_ ? std::memchr(p, format_.quote, static_cast<size_t>(end_ - p)) : nullptr)
              : QuoteOrEscape(p);
      if (p == nullptr) return Fail({sqlstate::kBadCopyFileFormat, "a quoted field without its closing quote", open}, -1);
      const bool pair = *p == format_.escape && p + 1 < end_ && (p[1] == format_.quote || p[1] == format_.escape);
      if (pair) {
        field->escaped = true;
        ++p;
      } else if (*p == format_.quote) {
        break;
      }
    }
    field->end = p++;
    *behind = p;
    if (p < end_ && *p != format_.delimiter) return Fail({sqlstate::kBadCopyFileFormat, "a delimiter must follow the closing quote", p}, -1);
    return true;
  }

  const char* QuoteOrEscape(const char* p) const {
    for (; p < end_; ++p) {
      if (*p == format_.quote || *p == format_.escape) return p;
    }
    return nullptr;
  }

  std::string_view Unescape(const Field& field) {
    char* const memory = call_->Allocate(static_cast<size_t>(field.end - field.begin) + 1);
    char* out = memory;
    for (const char* p = field.begin; p < field.end; ++p) {
      if (*p == format_.escape && p + 1 < field.end && (p[1] == format_.quote || p[1] == format_.escape)) ++p;
      *out++ = *p;
    }
    return {memory, static_cast<size_t>(out - memory)};
  }

  bool Store(size_t column, const Field& field) {
    const FieldPlan& target = plan_.fields()[column];
    std::string_view text(field.begin, static_cast<size_t>(field.end - field.begin));
    if (!field.quoted && text == format_.null_text) return StoreNull(column);
    if (field.escaped) text = Unescape(field);
    Problem problem;
    if (!text.empty() && std::memchr(text.data(), '\0', text.size()) != nullptr) {
      problem = {sqlstate::kCharacterNotInRepertoire, "a text cannot hold a zero byte", field.begin};
    } else if (!full_ && target.type.has_bytes() && !json::IsUtf8(text.data(), text.size())) {
      problem = {sqlstate::kCharacterNotInRepertoire, "not valid UTF-8", field.begin};
    } else if (json::ConvertInput(target.type, text, call_, row_ + target.offset, &problem)) {
      return true;
    }
    problem.where = field.begin;
    return Fail(problem, static_cast<int>(column));
  }

  bool StoreNull(size_t column) {
    const FieldPlan& target = plan_.fields()[column];
    if (target.not_null || target.null_bit < 0)
      return Fail({sqlstate::kNotNullViolation, "the value is missing or null, and the column is NOT NULL", nullptr}, static_cast<int>(column));
    char& byte = row_[plan_.layout().null_offset() + static_cast<uint32_t>(target.null_bit >> 3)];
    byte = static_cast<char>(byte | (1 << (target.null_bit & 7)));
    return true;
  }

  // `counted`: `fields` is all there are.
  bool Finish(size_t fields, bool counted) {
    for (size_t i = fields; i < map_.column_of.size(); ++i) {
      const int32_t column = map_.column_of[i];
      if (!format_.fill) {
        if (column < 0) continue;
        return Fail({sqlstate::kBadCopyFileFormat, "missing data: the record has too few fields", nullptr}, column);
      }
      for (int32_t each = column; each >= 0; each = map_.also[static_cast<size_t>(each)]) {
        if (!StoreNull(static_cast<size_t>(each))) return false;
      }
    }
    for (int32_t column : map_.absent) {
      if (!StoreNull(static_cast<size_t>(column))) return false;
    }
    if (!counted || map_.fields == 0 || fields == map_.fields) return true;
    return Count(fields);
  }

  KAPPA_COLD bool Count(size_t fields) {
    const std::string message = (fields < map_.fields ? "missing data: the record has " : "extra data: the record has ") + std::to_string(fields) +
                                (fields == 1 ? " field, not " : " fields, not ") + std::to_string(map_.fields);
    return Fail({sqlstate::kBadCopyFileFormat, message.c_str(), nullptr}, -1);
  }

  KAPPA_COLD bool Fail(const Problem& problem, int field) {
    state_->internals().SetError(state_, plan_, problem, begin_, field);
    return false;
  }

  const DecodePlan& plan_;
  const CsvFormat& format_;
  const FieldMap& map_;
  DecoderState* const state_;
  CallContext* const call_;
  const char* const begin_;
  const char* end_;
  char* const row_;
  const bool full_;
};

}  // namespace
}  // namespace kappa::csv

extern "C" kappa::DecodeResult DecodeCsv(const kappa::DecodePlan* plan, kappa::DecoderState* state, kappa::CallContext* call, const char* data,
                                         uint32_t size, char* row) {
  return kappa::csv::Record(*plan, state, call, data, size, row).Decode() ? kappa::DecodeResult::kRow : kappa::DecodeResult::kError;
}
