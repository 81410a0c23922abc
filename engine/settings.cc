#include "engine/settings.h"

#include <algorithm>

#include "connectors/options.h"
#include "engine/memory_share.h"
#include "planner/rules/rule.h"
#include "types/text_format.h"
#include "types/time_zone.h"

namespace kappa {
namespace {

struct Row {
  SettingInfo info;
  // Empty when the value fits, else what would.
  std::string (*check)(const std::string&);
};

std::string AnyText(const std::string&) { return ""; }
std::string PositiveInteger(const std::string& value) {
  const auto number = ParseInteger(value);
  return number && *number >= 1 ? "" : "a whole number from 1 on";
}
std::string WorkerCount(const std::string& value) {
  const auto number = ParseInteger(value);
  return number && *number >= 1 && *number <= 256 ? "" : "a whole number from 1 to 256";
}
std::string Size(const std::string& value) { return ParseSizeBytes(value) ? "" : "a size such as '512 MB' (0: no limit)"; }
std::string Millis(const std::string& value) {
  const auto number = ParseInteger(value);
  return number && *number >= 0 && *number <= INT32_MAX ? ""
         : ParseDurationMicros(value)                   ? ""
                                                        : "milliseconds, or a duration such as '10 s' (0: none)";
}
std::string OnOff(const std::string& value) {
  for (const char* word : {"on", "off", "true", "false", "yes", "no", "1", "0"}) {
    if (EqualsIgnoringCase(value, word)) return "";
  }
  return "on or off";
}
std::string ReadMode(const std::string& value) { return value == "latest" || value == "epoch" ? "" : "latest or epoch"; }
std::string TrueOrFalse(const std::string& value) { return value == "true" || value == "false" ? "" : "true or false"; }
std::string OnOnly(const std::string& value) { return EqualsIgnoringCase(value, "on") || value == "true" || value == "1" ? "" : "on"; }
std::string FloatDigits(const std::string& value) {
  const auto number = ParseInteger(value);
  return number && *number >= -15 && *number <= 3 ? "" : "a whole number from -15 to 3";
}
std::string MessageLevel(const std::string& value) {
  for (const char* word : {"debug5", "debug4", "debug3", "debug2", "debug1", "log", "notice", "warning", "error"}) {
    if (EqualsIgnoringCase(value, word)) return "";
  }
  return "debug5 to debug1, log, notice, warning or error";
}
std::string Isolation(const std::string& value) {
  for (const char* word : {"serializable", "repeatable read", "read committed", "read uncommitted"}) {
    if (EqualsIgnoringCase(value, word)) return "";
  }
  return "serializable, repeatable read, read committed or read uncommitted";
}
std::string Budget(const std::string& value) {
  return EqualsIgnoringCase(value, "auto") || Size(value).empty() ? "" : "a size such as '512 MB', 0 for no limit, or auto";
}
std::string HexOnly(const std::string& value) { return EqualsIgnoringCase(value, "hex") ? "" : "hex (escape is not supported yet)"; }
std::string ServerVersion(const std::string& value) { return value == "15.0" ? "" : "15.0: it cannot be changed"; }
std::string ServerVersionNumber(const std::string& value) { return value == "150000" ? "" : "150000: it cannot be changed"; }
std::string Duration(const std::string& value) { return ParseDurationMicros(value) ? "" : "a duration such as '10 s' or '100 ms'"; }
std::string TierName(const std::string& value) { return value == "adaptive" || value == "quick" || value == "o2" ? "" : "adaptive, quick or o2"; }
std::string ValidateName(const std::string& value) {
  return value == "source" || value == "full" || value == "read" ? "" : "full, read, or source (what each source says)";
}
std::string TimeZoneName(const std::string& value) {
  return CanonicalTimeZone(value).ok() ? "" : "a name such as 'Europe/Berlin' or 'UTC', or hours east of UTC";
}
// Texts of dates and intervals have one form.
std::string IsoDateStyle(const std::string& value) {
  return value.size() >= 3 && EqualsIgnoringCase(value.substr(0, 3), "iso") ? "" : "ISO (other styles are not supported yet)";
}
std::string PostgresIntervalStyle(const std::string& value) {
  return EqualsIgnoringCase(value, "postgres") ? "" : "postgres (other styles are not supported yet)";
}

std::string Utf8Only(const std::string& value) { return EqualsIgnoringCase(value, "utf8") || EqualsIgnoringCase(value, "utf-8") ? "" : "UTF8"; }

// The words of a list: a, "B", c.
std::vector<std::string> Names(const std::string& list) {
  std::vector<std::string> names(1);
  bool quoted = false;
  for (const char c : list) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      names.emplace_back();
    } else if (c != ' ' || quoted) {
      names.back().push_back(c);
    }
  }
  std::erase(names, "");
  return names;
}

