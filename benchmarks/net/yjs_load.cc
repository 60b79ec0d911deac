// The messages of y-protocols, and updates of Yjs in their first encoding, as far as a writer that
// appends letters to a text needs them.
//
//     message:  0 (sync), then 0 state vector | 1 update | 2 update, each with its length
//     update:   clients, then of each: structs, client, clock, structs; then what was deleted
//     a letter: 0x84, client and clock of the letter before; the first one: 0x04, 1, "text".
//               Then its length and the letter
//
// In front of each message Hocuspocus has an address, the document's name with its length, since a
// connection may have many open. A client first says who it is, which a server without hooks
// accepts, and the server acknowledges each update:
//
//     2 (authentication), then 0 token version (of the client) | 1 reason (denied) | 2 scope
//     4 (sync, not to be answered by a question), then as 0
//     7 (closed) reason
//     8 (acknowledgement) 1 (applied) | 0
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "benchmarks/net/load_protocol.h"
#include "document/check.h"

namespace cotext {
namespace {

// Types of messages.
constexpr uint64_t kSync = 0;
constexpr uint64_t kAuthentication = 2;
constexpr uint64_t kSyncReply = 4;
constexpr uint64_t kClosed = 7;
constexpr uint64_t kAcknowledgement = 8;

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

std::string_view TakeText(std::string_view& bytes) {
  const uint64_t size = TakeNumber(bytes);
  COTEXT_CHECK(size <= bytes.size());
  const std::string_view text = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return text;
}

// Takes a struct, which has to be letters as writers here send them, and returns how many.
uint64_t TakeLetters(std::string_view& bytes) {
  constexpr char kFirst = 0x04;
  constexpr char kNext = static_cast<char>(0x84);
  COTEXT_CHECK(!bytes.empty());
  const char kind = bytes[0];
  bytes.remove_prefix(1);
  COTEXT_CHECK(kind == kFirst || kind == kNext);
  if (kind == kFirst) {
    COTEXT_CHECK(TakeNumber(bytes) == 1);
    TakeText(bytes);
  } else {
    TakeNumber(bytes);
    TakeNumber(bytes);
  }
  return TakeText(bytes).size();
}

// A server sends on each update as it came, or many as one.
std::vector<LoadProtocol::Heard> ReadUpdate(std::string_view update) {
  std::vector<LoadProtocol::Heard> heard;
  for (uint64_t clients = TakeNumber(update); clients > 0; --clients) {
    const uint64_t structs = TakeNumber(update);
    const uint64_t client = TakeNumber(update);
    uint64_t clock = TakeNumber(update);
    for (uint64_t i = 0; i < structs; ++i) clock += TakeLetters(update);
    heard.push_back({.writer = client, .edits = clock});
  }
  return heard;
}

class YjsLoad final : public LoadProtocol {
 public:
  // Without an address for messages that have none in front.
  YjsLoad(uint64_t writer, std::string address) : writer_(writer), address_(std::move(address)) {}

  // Asks for all that there is, by a state vector of nobody.
  std::vector<std::string> Begin() override {
    std::vector<std::string> messages;
    if (!address_.empty()) {
      std::string message = address_;
      AddNumber(message, kAuthentication);
      AddNumber(message, 0);
      AddText(message, "");
      AddText(message, "4.7.0");
      messages.push_back(std::move(message));
    }
    messages.push_back(address_ + std::string("\x00\x00\x01\x00", 4));
    return messages;
  }

  Answer OnMessage(std::string_view message) override {
    COTEXT_CHECK(message.starts_with(address_));
    message.remove_prefix(address_.size());
    Answer answer;
    const uint64_t type = TakeNumber(message);
    if (type == kSync || type == kSyncReply) {
      OnSync(message, answer);
    } else if (type == kAuthentication) {
      constexpr uint64_t kAccepted = 2;
      COTEXT_CHECK(TakeNumber(message) == kAccepted);
    } else if (type == kAcknowledgement) {
      COTEXT_CHECK(TakeNumber(message) == 1);
    } else {
      COTEXT_CHECK(type != kClosed);  // Others say who is there.
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
    std::string message = address_ + std::string("\x00\x02", 2);
    AddText(message, update);
    return message;
  }

 private:
  void OnSync(std::string_view message, Answer& answer) {
    constexpr uint64_t kQuestion = 0;
    constexpr uint64_t kState = 1;
    const uint64_t kind = TakeNumber(message);
    if (kind == kQuestion) {
      // It asks in turn for what it lacks: nothing.
      answer.replies.push_back(address_ + std::string("\x00\x01\x02\x00\x00", 5));
    } else if (kind == kState) {
      is_ready_ = true;
    } else {
      answer.heard = ReadUpdate(TakeText(message));
    }
  }

  uint64_t writer_;
  std::string address_;
  uint64_t edits_ = 0;
  bool is_ready_ = false;
};

}  // namespace

std::unique_ptr<LoadProtocol> MakeYjsLoad(uint64_t writer) {
  return std::make_unique<YjsLoad>(writer, "");
}

std::unique_ptr<LoadProtocol> MakeHocuspocusLoad(uint64_t writer, std::string_view document) {
  std::string address;
  AddText(address, document);
  return std::make_unique<YjsLoad>(writer, std::move(address));
}

}  // namespace cotext
