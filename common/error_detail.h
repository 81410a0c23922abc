// The DETAIL of an error, as PostgreSQL's: the values that it is about, where the message names the rule. Shown on a line of its own.
#pragma once

#include <string>

#include "common/status.h"

namespace kappa {

Status WithDetail(Status status, const std::string& detail);
std::string DetailOf(const Status& status);  // "": none

}  // namespace kappa
