#include "exec/state/durable_tables.h"

#include "exec/state/durable_group_table.h"
#include "exec/state/versioned_view.h"

namespace kappa {
namespace {

class DurableView final : public DurableTable {
 public:
  DurableView(uint32_t id, VersionedView* view) : view_(view) { view_->Track(id); }
  void Freeze() override { view_->Freeze(); }
  bool Save(StateRun* run, size_t bytes) override { return view_->Save(run, bytes); }
  Status Load(uint64_t hash, std::string_view key, std::string_view value) override { return view_->Load(hash, key, value); }

 private:
  VersionedView* const view_;
};

}  // namespace

std::unique_ptr<DurableTable> MakeDurable(uint32_t id, GroupTable* table) { return std::make_unique<DurableGroupTable>(id, table); }
std::unique_ptr<DurableTable> MakeDurable(uint32_t id, VersionedView* view) { return std::make_unique<DurableView>(id, view); }

}  // namespace kappa
