// COPY ... TO: a result as text, CSV or JSON lines, as PostgreSQL's COPY writes them.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "parser/ast/statement.h"

namespace kappa {

struct CopyFormat {
  enum class Kind : uint8_t { kText, kCsv, kJson } kind = Kind::kText;
  bool header = false;
  char delimiter = '\t';
  std::string null = "\\N";
  char quote = '"';
  char escape = '"';
  bool force_quote = false;  // FORCE_QUOTE *
};

// 42601 for options that are none (with "did you mean") or given twice, 22023 and 0A000 for values that do not fit.
StatusOr<CopyFormat> ParseCopyFormat(const std::vector<ast::Option>& options);

// Takes the rows of a SELECT, hands their text on in pieces.
class CopyResults final : public Results {
 public:
  using Write = std::function<Status(std::string_view bytes)>;
  CopyResults(CopyFormat format, Write write) : format_(std::move(format)), write_(std::move(write)) {}

  Status OnSchema(const std::string& title, const RowSchema& schema) override;
  Status OnRows(const ChangeBatch& batch) override;
  Status OnEnd(int64_t) override { return OkStatus(); }
  void OnTag(std::string_view) override {}
  void OnNotice(std::string_view) override {}
  Status Finish();  // hands on what is left
  int64_t rows() const { return rows_; }

 private:
  void AppendRow(const char* row);
  void AppendText(std::string_view value);
  void AppendCsv(std::string_view value, bool only);
  void AppendJson(std::string_view value, const Type& type);

  const CopyFormat format_;
  const Write write_;
  RowSchema schema_;
  std::string buffer_, value_;
  int64_t rows_ = 0;
};

}  // namespace kappa
