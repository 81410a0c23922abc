#include "exec/state/durable_tables.h"

#include "common/status.h"

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
std::unique_ptr<DurableTable> MakeDurable(uint32_t, GroupTable*) { return std::make_unique<Unsaved>(); }
std::unique_ptr<DurableTable> MakeDurable(uint32_t, VersionedView*) { return std::make_unique<Unsaved>(); }
}  // namespace kappa
