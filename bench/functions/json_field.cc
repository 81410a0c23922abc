#include "bench/functions/json_field.h"

#include <simdjson.h>

#include <cstdlib>

#include "bench/functions/by_hand.h"
#include "formats/decoder.h"

namespace kappa::bench {
namespace {

class ChannelOfRecords final : public JsonField {
 public:
  ChannelOfRecords(const std::vector<std::string>* records, std::unique_ptr<const DecodePlan> plan)
      : records_(*records), plan_(std::move(plan)), decode_(DecodeEntry(*plan_)), state_(*plan_), row_(plan_->layout().size()) {}

  uint64_t Decode() override {
    uint64_t sum = 0;
    const Slot& slot = plan_->layout().slots()[0];
    for (const std::string& record : records_) {
      if (decode_(plan_.get(), &state_, &call_, record.data(), static_cast<uint32_t>(record.size()), row_.data()) != DecodeResult::kRow) std::abort();
      Text text;
      std::memcpy(&text, row_.data() + slot.offset, sizeof text);
      sum += plan_->layout().IsNull(row_.data(), slot) ? kNullWord : by_hand::Word(text.prefix, text.size);
    }
    call_.scratch.Reset();
    return sum;
  }

  uint64_t ByHand() override {
    uint64_t sum = 0;
    for (const std::string& record : records_) {
      auto document = parser_.iterate(record.data(), record.size(), record.size() + simdjson::SIMDJSON_PADDING).value();
      std::string_view channel;
      if (document["channel"].get_string().get(channel) != simdjson::SUCCESS) std::abort();
      sum += by_hand::Word(channel.data(), channel.size());
    }
    return sum;
  }

 private:
  const std::vector<std::string>& records_;
  std::unique_ptr<const DecodePlan> plan_;
  DecodeFunction decode_;
  DecoderState state_;
  CallContext call_;
  std::vector<char> row_;
  simdjson::ondemand::parser parser_;
};

}  // namespace

StatusOr<std::unique_ptr<JsonField>> JsonField::Make(const std::vector<std::string>* records) {
  DecodeColumn column;  // what the planner asks for where ->> goes into the record itself
  column.path.push_back({"channel", true});
  column.type = Type(TypeId::kText);
  ASSIGN_OR_RETURN(auto plan, DecodePlan::Make({column}, RowLayout({{Type(TypeId::kText), true}}), {RecordEncoding::kJson, Validate::kRead, true}));
  return std::unique_ptr<JsonField>(std::make_unique<ChannelOfRecords>(records, std::move(plan)));
}

}  // namespace kappa::bench