std::string PassNames(const std::string& value) {
  const std::vector<std::string> known = RuleNames();
  std::string all;
  for (const std::string& name : known) all += (all.empty() ? "" : ", ") + name;
  for (const std::string& name : Names(value)) {
    if (std::find(known.begin(), known.end(), name) == known.end()) return "a list of " + all;
  }
  return "";
}

const std::vector<Row>& Rows() {
  static const std::vector<Row> rows = {
      {{"workers", "1", "Worker threads of a program; partitions and state are spread over them."}, WorkerCount},
      {{"epoch_max_records", "1000000", "An epoch ends at the latest after this many records."}, PositiveInteger},
      {{"jit_tier", "adaptive", "adaptive: quick code first, O2 in the background; quick: never O2; o2: O2 from the start."}, TierName},
      {{"memory_budget", "auto",
        "State that a statement may hold: '512 MB'; 0: no limit; auto: of the memory that this process may take, half for a view or a program, a "
        "quarter "
        "for any other statement. Past it, the statement fails with 53200."},
       Budget},
      {{"checkpoint_interval", "10 s", "How often a durable program writes a snapshot of its state."}, Duration},
      {{"commit_interval", "100 ms", "How often a durable program commits its epochs to sinks and views (0: each epoch)."}, Duration},
      {{"validate", "source", "JSON validation: full (the whole record), read (what is read), source (what each source says; full unless said)."},
       ValidateName},
      {{"local_aggregation", "true", "Whether workers aggregate their own rows before these cross between them, where that saves work."},
       TrueOrFalse},
      {{"optimizer_disable", "", "Optimizer passes to leave out, separated by commas."}, PassNames},
      {{"timezone", "UTC", "Time zone of local times: a name ('Europe/Berlin') or hours east of UTC. Views keep the one they were created under."},
       TimeZoneName},
      {{"datestyle", "ISO, MDY", "Form of dates: ISO; 1/2/2024 is read as January 2."}, IsoDateStyle},
      {{"intervalstyle", "postgres", "Form of intervals: postgres."}, PostgresIntervalStyle},
      {{"recursion_limit", "100000", "Rounds of WITH RECURSIVE within an epoch; past them it fails with 54001: it may not end."}, PositiveInteger},
      {{"search_path", "public", "Schemas in which names are looked up, in order; the first that exists is where objects are made."}, AnyText},
      {{"read_mode", "latest",
        "latest: a query brings the views that it reads to the logs' ends; epoch: it reads the last epoch that all views have ended together."},
       ReadMode},
      {{"rw_implicit_flush", "false", "true: a statement that changes a table returns once every view reflects it."}, TrueOrFalse},
      {{"application_name", "", "Whatever a client calls itself."}, AnyText},
      {{"client_encoding", "UTF8", "Always UTF8."}, Utf8Only},
      {{"statement_timeout", "0", "A client's statement that runs longer ends with 57014: milliseconds, or a duration (0: none)."}, Millis},
      {{"client_min_messages", "notice", "Notices below this level are not sent to a client."}, MessageLevel},
      {{"default_transaction_isolation", "serializable", "Taken from clients of PostgreSQL; every read sees one epoch."}, Isolation},
      {{"transaction_isolation", "serializable", "Likewise."}, Isolation},
      {{"default_transaction_read_only", "off", "Taken from clients of PostgreSQL; nothing follows from it."}, OnOff},
      {{"transaction_read_only", "off", "Likewise."}, OnOff},
      {{"extra_float_digits", "1", "Taken from clients of PostgreSQL: floats are shown with all the digits they need."}, FloatDigits},
      {{"bytea_output", "hex", "Form of bytea: hex."}, HexOnly},
      {{"standard_conforming_strings", "on", "Always on."}, OnOnly},
      {{"integer_datetimes", "on", "Always on."}, OnOnly},
      {{"server_encoding", "UTF8", "Always UTF8."}, Utf8Only},
      {{"server_version", "15.0", "The PostgreSQL whose values, errors and protocol are kept to."}, ServerVersion},
      {{"server_version_num", "150000", "Likewise, as a number."}, ServerVersionNumber},
  };
  return rows;
}

