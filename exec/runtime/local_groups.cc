#include "exec/runtime/local_groups.h"

namespace kappa {
namespace {

// The owner's groups keep before-images and know when their windows close; these only list what is there.
GroupTableSpec Listed(GroupTableSpec spec) {
  spec.keeps_before = false;
  spec.lists_touched = true;
  spec.window_end_offset = -1;
  return spec;
}

}  // namespace

LocalGroups::LocalGroups(GroupTableSpec spec) : spec_(Listed(std::move(spec))), table_(std::make_unique<GroupTable>(spec_)) {}

void LocalGroups::Forget() {
  if (Wasteful()) {
    active_ = false;
    rest_ = kRestRounds;
    table_ = std::make_unique<GroupTable>(spec_);  // its memory is not wanted meanwhile
  } else {
    table_->Forget();
  }
  rows_ = 0;
}

}  // namespace kappa
