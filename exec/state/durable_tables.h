// The tables of a running program as snapshots see them (snapshot_store.h).
#pragma once

#include <cstdint>
#include <memory>

#include "exec/state/snapshot_store.h"

namespace kappa {

class GroupTable;
class VersionedView;

// `id` names the table in snapshots: the operator's. The table outlives what is returned, and is used by the same thread.
std::unique_ptr<DurableTable> MakeDurable(uint32_t id, GroupTable* table);
std::unique_ptr<DurableTable> MakeDurable(uint32_t id, VersionedView* view);

}  // namespace kappa
