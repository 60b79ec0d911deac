// Statuses are the error codes of the core, by number and name.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <map>
#include <regex>
#include <string>
#include <string_view>

#include "bindings/c/cotext.h"
#include "bindings/c/status.h"
#include "document/error.h"
#include "tests/bindings/c/header_text.h"

namespace cotext::c {
namespace {

std::string Lower(std::string name) {
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name;
}

// The names of the header's statuses, in lower case, by number.
std::map<int, std::string> StatusesOfHeader() {
  const std::string text = TextOfHeader("cotext_document.h");
  const size_t begin = text.find("typedef int32_t cotext_status;");
  const std::string part = text.substr(begin, text.find("};", begin) - begin);
  const std::regex line(R"(COTEXT_([A-Z0-9_]+) = (-?[0-9]+))");
  std::map<int, std::string> statuses;
  for (std::sregex_iterator it(part.begin(), part.end(), line), end; it != end; ++it) {
    statuses[std::stoi((*it)[2])] = Lower((*it)[1]);
  }
  return statuses;
}

TEST(CStatusTest, EveryCodeIsAStatusOfThatName) {
  const std::map<int, std::string> statuses = StatusesOfHeader();
  int codes = 0;
  for (int number = 1; number < 256; ++number) {
    const std::string_view name = ErrorName(static_cast<ErrorCode>(number));
    const auto found = statuses.find(number);
    EXPECT_EQ(found == statuses.end() ? "unknown" : found->second, name) << number;
    EXPECT_EQ(cotext_status_name(number), name) << number;
    codes += name != "unknown" ? 1 : 0;
  }
  EXPECT_GT(codes, 50);
}

TEST(CStatusTest, StatusesOfTheInterfaceHaveNamesToo) {
  for (const auto& [number, name] : StatusesOfHeader()) EXPECT_EQ(cotext_status_name(number), name);
  EXPECT_STREQ(cotext_status_name(INT32_MIN), "unknown");
  EXPECT_STREQ(cotext_status_name(INT32_MAX), "unknown");
  EXPECT_EQ(CodeOf(COTEXT_TIMED_OUT), ErrorCode::kTimedOut);
  EXPECT_EQ(CodeOf(INT32_MAX), ErrorCode::kIo);
  EXPECT_EQ(CodeOf(COTEXT_BUSY), ErrorCode::kIo);
}

TEST(CStatusTest, LongMessagesAreCutBetweenCharacters) {
  for (size_t lead = 0; lead < 4; ++lead) {
    std::string message(lead, '.');
    while (message.size() < 400) message += "\xf0\x9f\x98\x80";
    EXPECT_EQ(Fail(COTEXT_BUSY, message), COTEXT_BUSY);
    const std::string kept = cotext_last_error();
    EXPECT_LT(kept.size(), 256U);
    EXPECT_GT(kept.size(), 248U);
    EXPECT_EQ((kept.size() - lead) % 4, 0U);
    EXPECT_EQ(message.substr(0, kept.size()), kept);
  }
}

}  // namespace
}  // namespace cotext::c
