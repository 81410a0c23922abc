// Trigonometric, hyperbolic and other functions of double precision. In degrees the angles that have exact results give them (PostgreSQL's float.c).
#include <cmath>

#include "functions/function.h"
#include "functions/scalar/errors.h"
#include "functions/tables.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace float_math_functions {

constexpr double kRadiansPerDegree = 0.0174532925199432957692;

KAPPA_COLD bool FailInput(CallContext& c) { return c.Fail(sqlstate::kNumericValueOutOfRange, "input is out of range"); }

KAPPA_INLINE bool Checked(CallContext& c, double value, bool infinity_allowed, bool zero_allowed, double* out) {
  *out = value;
  if (KAPPA_UNLIKELY(__builtin_isinf(value) && !infinity_allowed)) return FailFloatOverflow(c);
  return KAPPA_LIKELY(value != 0 || zero_allowed) || FailFloatUnderflow(c);
}

// Functions of an angle: an infinity has no place on the circle.
template <double (*Function)(double)>
bool OfAngle(CallContext& c, double x, double* out) {
  if (KAPPA_UNLIKELY(__builtin_isinf(x))) return FailInput(c);
  *out = Function(x);
  return true;
}
double Sine(double x) { return std::sin(x); }
double Cosine(double x) { return std::cos(x); }
double Tangent(double x) { return std::tan(x); }
double Cotangent(double x) { return 1.0 / std::tan(x); }

// Defined within [-1, 1] only.
template <double (*Function)(double)>
bool OfSine(CallContext& c, double x, double* out) {
  if (KAPPA_UNLIKELY(x < -1 || x > 1)) return FailInput(c);
  *out = Function(x);
  return true;
}
double ArcSine(double x) { return std::asin(x); }
double ArcCosine(double x) { return std::acos(x); }

template <double (*Function)(double)>
double Plain(CallContext&, double x) {
  return Function(x);
}
double ArcTangent(double x) { return std::atan(x); }
double CubeRoot(double x) { return std::cbrt(x); }
double HyperbolicSine(double x) { return std::sinh(x); }
double HyperbolicCosine(double x) { return std::cosh(x); }
double HyperbolicTangent(double x) { return std::tanh(x); }
double ArcHyperbolicSine(double x) { return std::asinh(x); }
double ArcTangent2(CallContext&, double y, double x) { return std::atan2(y, x); }

bool ArcHyperbolicCosine(CallContext& c, double x, double* out) {
  if (KAPPA_UNLIKELY(x < 1)) return FailInput(c);
  *out = std::acosh(x);
  return true;
}
bool ArcHyperbolicTangent(CallContext& c, double x, double* out) {
  if (KAPPA_UNLIKELY(x < -1 || x > 1)) return FailInput(c);
  *out = std::atanh(x);
  return true;
}

// ---- in degrees: scaled so that sind(30) is 0.5 and its relatives are exact. The constants are what the C library gives for them.

constexpr double kSine30 = 0x1.fffffffffffffp-2;            // sin(30 * kRadiansPerDegree)
constexpr double kOneMinusCosine60 = 0x1.ffffffffffffep-2;  // 1 - cos(60 * kRadiansPerDegree)
constexpr double kArcSineHalf = 0x1.0c152382d7366p-1;
constexpr double kArcCosineHalf = 0x1.0c152382d7366p+0;
constexpr double kArcTangentOne = 0x1.921fb54442d18p-1;

double Sine0To30(double x) { return (std::sin(x * kRadiansPerDegree) / kSine30) / 2.0; }
double Cosine0To60(double x) { return 1.0 - ((1.0 - std::cos(x * kRadiansPerDegree)) / kOneMinusCosine60) / 2.0; }
double SineQuadrant(double x) { return x <= 30.0 ? Sine0To30(x) : Cosine0To60(90.0 - x); }
double CosineQuadrant(double x) { return x <= 60.0 ? Cosine0To60(x) : Sine0To30(90.0 - x); }
double ArcSineQuadrant(double x) { return x <= 0.5 ? (std::asin(x) / kArcSineHalf) * 30.0 : 90.0 - (std::acos(x) / kArcCosineHalf) * 60.0; }
double ArcCosineQuadrant(double x) { return x <= 0.5 ? 90.0 - (std::asin(x) / kArcSineHalf) * 30.0 : (std::acos(x) / kArcCosineHalf) * 60.0; }

