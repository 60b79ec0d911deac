// A second reader, written from docs/PROTOCOL.md alone, understands what is encoded, and refuses
// what is refused.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "document/error.h"
#include "document/random.h"
#include "proto/wire.h"
#include "sync/message.h"
#include "sync/packet.h"
#include "tests/docs/page_examples.h"
#include "tests/proto/golden_frames.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_messages.h"

namespace cotext {
namespace {

std::string DenseHex(std::string_view bytes) {
  std::string hex = Hex(bytes);
  std::erase(hex, ' ');
  return hex;
}

// Returns what the reader is to print.
std::string MeaningOf(const sync::Packet& packet) {
  std::string lines = "packet " + std::to_string(packet.head.first) + " " +
                      std::to_string(packet.head.received) + (packet.head.again ? " 1\n" : " 0\n");
  for (const sync::Message& message : packet.messages) {
    lines += std::to_string(static_cast<int>(message.kind)) + " " + std::to_string(message.channel);
    const MessageUse use = UseOf(message.kind);
    for (size_t i = 0; i < use.numbers; ++i) lines += " " + std::to_string(message.numbers[i]);
    for (size_t i = 0; i < use.strings; ++i) lines += " =" + DenseHex(message.bytes[i]);
    lines += "\n";
  }
  return lines;
}

// What the reader is asked, and what it is to answer.
struct Questions {
  std::string input;
  std::string answers;

  void Ask(std::string_view bytes) {
    const auto packet = proto::DecodePacket(bytes);
    input += DenseHex(bytes) + "\n";
    answers += (packet ? MeaningOf(*packet) : "refused\n") + ".\n";
  }
};

void ExpectAnswers(const Questions& questions) {
  const std::string input = testing::TempDir() + "/questions";
  const std::string output = testing::TempDir() + "/answers";
  std::ofstream(input, std::ios::binary) << questions.input;
  const std::string command = "python3 tests/docs/protocol_reader.py proto/cotext.proto < '" +
                              input + "' > '" + output + "'";
  ASSERT_EQ(std::system(command.c_str()), 0);
  std::ifstream file(output, std::ios::binary);
  const std::string answers{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (answers == questions.answers) return;
  const auto differs = std::ranges::mismatch(answers, questions.answers);
  const auto at = static_cast<size_t>(differs.in1 - answers.begin());
  const size_t from = at < 200 ? 0 : at - 200;
  FAIL() << "the reader says\n"
         << answers.substr(from, 300) << "\nnot\n"
         << questions.answers.substr(from, 300);
}

TEST(ProtocolReaderTest, GoldenFrames) {
  Questions questions;
  for (const GoldenFrame& frame : ReadGoldenFrames()) questions.Ask(frame.bytes);
  EXPECT_EQ(questions.answers.find("refused"), std::string::npos);
  ExpectAnswers(questions);
}

TEST(ProtocolReaderTest, RandomPackets) {
  Questions questions;
  ForEachSeed(500, [&](Random& random) {
    questions.Ask(proto::EncodePacket(RandomPacket(random, 10, 100)));
  });
  EXPECT_EQ(questions.answers.find("refused"), std::string::npos);
  ExpectAnswers(questions);
}

TEST(ProtocolReaderTest, SpoiledPackets) {
  Questions questions;
  ForEachSeed(2000, [&](Random& random) {
    std::string bytes = proto::EncodePacket(RandomPacket(random, 3, 20));
    const size_t at = random.Below(bytes.size());
    switch (random.Below(3)) {
      case 0: bytes.erase(at, random.Between(1, 3)); break;
      case 1: bytes.insert(at, 1, static_cast<char>(random.Next())); break;
      default: bytes[at] = static_cast<char>(random.Next());
    }
    questions.Ask(bytes);
  });
  ExpectAnswers(questions);
}

}  // namespace
}  // namespace cotext
