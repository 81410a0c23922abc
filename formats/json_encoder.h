// Rows of one schema as JSON objects. Not thread safe.
#pragma once

#include <string>
#include <vector>

#include "types/change_batch.h"

namespace kappa {

class JsonRowWriter {
 public:
  // `columns`: which ones, in this order. `schema` must outlive it.
  JsonRowWriter(const RowSchema* schema, const std::vector<int>& columns);
  // Appends {..}; `op`: the value of a first member "op", or empty for none.
  void Append(const char* row, std::string_view op, std::string* out) const;

 private:
  // A member with what stands before its value: `"name":`, for structs with the members inside.
  struct Member {
    std::string prefix;
    const Slot* slot = nullptr;
    const TypeDescriptor* array = nullptr;
    std::vector<Member> members;
  };
  static Member MakeMember(const std::string& name, const Type& type, const Slot& slot);
  void AppendMember(const Member& member, const char* row, std::string* out) const;
  const RowLayout* layout_;
  std::vector<Member> members_;
};

}  // namespace kappa
