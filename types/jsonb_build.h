// Making jsonb: a tree of nodes in an arena, then its bytes, written once.
#pragma once

#include <cstring>
#include <string_view>

#include "common/arena.h"
#include "types/jsonb.h"

namespace kappa {

// A vector whose memory is an arena's: growing leaves the old memory behind until the arena is emptied. T is trivially copyable.
template <typename T>
class ArenaVector {
 public:
  explicit ArenaVector(Arena* arena) : arena_(arena) {}
  void push_back(const T& value) {
    if (size_ == capacity_) Grow(capacity_ == 0 ? 8 : capacity_ * 2);
    data_[size_++] = value;
  }
  T* data() { return data_; }
  const T* data() const { return data_; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  uint32_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  void resize(uint32_t size) { size_ = size; }  // shrinks
  T& back() { return data_[size_ - 1]; }
  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }
  Arena* arena() const { return arena_; }

 private:
  void Grow(uint32_t capacity) {
    T* grown = reinterpret_cast<T*>(arena_->Allocate(capacity * sizeof(T)));
    if (size_ != 0) std::memcpy(grown, data_, size_ * sizeof(T));
    data_ = grown;
    capacity_ = capacity;
  }
  Arena* arena_;
  T* data_ = nullptr;
  uint32_t size_ = 0, capacity_ = 0;
};

struct JsonbMember;

// A value to be written. Scalars carry their text; a value that exists already is taken as it is (`raw`).
struct JsonbNode {
  JsonKind kind = JsonKind::kNull;
  bool raw = false;
  uint32_t count = 0;
  std::string_view text;                 // of strings, numbers; raw: all the bytes
  const JsonbMember* members = nullptr;  // of containers; keys of elements are empty
  size_t size = 1;                       // bytes when written

  static JsonbNode Null() { return {}; }
  static JsonbNode Bool(bool value);
  static JsonbNode String(std::string_view text);
  static JsonbNode Number(std::string_view canonical);  // CanonicalJsonNumber's
  static JsonbNode Raw(JsonbView value);
  // The members stay where they are. An object's are sorted in place; of equal keys the last stays.
  static JsonbNode Array(JsonbMember* elements, uint32_t count);
  static JsonbNode Object(JsonbMember* members, uint32_t count);
};
struct JsonbMember {
  std::string_view key;
  JsonbNode value;
  uint32_t order = 0;  // while an object is sorted
};

// False: longer than kMaxJsonbBytes (54000).
bool WriteJsonb(const JsonbNode& node, Arena* arena, Jsonb* out);

enum class JsonNumberStatus : uint8_t { kOk, kOverflow };
// A number by JSON's grammar -> the text numeric has (in `arena`, or the input itself).
JsonNumberStatus CanonicalJsonNumber(std::string_view number, Arena* arena, std::string_view* out);

}  // namespace kappa
