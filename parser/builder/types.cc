#include "parser/builder/builder.h"
#include "parser/string_constant.h"

namespace kappa::builder {
namespace {

ast::QualifiedName PlainName(std::string name, TextRange range) { return {{{std::move(name), false, range}}, range}; }

// "day to second", with the words' case and spacing made regular.
std::string FieldWords(KappaParser::IntervalFieldsContext* fields, BuildContext& context) {
  std::string words;
  for (antlr4::tree::ParseTree* child : fields->children) {
    auto* word = dynamic_cast<antlr4::tree::TerminalNode*>(child);
    if (word->getSymbol()->getType() == KappaParser::LPAREN) break;  // SECOND(3): the precision is a modifier
    if (!words.empty()) words += ' ';
    words += FoldIdentifier(context.TextOf(RangeOf(word)));
  }
  return words;
}

class TypeBuilder final {
 public:
  explicit TypeBuilder(BuildContext& context) : context_(context) {}

  ast::TypeName Build(KappaParser::SimpleTypeContext* type) {
    ast::TypeName out;
    if (auto* named = dynamic_cast<KappaParser::NamedTypeContext*>(type)) {
      out.name.parts.push_back(BuildIdentifier(named->typeIdentifier(), context_));
      for (auto* label : named->label()) out.name.parts.push_back(BuildIdentifier(label, context_));
      out.name.range = Join(out.name.parts.front().range, out.name.parts.back().range);
      out.modifiers = Modifiers(named->typeModifiers());
    } else if (auto* time = dynamic_cast<KappaParser::TimeTypeContext*>(type)) {
      out = BuildTimeType(time->TIMESTAMP() != nullptr, time->timeModifiers(), context_);
    } else if (auto* interval = dynamic_cast<KappaParser::IntervalTypeContext*>(type)) {
      out = BuildIntervalType(interval->intervalFields(), interval->INTEGER_CONSTANT(), context_);
    } else if (auto* character = dynamic_cast<KappaParser::CharacterTypeContext*>(type)) {
      out.name = PlainName(character->VARYING() != nullptr ? "character varying" : "character", RangeOf(type));
      out.modifiers = Modifiers(character->typeModifiers());
    } else if (auto* structure = dynamic_cast<KappaParser::StructTypeContext*>(type)) {
      out.name = PlainName("struct", RangeOf(structure->STRUCT()));
      for (auto* field : structure->structField()) {
        out.fields.push_back({BuildIdentifier(field->label(), context_), BuildType(field->typeName(), context_)});
      }
    } else {
      out.name = PlainName("double precision", RangeOf(type));
    }
    out.range = RangeOf(type);
    return out;
  }

 private:
  std::vector<int64_t> Modifiers(KappaParser::TypeModifiersContext* modifiers) {
    std::vector<int64_t> out;
    if (modifiers == nullptr) return out;
    for (auto* number : modifiers->signedNumber()) out.push_back(BuildInteger(number, context_));
    return out;
  }

  BuildContext& context_;
};

}  // namespace

ast::TypeName BuildTimeType(bool timestamp, KappaParser::TimeModifiersContext* modifiers, BuildContext& context) {
  ast::TypeName out;
  std::string name = timestamp ? "timestamp" : "time";
  if (modifiers->WITH() != nullptr) name += " with time zone";
  out.name = PlainName(std::move(name), RangeOf(modifiers));
  if (modifiers->INTEGER_CONSTANT() != nullptr) out.modifiers.push_back(BuildInteger(modifiers->INTEGER_CONSTANT(), context));
  out.range = out.name.range;
  return out;
}

ast::TypeName BuildIntervalType(KappaParser::IntervalFieldsContext* fields, antlr4::tree::TerminalNode* precision, BuildContext& context) {
  ast::TypeName out;
  out.name = PlainName("interval", {});
  if (fields != nullptr) {
    out.interval_fields = FieldWords(fields, context);
    if (fields->INTEGER_CONSTANT() != nullptr) precision = fields->INTEGER_CONSTANT();
  }
  if (precision != nullptr) out.modifiers.push_back(BuildInteger(precision, context));
  return out;
}

ast::TypeName BuildType(KappaParser::TypeNameContext* type, BuildContext& context) {
  int dimensions = 0;
  KappaParser::TypeNameContext* inner = type;
  while (auto* array = dynamic_cast<KappaParser::ArrayTypeContext*>(inner)) {
    ++dimensions;
    inner = array->typeName();
  }
  ast::TypeName out = TypeBuilder(context).Build(static_cast<KappaParser::PlainTypeContext*>(inner)->simpleType());
  out.array_dimensions = dimensions;
  out.range = RangeOf(type);
  return out;
}

}  // namespace kappa::builder
