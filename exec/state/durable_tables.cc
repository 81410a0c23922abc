#include "exec/state/durable_tables.h"

#include "common/status.h"
#include "exec/state/durable_group_table.h"

namespace kappa {
namespace {
class Unsaved final : public DurableTable {
 public:
  void Freeze() override {}
  bool Save(StateRun*, size_t) override { return true; }
  Status Load(uint64_t, std::string_view, std::string_view) override {
    return SqlError(sqlstate::kFeatureNotSupported) << "tables are not saved yet";
  }
};
}  // namespace
std::unique_ptr<DurableTable> MakeDurable(uint32_t id, GroupTable* table) { return std::make_unique<DurableGroupTable>(id, table); }
std::unique_ptr<DurableTable> MakeDurable(uint32_t, VersionedView*) { return std::make_unique<Unsaved>(); }
}  // namespace kappa
