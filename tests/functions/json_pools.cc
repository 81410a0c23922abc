#include "tests/functions/json_pools.h"

#include "tests/functions/case_writer.h"

namespace kappa {
namespace {

const Pool& Paths() {
  static const Pool kPaths = {"{}",      "{a}",           "{a,b}",    "{a,0}",  "{a,-1}",        "{0}",    "{-1}",       "{1}",
                              "{5}",     "{-5}",          "{a,NULL}", "{NULL}", "{a,x}",         "{x}",    "{a,b,c}",    "{0,a}",
                              "{0,0,0}", "{\"\"}",        "{\" 1\"}", "{+1}",   "{1x}",          "{a,1}",  "{b}",        "{c}",
                              "{a,b,0}", "{99999999999}", "{d,e}",    "{2,a}",  "{{a,b},{c,d}}", "{null}", "{\xC3\xA9}", nullptr};
  return kPaths;
}
const Pool& Names() {
  static const Pool kNames = {"a", "b", "c", "", "0", "-1", "x", "\xC3\xA9", "a\"b", "A", "key", "null", "d", nullptr};
  return kNames;
}
const Pool& Variables() {
  static const Pool kVariables = {"{}", "{\"x\": 1, \"y\": \"a\", \"z\": null, \"list\": [1, 2]}", "{\"x\": \"b\"}", "[1]", "5"};
  return kVariables;
}
const Pool& PathExpressions() {
  static const Pool kExpressions = {
      "$", "$.a", "$.b", "$.a.b", "$.a[0]", "$.a[*]", "$[*]", "$[0]", "$[last]", "$[last - 1]", "$[0 to 1]", "$[1 to last, 0]", "$.*", "$.**",
      "$.**{1}", "$.**{1 to 2}", "$.**{last}", "$.**{0 to last}.a", "$.\"a\"", "$.a.b.c", "strict $", "strict $.a", "strict $.a.b", "strict $[0]",
      "strict $[5]", "strict $[*]", "strict $.*", "strict $.**.a", "lax $.a", "$.a ? (@ > 1)", "$[*] ? (@ > 1)", "$[*] ? (@ >= 1 && @ < 3)",
      "$[*] ? (@ == 1 || @ == \"a\")", "$[*] ? (!(@ == 1))", "$ ? (@.a == 1)", "$ ? (exists(@.a))", "$ ? (!exists(@.a))", "$.a ? (@.b == 1).b",
      "$ ? (@.a > $x)", "$ ? (@.a == $y)", "$x", "$y", "$missing", "$[*] ? (@ == $list[*])", "$.a == 1", "$.a > 1", "$.a != 1", "$.a <> \"x\"",
      "$.a < 2", "$[*] > 1", "strict $[*] > 1", "($.a == 1) is unknown", "($.a > \"a\") is unknown", "$.a == null", "$.z == null", "exists($.a)",
      "!exists($.a)", "$.a.type()", "$.type()", "$[*].type()", "$.size()", "$.a.size()", "strict $.size()", "$.a.abs()", "$[*].abs()", "$.a.floor()",
      "$.a.ceiling()", "$.a.double()", "$[*].double()", "$.a + 1", "$.a - 1", "$.a * 2", "$.a / 2", "$.a / 0", "$.a % 2", "-$.a", "+$.a", "-$[*]",
      "$[*] + 1", "1 + 2 * 3", "(1 + 2) * 3", "2 - 1 - 1", "\"a\" + 1", "-\"a\"", "$ starts with \"a\"", "$[*] ? (@ starts with \"a\")",
      "$[*] ? (@ starts with $y)", "$ like_regex \"^a\"", "$[*] ? (@ like_regex \"B\" flag \"i\")", "$[*] ? (@ like_regex \"a.b\" flag \"q\")",
      "$.a ? (@ like_regex \"x$\")", "1", "\"s\"", "null", "true", "false", "1.50", ".5", "1.", "1e3", "true == true", "1 == 1.0", "\"a\" < \"b\"",
      "null == null", "null < 1", "true > false", "$.a ? (1 == 1)", "$[$[0]]", "$[\"a\"]", "$[1.9]", "$[-1]", "$[1e10]", "$ ? (@ == 5)",
      "$ ? (@.type() == \"number\")", "$.a[*].b", "$.a[*] ? (@.b > 1)", "($.a).b", "($.a == 1).type()", "(exists($.a)).type()", "($.a + 1).abs()",
      "$.a[last].b", "$ ? (@.a[*] > 1)", "$.a ? (@ > 1) ? (@ < 3)", "$.keyvalue().key", "$.a.keyvalue().value", "strict $.keyvalue().key",
      "$ ? ((@.a == 1) is unknown)", "$.**{2}.type()", "$ /* c */ . a", "$.\"a b\"", "$.\xC3\xA9", "$.\\u0061", "\"\\u00e9\"", "STRICT $",
      "$.a.TYPE()",
      // mistakes
      "", " ", "$.", "$.a b", "$.a b c", "$.a ==", "@", "last", "\"abc", "1a", "01", "1e", "$.a.foo()", "!$.a", "(1 == 1) == true", "$ ? ($.a)",
      "$.a = 1", "$.$a", "$[]", "$[1 to ]", "$.1a", "1.abs()", "$.a && $.b", "$a b", "((($", "$.a like_regex 1", "$.a like_regex \"a\" flag \"z\"",
      "$.a like_regex \"a\" flag \"x\"", "$.a like_regex \"(a\"", "$.a starts with 1", "$.**{a}", "strict", "\"\\u0000\"", "\"\\ud800\"",
      "exists($.a).type()"};
  return kExpressions;
}
const Pool& Treatments() {
  static const Pool kTreatments = {"use_json_null", "delete_key", "return_target", "raise_exception", "other", "", nullptr};
  return kTreatments;
}
const Pool& JsonTexts() {
  static const Pool kTexts = {
      "{}", "[]", " [1 , 2.50 ]", "{\"b\":1,\"a\":[true,false,null]}", "\"\\u00e9\\n\\/\"", "1e3", "-0", "-0.00", "1E-5", "0e5", "12e-1", "1.5e1",
      "100e-2", "{\"a\":1,\"a\":2}", "null", "\t\n\r true ", "\"\\ud83d\\ude00\"", "1e400", "1e-400", "123456789012345678901234567890.123",
      "{\"aa\":1,\"b\":2,\"\":3}", "[[[[]]]]", "\"\"", "\"a\\\"b\\\\c\"", "\"\\b\\f\\t\"",
      // mistakes
      "", " ", "{", "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}", "'a'", "01", "1.", ".5", "+1", "nul", "truex", "[1 2]", "{\"a\":1,}", "\"abc", "\"\\x\"",
      "\"\\u12\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\ud800\"", "1e", "--1", "1 1", "]", "\"a\nb\"", "NaN", "Infinity",
      "1e200000", "1e-20000", "{\"a\":1]", "[1}", "\xEF\xBB\xBF{}", "{\"\\u0000\":1}", nullptr};
  return kTexts;
}

}  // namespace

const Pool& JsonDocuments() {
  static const Pool kDocuments = {"{}",
                                  "[]",
                                  "null",
                                  "true",
                                  "false",
                                  "0",
                                  "5",
                                  "-1.50",
                                  "1.0",
                                  "1e20",
                                  "0.1",
                                  "2147483647.5",
                                  "32768",
                                  "\"\"",
                                  "\"a\"",
                                  "\"abc\"",
                                  "\"h\xC3\xA9llo \\\"w\\\"\"",
                                  "[1, 2, 3]",
                                  "[1.0, 2.00, \"a\", null, true]",
                                  "[\"a\", \"b\", \"A.B\", \"a.b\"]",
                                  "[[1, 2], [3]]",
                                  "[{\"a\": 1}, {\"a\": 2, \"b\": null}, 5]",
                                  "{\"a\": 1}",
                                  "{\"a\": 1, \"b\": 2, \"c\": 3}",
                                  "{\"a\": [1, 2, 3], \"b\": {\"c\": \"x\"}}",
                                  "{\"a\": {\"b\": {\"c\": [1, {\"d\": null}]}}}",
                                  "{\"a\": null, \"z\": null, \"\": 1, \"\xC3\xA9\": 2}",
                                  "{\"a\": \"x\", \"aa\": [], \"b\": {}}",
                                  "{\"a\": -2.5}",
                                  "{\"a\": \"12.5\"}",
                                  "[[]]",
                                  "[null]",
                                  "[false, 0, \"\"]",
                                  "{\"a\": [{\"b\": 1}, {\"b\": 2}, {\"b\": 3}]}",
                                  nullptr};
  return kDocuments;
}

bool IsJsonPath(const FunctionEntry& entry, size_t argument) {
  return argument == 1 && (entry.name.starts_with("jsonb_path_") || entry.name == "@?" || entry.name == "@@") && entry.arguments[0] == TypeId::kJsonb;
}

std::string JsonPathLiteral(const char* text) { return text == nullptr ? "NULL::jsonpath" : QuotedText(text) + "::jsonpath"; }

const Pool* JsonPoolOf(const FunctionEntry& entry, size_t argument, const Type& given) {
  const TypeId first = entry.arguments.empty() ? TypeId::kUnknown : entry.arguments[0];
  const bool json = first == TypeId::kJson || first == TypeId::kJsonb;
  if (entry.kind == FunctionKind::kCast && first == TypeId::kText && (entry.result == TypeId::kJson || entry.result == TypeId::kJsonb))
    return &JsonTexts();
  if (IsJsonPath(entry, 1)) {  // PostgreSQL reads a literal path whatever the other arguments are: no NULLs beside it
    static const Pool kTargets(JsonDocuments().begin(), JsonDocuments().end() - 1), kFlags = {"t", "f"};
    if (argument == 0) return &kTargets;
    if (argument == 3) return &kFlags;
  }
  if (IsJsonPath(entry, argument)) return &PathExpressions();
  if (json && argument == 2 && entry.name.starts_with("jsonb_path_")) return &Variables();
  if (json && entry.name == "jsonb_set_lax" && argument == 4) return &Treatments();
  if (json && argument > 0 && given.id() == TypeId::kText) return &Names();
  if (json && argument > 0 && entry.text_arrays && given.id() == TypeId::kArray) return &Paths();
  return nullptr;
}

}  // namespace kappa
