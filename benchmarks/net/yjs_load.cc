// The messages of y-protocols, and updates of Yjs in their first encoding, as far as a writer that
// appends letters to a text needs them.
//
//     message:  0 (sync), then 0 state vector | 1 update | 2 update, each with its length
//     update:   clients, then of each: structs, client, clock, structs; then what was deleted
//     a letter: 0x84, client and clock of the letter before; the first one: 0x04, 1, "text".
//               Then its length and the letter
#include <optional>
#include <utility>

#include "benchmarks/net/load_protocol.h"
#include "document/check.h"

namespace cotext {
namespace {

void AddNumber(std::string& bytes, uint64_t number) {
  for (; number >= 0x80; number >>= 7U) bytes += static_cast<char>(0x80U | (number & 0x7FU));
  bytes += static_cast<char>(number);
}

void AddText(std::string& bytes, std::string_view text) {
  AddNumber(bytes, text.size());
  bytes += text;
}

uint64_t TakeNumber(std::string_view& bytes) {
  uint64_t number = 0;
  for (unsigned shift = 0; !bytes.empty(); shift += 7) {
    const auto byte = static_cast<uint8_t>(bytes[0]);
    bytes.remove_prefix(1);
    number |= uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) break;
  }
  return number;
}

class YjsLoad final : public LoadProtocol {
 public:
  explicit YjsLoad(uint64_t writer) : writer_(writer) {}

  // Asks for all that there is, by a state vector of nobody.
  std::vector<std::string> Begin() override { return {std::string("\x00\x00\x01\x00", 4)}; }

  Answer OnMessage(std::string_view message) override {
    Answer answer;
    if (TakeNumber(message) != 0) return answer;  // Who is there.
    const uint64_t kind = TakeNumber(message);
    if (kind == 0) {
      // It asks in turn for what it lacks: nothing.
      answer.replies.emplace_back("\x00\x01\x02\x00\x00", 5);
    } else if (kind == 1) {
      is_ready_ = true;
    } else {
      TakeNumber(message);
      Read(message, answer);
    }
    return answer;
  }

  bool IsReady() const override { return is_ready_; }

  std::string Edit() override {
    std::string update;
    AddNumber(update, 1);
    AddNumber(update, 1);
    AddNumber(update, writer_);
    AddNumber(update, edits_);
    if (edits_ == 0) {
      update += '\x04';
      AddNumber(update, 1);
      AddText(update, "text");
    } else {
      update += '\x84';
      AddNumber(update, writer_);
      AddNumber(update, edits_ - 1);
    }
    AddText(update, "x");
    AddNumber(update, 0);
    ++edits_;
    std::string message("\x00\x02", 2);
    AddText(message, update);
    return message;
  }

  std::string Ask() override { return std::string("\x00\x00\x01\x00", 4); }
  bool IsAnswer(std::string_view message) const override {
    return message.starts_with(std::string_view("\x00\x01", 2));
  }

 private:
  // The server sends on each update as it came.
  static void Read(std::string_view update, Answer& answer) {
    for (uint64_t clients = TakeNumber(update); clients > 0; --clients) {
      const uint64_t structs = TakeNumber(update);
      const uint64_t client = TakeNumber(update);
      const uint64_t clock = TakeNumber(update);
      COTEXT_CHECK(clients == 1);
      COTEXT_CHECK(structs == 1);
      answer.heard.push_back({.writer = client, .edits = clock + 1});
    }
  }

  uint64_t writer_;
  uint64_t edits_ = 0;
  bool is_ready_ = false;
};

}  // namespace

std::unique_ptr<LoadProtocol> MakeYjsLoad(uint64_t writer) {
  return std::make_unique<YjsLoad>(writer);
}

}  // namespace cotext
