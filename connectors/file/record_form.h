// How the planner tells a connector of text files what its records are: options of FORMAT ... ENCODE, which are the decoder's business otherwise.
#pragma once

#include <vector>

#include "common/connector.h"
#include "connectors/file/record_splitter.h"
#include "connectors/options.h"

namespace kappa::file {

// record.csv: delimiter, quote and escape (quote and escape are absent where there is none); "": lines. record.header: the first line names the
// fields. record.blank: an empty line is a record too (of the one column there is).
inline std::vector<ConnectorOption> RecordOptions() {
  return {{"record.csv", OptionKind::kText, false, "", "set by ENCODE CSV"},
          {"record.header", OptionKind::kBoolean, false, "false", "set by ENCODE CSV"},
          {"record.blank", OptionKind::kBoolean, false, "true", "set by ENCODE CSV"}};
}

inline RecordForm RecordFormOf(const OptionValues& values) {
  const std::string text = values.text("record.csv");
  if (text.empty()) return {};
  return {true, text[0], text.size() > 1 ? text[1] : '\0', text.size() > 2 ? text[2] : '\0'};
}

}  // namespace kappa::file