// An angle brought into the first quadrant, with the sign each function takes from where it was.
struct Quadrant {
  double x;
  double sine = 1, cosine = 1;
};
Quadrant ToQuadrant(double x) {
  Quadrant q{std::fmod(x, 360.0)};
  if (q.x < 0) {
    q.x = -q.x;
    q.sine = -q.sine;
  }
  if (q.x > 180.0) {
    q.x = 360.0 - q.x;
    q.sine = -q.sine;
  }
  if (q.x > 90.0) {
    q.x = 180.0 - q.x;
    q.cosine = -q.cosine;
  }
  return q;
}
double SineDegrees(double x) {
  const Quadrant q = ToQuadrant(x);
  return q.sine * SineQuadrant(q.x);
}
double CosineDegrees(double x) {
  const Quadrant q = ToQuadrant(x);
  return q.cosine * CosineQuadrant(q.x);
}
double TangentDegrees(double x) {
  const Quadrant q = ToQuadrant(x);
  const double value = q.sine * q.cosine * (SineQuadrant(q.x) / CosineQuadrant(q.x));
  return value == 0 ? 0.0 : value;  // never -0
}
double CotangentDegrees(double x) {
  const Quadrant q = ToQuadrant(x);
  const double value = q.sine * q.cosine * (CosineQuadrant(q.x) / SineQuadrant(q.x));
  return value == 0 ? 0.0 : value;
}
double ArcSineDegrees(double x) { return x >= 0 ? ArcSineQuadrant(x) : -ArcSineQuadrant(-x); }
double ArcCosineDegrees(double x) { return x >= 0 ? ArcCosineQuadrant(x) : 90.0 + ArcSineQuadrant(-x); }
double ArcTangentDegrees(double x) { return (std::atan(x) / kArcTangentOne) * 45.0; }
double ArcTangent2Degrees(CallContext&, double y, double x) { return (std::atan2(y, x) / kArcTangentOne) * 45.0; }

bool Degrees(CallContext& c, double x, double* out) { return Checked(c, x / kRadiansPerDegree, __builtin_isinf(x), x == 0, out); }
bool Radians(CallContext& c, double x, double* out) { return Checked(c, x * kRadiansPerDegree, __builtin_isinf(x), x == 0, out); }
double Pi(CallContext&) { return 3.14159265358979323846; }
bool SquareRoot(CallContext& c, double x, double* out) {
  if (KAPPA_UNLIKELY(x < 0)) return c.Fail(sqlstate::kInvalidArgumentForPowerFunction, "cannot take square root of a negative number");
  *out = std::sqrt(x);
  return true;
}

struct Row {
  const char* name;
  const char* doc;
  const char* call;
  const char* result;
};

}  // namespace float_math_functions

