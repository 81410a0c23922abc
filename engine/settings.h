// The settings of a session: one table of names, defaults and documentation, typed access, and what they mean to planner and exec.
#pragma once

#include <map>
#include <string>

#include "common/status.h"
#include "engine/engine.h"
#include "exec/epoch/dataflow_run.h"
#include "planner/settings.h"

namespace kappa {

class TimeZone;  // types/time_zone.h

class SessionSettings {
 public:
  SessionSettings();
  // 42704 for a name that is none (with the nearest), 22023 for a value that does not fit.
  Status Set(std::string_view name, std::string_view value);
  Status Reset(std::string_view name);  // "all": every one
  StatusOr<std::string> Get(std::string_view name) const;

  RunOptions run() const;
  PlannerSettings planner() const;
  const TimeZone* time_zone() const;  // never nullptr

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace kappa
