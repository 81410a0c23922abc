// One boxed value of any type: constants, parameters, results of natively called functions. Never on the per-row path.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "common/status.h"
#include "types/type.h"
#include "types/values.h"

namespace kappa {

class Datum {
 public:
  Datum() = default;  // NULL
  static Datum Bool(bool v) { return Datum(v); }
  static Datum Int(int64_t v) { return Datum(v); }  // int2/4/8, date (days), time and timestamps (micros)
  static Datum Float(double v) { return Datum(v); }
  static Datum Of(Numeric v) { return Datum(v); }
  static Datum Of(Interval v) { return Datum(v); }
  static Datum Of(Uuid v) { return Datum(v); }
  static Datum Bytes(std::string v) { return Datum(std::move(v)); }          // text, bytea, jsonb, json; arrays (types/array_value.h)
  static Datum Struct(std::vector<Datum> v) { return Datum(std::move(v)); }  // struct fields

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  bool as_bool() const { return std::get<bool>(value_); }
  int64_t as_int() const { return std::get<int64_t>(value_); }
  double as_float() const { return std::get<double>(value_); }
  const Numeric& as_numeric() const { return std::get<Numeric>(value_); }
  const Interval& as_interval() const { return std::get<Interval>(value_); }
  const Uuid& as_uuid() const { return std::get<Uuid>(value_); }
  const std::string& as_bytes() const { return std::get<std::string>(value_); }
  const std::vector<Datum>& as_struct() const { return std::get<std::vector<Datum>>(value_); }

  // Reads the value of `type` that lies at `slot` (types/row_layout.h: not a struct), and writes it there; a text written points into this Datum.
  static Datum Load(const Type& type, const char* slot);
  void Store(const Type& type, char* slot) const;

  // PostgreSQL's text output of a value of `type`; NULL answers "". Parse is its inverse: 22P02, 22003, 22007... naming the input.
  std::string ToText(const Type& type) const;
  static StatusOr<Datum> Parse(const Type& type, std::string_view text);
  // A literal that reads back as the same value: 'a''b'::text, 12::bigint.
  std::string ToSqlLiteral(const Type& type) const;

 private:
  template <typename T>
  explicit Datum(T v) : value_(std::move(v)) {}
  std::variant<std::monostate, bool, int64_t, double, Numeric, Interval, Uuid, std::string, std::vector<Datum>> value_;
};

}  // namespace kappa