const Row* Find(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const Row& row : Rows()) {
    if (row.info.name == lower) return &row;
  }
  return nullptr;
}

Status Unknown(std::string_view name) {
  std::vector<std::string> names;
  for (const Row& row : Rows()) names.push_back(row.info.name);
  return SqlError(sqlstate::kUndefinedObject) << "unrecognized configuration parameter \"" << name << "\"" << DidYouMean(name, names);
}

}  // namespace

const std::vector<SettingInfo>& Settings() {
  static const std::vector<SettingInfo> settings = [] {
    std::vector<SettingInfo> out;
    for (const Row& row : Rows()) {
      out.push_back(row.info);
      const std::string takes = row.check("\x01");  // which nothing takes but any text
      out.back().takes = takes.empty() ? "any text" : takes;
    }
    return out;
  }();
  return settings;
}

SessionSettings::SessionSettings() { (void)Reset("all"); }

Status SessionSettings::Set(std::string_view name, std::string_view value) {
  const Row* row = Find(name);
  if (row == nullptr) return Unknown(name);
  if (const std::string wanted = row->check(std::string(value)); !wanted.empty()) {
    const bool later = wanted.find("not supported yet") != std::string::npos;
    return SqlError(later ? sqlstate::kFeatureNotSupported : sqlstate::kInvalidParameterValue)
           << "invalid value for parameter \"" << row->info.name << "\": \"" << value << "\"" << Hint("it takes " + wanted);
  }
  std::string& kept = values_[row->info.name];
  kept = std::string(value);
  if (row->info.name == "timezone") { ASSIGN_OR_RETURN(kept, CanonicalTimeZone(value)); }
  return OkStatus();
}

Status SessionSettings::Reset(std::string_view name) {
  if (name == "all") {
    for (const Row& row : Rows()) values_[row.info.name] = row.info.default_value;
    return OkStatus();
  }
  const Row* row = Find(name);
  if (row == nullptr) return Unknown(name);
  values_[row->info.name] = row->info.default_value;
  return OkStatus();
}

StatusOr<std::string> SessionSettings::Get(std::string_view name) const {
  const Row* row = Find(name);
  if (row == nullptr) return Unknown(name);
  return values_.at(row->info.name);
}

RunOptions SessionSettings::run() const {
  RunOptions options;
  options.workers = static_cast<int32_t>(*ParseInteger(values_.at("workers")));
  options.epoch_max_records = *ParseInteger(values_.at("epoch_max_records"));
  const std::optional<int64_t> budget = ParseSizeBytes(values_.at("memory_budget"));
  options.memory_budget = budget ? static_cast<size_t>(*budget) : kShareOfMemory;
  options.checkpoint_interval_nanos = *ParseDurationMicros(values_.at("checkpoint_interval")) * 1000;
  options.commit_interval_nanos = *ParseDurationMicros(values_.at("commit_interval")) * 1000;
  options.local_aggregation = values_.at("local_aggregation") == "true";
  const std::string& tier = values_.at("jit_tier");
  options.tiers = tier == "quick" ? TierPolicy::kQuickOnly : tier == "o2" ? TierPolicy::kOptimizedOnly : TierPolicy::kAdaptive;
  return options;
}

const TimeZone* SessionSettings::time_zone() const {
  const TimeZone* zone = FindTimeZone(values_.at("timezone"));
  return zone != nullptr ? zone : UtcZone();  // the database may have lost it since
}

PlannerSettings SessionSettings::planner() const {
  PlannerSettings settings;
  settings.time_zone = NameForPlan(*time_zone());
  if (const std::string& validate = values_.at("validate"); validate != "source") settings.validate_full = validate == "full";
  settings.search_path = Names(values_.at("search_path"));
  settings.recursion_limit = *ParseInteger(values_.at("recursion_limit"));
  std::string name;
  for (char c : values_.at("optimizer_disable") + ",") {
    if (c != ',') {
      if (c != ' ') name.push_back(c);
    } else if (!name.empty()) {
      settings.disabled_rules.insert(std::exchange(name, ""));
    }
  }
  return settings;
}

}  // namespace kappa
