#include "common/logging.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace kappa {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class LoggingTest : public ::testing::Test {
 protected:
  LoggingTest() {
    SetLogWriter([this](std::string_view line) { lines_.emplace_back(line); });
  }
  ~LoggingTest() override {
    SetLogWriter(nullptr);
    ConfigureLog(LogLevel::kWarning, LogFormat::kText);
  }
  std::vector<std::string> lines_;
};

TEST_F(LoggingTest, TextLineHasTimeLevelEventAndFacts) {
  ConfigureLog(LogLevel::kInfo, LogFormat::kText);
  LogInfo("snapshot written", {{"program", "totals"}, {"epoch", 12}, {"seconds", 0.5}, {"merged", true}, {"why", std::string("two words")}});
  ASSERT_EQ(lines_.size(), 1u);
  EXPECT_THAT(lines_[0], MatchesRegex("20[0-9-]+T[0-9:]+\\.[0-9]{3}Z info snapshot written program=totals epoch=12 seconds=0.5 merged=true "
                                      "why=\"two words\"\n"));
}

TEST_F(LoggingTest, JsonLineParsesWhateverIsInIt) {
  ConfigureLog(LogLevel::kInfo, LogFormat::kJson);
  LogError("program failed", {{"error", "quote \" slash \\ line\nend \x1b[2J \xff"}, {"lag", int64_t{-1}}, {"text", "\xc3\xbc {}"}});
  ASSERT_EQ(lines_.size(), 1u);
  const auto json = nlohmann::json::parse(lines_[0]);
  EXPECT_EQ(json["level"], "error");
  EXPECT_EQ(json["event"], "program failed");
  EXPECT_EQ(json["error"], "quote \" slash \\ line\nend \x1b[2J \xc3\xbf");
  EXPECT_EQ(json["lag"], -1);
  EXPECT_EQ(json["text"], "\xc3\xbc {}");
  EXPECT_EQ(lines_[0].find('\x1b'), std::string::npos);
  EXPECT_EQ(std::count(lines_[0].begin(), lines_[0].end(), '\n'), 1);
}

TEST_F(LoggingTest, OneEventIsOneLineWithoutControlCharacters) {
  ConfigureLog(LogLevel::kInfo, LogFormat::kText);
  LogInfo("x", {{"a", "b\r\n2026 error fake\x1b]0;title\x07"}, {"empty", ""}});
  ASSERT_EQ(lines_.size(), 1u);
  EXPECT_EQ(std::count_if(lines_[0].begin(), lines_[0].end(), [](char c) { return c >= 0 && c < ' '; }), 1);
  EXPECT_THAT(lines_[0], HasSubstr("empty=\"\""));
}

TEST_F(LoggingTest, LevelDecides) {
  LogInfo("not by default");
  LogWarning("yes");
  EXPECT_EQ(lines_.size(), 1u);
  EXPECT_FALSE(Logs(LogLevel::kInfo));
  ConfigureLog(LogLevel::kOff, LogFormat::kText);
  LogError("no");
  EXPECT_EQ(lines_.size(), 1u);
  ConfigureLog(LogLevel::kDebug, LogFormat::kText);
  LogDebug("yes");
  EXPECT_EQ(lines_.size(), 2u);
  EXPECT_EQ(LogLevelOf("warning"), LogLevel::kWarning);
  EXPECT_EQ(LogLevelOf("loud"), std::nullopt);
}

TEST_F(LoggingTest, SecretsAreMasked) {
  for (const LogFormat format : {LogFormat::kText, LogFormat::kJson}) {
    ConfigureLog(LogLevel::kInfo, format);
    LogInfo("source opened", {{"properties.sasl.username", "bob"}, {"ssl.key.Password", "hunter2"}, {"topic", "bids"}});
    EXPECT_THAT(lines_.back(), HasSubstr("***"));
    EXPECT_THAT(lines_.back(), HasSubstr("bids"));
    EXPECT_EQ(lines_.back().find("bob"), std::string::npos);
    EXPECT_EQ(lines_.back().find("hunter2"), std::string::npos);
  }
  EXPECT_TRUE(IsSecretName("client_SECRET"));
  EXPECT_FALSE(IsSecretName("topic"));
}

}  // namespace
}  // namespace kappa
