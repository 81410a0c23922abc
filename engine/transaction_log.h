// Transactions over several tables, atomic though each table has a topic of its own: what is to be appended to each is written down first, as one
// durable record, which is the commit point; after a crash the last one is appended where it is missing.
//
//   topic kappa_transactions, records:  version 1 | tables 4 | per table: name length 4, name, base offset 8, batch length 4, batch     (big endian)
//
// A table's batch is there when the table's topic reaches past its base offset. Under the engine's lock, one thread at a time.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "engine/table_store.h"

namespace kappa {

// All of the changes or none, on the disk when it returns.
Status AppendTogether(const std::vector<std::pair<TableStore*, const TableDelta*>>& changes, const std::shared_ptr<log::LogDirectory>& log);
// Before anything reads tables: finishes what a crash has left half done.
Status FinishTransactions(const std::shared_ptr<log::LogDirectory>& log);

}  // namespace kappa
