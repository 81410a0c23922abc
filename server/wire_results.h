// What statements answer, as messages.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "server/backend_message.h"
#include "server/outlet.h"

namespace kappa::server {

// Rows of a portal that the client has not asked for yet, as the messages they will be.
struct KeptRows {
  static constexpr size_t kMostBytes = size_t{256} << 20;
  std::deque<std::string> rows;
  size_t bytes = 0;
};

std::vector<ColumnDescription> ColumnsOf(const RowSchema& schema);

// Takes the results of one statement. Rows of a result that is updating have a first column "op" (+, -), as the shell shows them.
class WireResults final : public Results {
 public:
  // `describe`: RowDescription comes first (simple protocol). `limit`: so many rows are sent, the others go to `kept`; 0: all are sent.
  WireResults(Outlet* outlet, bool describe, int64_t limit = 0, KeptRows* kept = nullptr)
      : outlet_(outlet), describe_(describe), limit_(limit), kept_(kept) {}

  Status OnSchema(const std::string& title, const RowSchema& schema) override;
  Status OnRows(const ChangeBatch& rows) override;
  Status OnEnd(int64_t) override { return OkStatus(); }
  void OnTag(std::string_view tag) override { tag_ = std::string(tag); }
  void OnNotice(std::string_view text) override { AppendNotice(text, outlet_->buffer()); }

  bool OnCopy(std::string_view bytes) override;
  // CopyDone, where bytes were copied.
  void EndCopy();

  bool has_rows() const { return schema_seen_; }  // it answered a result, empty perhaps
  int64_t rows() const { return rows_; }          // of it, sent and kept
  int64_t sent() const { return sent_; }
  const std::string& tag() const { return tag_; }

 private:
  Status Row(const char* row, int64_t weight);
  void AppendRow(const char* row, int64_t weight, std::string* out) const;

  Outlet* const outlet_;
  const bool describe_;
  const int64_t limit_;
  KeptRows* const kept_;
  const RowSchema* schema_ = nullptr;
  bool schema_seen_ = false, copying_ = false;
  int64_t rows_ = 0, sent_ = 0;
  std::string tag_;
};

// The tag of a statement that answered rows and gave none of its own: "SELECT 3", "SHOW".
std::string TagOfRows(std::string_view command, int64_t rows);

}  // namespace kappa::server