using namespace float_math_functions;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> FloatMathFunctions() {
  constexpr TypeId kFloat8 = TypeId::kFloat8;
  std::vector<FunctionEntry> table;
  auto add = [&](FunctionBuilder row) { table.push_back(row.Category("Mathematics")); };
  auto one = [&](Row row, auto native) { add(native(Scalar(row.name, {kFloat8}, kFloat8)).Doc(row.doc).Example(row.call, row.result)); };
#define KAPPA_NATIVE(...) [](FunctionBuilder b) { return b.Native<&__VA_ARGS__>(); }
  one({"sin", "Sine of an angle in radians.", "sin(0)", "0"}, KAPPA_NATIVE(OfAngle<&Sine>));
  one({"cos", "Cosine of an angle in radians.", "cos(0)", "1"}, KAPPA_NATIVE(OfAngle<&Cosine>));
  one({"tan", "Tangent of an angle in radians.", "tan(0)", "0"}, KAPPA_NATIVE(OfAngle<&Tangent>));
  one({"cot", "Cotangent of an angle in radians.", "cot(0.5)", "1.830487721712452"}, KAPPA_NATIVE(OfAngle<&Cotangent>));
  one({"asin", "Inverse sine, in radians.", "asin(1)", "1.5707963267948966"}, KAPPA_NATIVE(OfSine<&ArcSine>));
  one({"acos", "Inverse cosine, in radians.", "acos(1)", "0"}, KAPPA_NATIVE(OfSine<&ArcCosine>));
  one({"atan", "Inverse tangent, in radians.", "atan(1)", "0.7853981633974483"}, KAPPA_NATIVE(Plain<&ArcTangent>));
  one({"sind", "Sine of an angle in degrees.", "sind(30)", "0.5"}, KAPPA_NATIVE(OfAngle<&SineDegrees>));
  one({"cosd", "Cosine of an angle in degrees.", "cosd(60)", "0.5"}, KAPPA_NATIVE(OfAngle<&CosineDegrees>));
  one({"tand", "Tangent of an angle in degrees.", "tand(45)", "1"}, KAPPA_NATIVE(OfAngle<&TangentDegrees>));
  one({"cotd", "Cotangent of an angle in degrees.", "cotd(45)", "1"}, KAPPA_NATIVE(OfAngle<&CotangentDegrees>));
  one({"asind", "Inverse sine, in degrees.", "asind(0.5)", "30"}, KAPPA_NATIVE(OfSine<&ArcSineDegrees>));
  one({"acosd", "Inverse cosine, in degrees.", "acosd(0.5)", "60"}, KAPPA_NATIVE(OfSine<&ArcCosineDegrees>));
  one({"atand", "Inverse tangent, in degrees.", "atand(1)", "45"}, KAPPA_NATIVE(Plain<&ArcTangentDegrees>));
  one({"sinh", "Hyperbolic sine.", "sinh(1)", "1.1752011936438014"}, KAPPA_NATIVE(Plain<&HyperbolicSine>));
  one({"cosh", "Hyperbolic cosine.", "cosh(0)", "1"}, KAPPA_NATIVE(Plain<&HyperbolicCosine>));
  one({"tanh", "Hyperbolic tangent.", "tanh(1)", "0.7615941559557649"}, KAPPA_NATIVE(Plain<&HyperbolicTangent>));
  one({"asinh", "Inverse hyperbolic sine.", "asinh(1)", "0.881373587019543"}, KAPPA_NATIVE(Plain<&ArcHyperbolicSine>));
  one({"acosh", "Inverse hyperbolic cosine.", "acosh(1)", "0"}, KAPPA_NATIVE(ArcHyperbolicCosine));
  one({"atanh", "Inverse hyperbolic tangent.", "atanh(0.5)", "0.5493061443340548"}, KAPPA_NATIVE(ArcHyperbolicTangent));
  one({"cbrt", "Cube root.", "cbrt(64.0)", "4"}, KAPPA_NATIVE(Plain<&CubeRoot>));
  one({"degrees", "Radians to degrees.", "degrees(0.5)", "28.64788975654116"}, KAPPA_NATIVE(Degrees));
  one({"radians", "Degrees to radians.", "radians(45.0)", "0.7853981633974483"}, KAPPA_NATIVE(Radians));
#undef KAPPA_NATIVE
  add(Scalar("atan2", {kFloat8, kFloat8}, kFloat8)
          .Native<&ArcTangent2>()
          .Doc("Inverse tangent of y / x, in radians.")
          .Example("atan2(1, 0)", "1.5707963267948966"));
  add(Scalar("atan2d", {kFloat8, kFloat8}, kFloat8)
          .Native<&ArcTangent2Degrees>()
          .Doc("Inverse tangent of y / x, in degrees.")
          .Example("atan2d(1, 0)", "90"));
  add(Scalar("pi", {}, kFloat8).Native<&Pi>().Doc("The ratio of a circle's circumference to its diameter.").Example("pi()", "3.141592653589793"));
  add(Operator("|/", {kFloat8}, kFloat8).Native<&SquareRoot>().Doc("Square root.").Example("|/ 25.0", "5"));
  add(Operator("||/", {kFloat8}, kFloat8).Native<&Plain<&CubeRoot>>().Doc("Cube root.").Example("||/ 64.0", "4"));
  return table;
}

}  // namespace kappa
