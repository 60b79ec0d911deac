#include "tests/proto/golden_frames.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>

#include "sync/message.h"

namespace cotext {
namespace {

using Json = nlohmann::json;

std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (size_t at = 0; at + 1 < hex.size(); at += 2) {
    unsigned value = 0;
    const auto digits = hex.substr(at, 2);
    std::from_chars(digits.data(), digits.data() + 2, value, 16);
    bytes.push_back(static_cast<char>(value));
  }
  return bytes;
}

// Decimal digits in a string: JavaScript's numbers are exact to 2^53 only.
uint64_t Number(const Json& json) { return std::stoull(json.get<std::string>()); }

sync::Message ReadMessage(const Json& json) {
  sync::Message message;
  message.kind = static_cast<sync::MessageKind>(json.at("kind").get<int>());
  message.channel = Number(json.at("channel"));
  for (size_t i = 0; i < message.numbers.size(); ++i) {
    message.numbers[i] = Number(json.at("numbers").at(i));
  }
  for (size_t i = 0; i < message.bytes.size(); ++i) {
    message.bytes[i] = FromHex(json.at("bytes").at(i).get<std::string>());
  }
  return message;
}

}  // namespace

std::vector<GoldenFrame> ReadGoldenFrames() {
  std::ifstream file("tests/proto/golden_frames.json");
  EXPECT_TRUE(file.is_open());
  std::vector<GoldenFrame> frames;
  for (const Json& json : Json::parse(file)) {
    GoldenFrame& frame = frames.emplace_back();
    frame.name = json.at("name");
    const Json& head = json.at("head");
    frame.packet.head = {.first = Number(head.at("first")),
                         .received = Number(head.at("received")),
                         .again = head.at("again")};
    for (const Json& message : json.at("messages")) {
      frame.packet.messages.push_back(ReadMessage(message));
    }
    frame.bytes = FromHex(json.at("packet").get<std::string>());
    frame.is_only_read = json.value("decode_only", false);
  }
  return frames;
}

}  // namespace cotext
