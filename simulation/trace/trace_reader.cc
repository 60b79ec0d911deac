// Two passes over one parse. The first reads everything but the transactions, because what they
// mean depends on keys that may stand behind them; the second reads the transactions. simdjson's
// on-demand parser hands out each value once and in place, so nothing is held but the file, an
// index of its punctuation and the trace being built; it checks UTF-8 for the whole file up front
// and everything else in what it is asked for, so values that nobody wants are visited too.
#include "simulation/trace/trace_reader.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "document/check.h"
#include "document/utf8.h"
#include "simulation/trace/gzip_file.h"
#include "simulation/trace/json_visit.h"
#include "simulation/trace/trace_error.h"
#include "simulation/trace/version_walk.h"

namespace cotext {
namespace {

namespace json = simdjson::ondemand;

constexpr size_t kNone = SIZE_MAX;

std::string Quoted(std::string_view key) { return "\"" + std::string(key) + "\""; }

class TraceParser {
 public:
  TraceParser(std::string text, const std::string& name)
      : text_(std::move(text)), trace_(name, Trace::Kind::kSequential, 1) {
    text_.reserve(text_.size() + simdjson::SIMDJSON_PADDING);
  }

  Expected<Trace> Parse();

 private:
  // The keys that mean something, first those of the trace, then those of a transaction.
  enum class Key : uint8_t {
    kKind,
    kStartContent,
    kEndContent,
    kNumAgents,
    kTransactions,
    kParents,
    kAgent,
    kPatches,
    kOther
  };

  struct Header {
    std::string kind = "sequential";
    std::string start_content;
    std::optional<std::string> end_content;
    std::optional<uint32_t> num_agents;
    bool has_transactions = false;
  };

  Expected<json::document> Open();
  Expected<void> ReadHeader(json::document& document);
  Expected<void> ReadHeaderField(Key key, json::value value);
  Expected<void> ApplyHeader();
  Expected<void> ReadTransactions(json::document& document);
  Expected<void> ReadTransaction(json::value value);
  Expected<void> FinishTransaction(unsigned seen);
  Expected<void> ReadParents(json::value value);
  Expected<void> ReadPatches(json::value value);
  Expected<TracePatch> ReadPatch(json::value value);
  Expected<void> CheckAgents();

  static Key KeyOf(std::string_view name);
  // Reads the next field's key and checks that it is none of those in `seen`; adds it there.
  Expected<Key> ReadKey(json::field& field, unsigned& seen);
  Expected<uint32_t> ReadNumber(json::value value, std::string_view what);
  Expected<std::string_view> ReadString(json::value value, std::string_view what);
  Expected<json::array> ReadArray(json::value value, std::string_view what);
  // Visits a value that means nothing to us, so that it is known to be JSON.
  Expected<void> Ignore(json::value value);

  std::unexpected<Error> Fail(std::string_view problem, ErrorCode code = ErrorCode::kInvalidTrace);
  std::unexpected<Error> FailJson(simdjson::error_code error);
  std::unexpected<Error> FailUtf8();

  std::string text_;
  size_t bad_byte_ = kNone;  // The first that is not UTF-8.
  json::parser parser_;
  Header header_;
  Trace trace_;
  // What is being read, for messages.
  bool in_transactions_ = false;
  std::optional<size_t> patch_;
  // Of the transaction that is being read.
  uint32_t agent_ = 0;
  std::vector<uint32_t> parents_;
  std::vector<TracePatch> patches_;
};

// Returns where the first character begins that is not valid UTF-8.
// REQUIRES: there is one.
size_t FirstInvalidByte(std::string_view text) {
  size_t byte = 0;
  while (IsValidUtf8(text.substr(byte, CharacterBytes(text[byte])))) {
    byte += CharacterBytes(text[byte]);
  }
  return byte;
}

Expected<Trace> TraceParser::Parse() {
  auto document = Open();
  if (!document) return std::unexpected(std::move(document).error());
  COTEXT_RETURN_IF_ERROR(ReadHeader(*document));
  COTEXT_RETURN_IF_ERROR(ApplyHeader());
  document->rewind();
  COTEXT_RETURN_IF_ERROR(ReadTransactions(*document));
  if (bad_byte_ != kNone) return FailUtf8();
  COTEXT_RETURN_IF_ERROR(CheckAgents());
  return std::move(trace_);
}

// A file with invalid bytes is parsed too, with these replaced, only to say which transaction they
// are in.
Expected<json::document> TraceParser::Open() {
  json::document document;
  auto error = parser_.iterate(text_.data(), text_.size(), text_.capacity()).get(document);
  if (error == simdjson::UTF8_ERROR) {
    bad_byte_ = FirstInvalidByte(text_);
    std::ranges::replace_if(
        text_, [](char byte) { return static_cast<unsigned char>(byte) >= 0x80U; }, '?');
    error = parser_.iterate(text_.data(), text_.size(), text_.capacity()).get(document);
  }
  if (error) return FailJson(error);
  return document;
}

Expected<void> TraceParser::ReadHeader(json::document& document) {
  json::object object;
  if (const auto error = document.get_object().get(object)) {
    return error == simdjson::INCORRECT_TYPE ? Fail("not a JSON object") : FailJson(error);
  }
  unsigned seen = 0;
  for (auto next : object) {
    json::field field;
    if (const auto error = std::move(next).get(field)) return FailJson(error);
    const auto key = ReadKey(field, seen);
    if (!key) return std::unexpected(key.error());
    COTEXT_RETURN_IF_ERROR(ReadHeaderField(*key, field.value()));
  }
  if (!document.current_location().error()) return Fail("not JSON: text behind the end");
  return {};
}

Expected<void> TraceParser::ReadHeaderField(Key key, json::value value) {
  if (key == Key::kTransactions) {
    header_.has_transactions = true;  // The iteration passes over them.
    return {};
  }
  if (key == Key::kNumAgents) {
    const auto number = ReadNumber(value, "numAgents");
    if (!number) return std::unexpected(number.error());
    header_.num_agents = *number;
    return {};
  }
  if (key != Key::kKind && key != Key::kStartContent && key != Key::kEndContent) {
    return Ignore(value);
  }
  const auto text = ReadString(value, key == Key::kKind           ? "kind"
                                      : key == Key::kStartContent ? "startContent"
                                                                  : "endContent");
  if (!text) return std::unexpected(text.error());
  if (key == Key::kKind) header_.kind = *text;
  if (key == Key::kStartContent) header_.start_content = *text;
  if (key == Key::kEndContent) header_.end_content = *text;
  return {};
}

Expected<void> TraceParser::ApplyHeader() {
  const bool concurrent = header_.kind == "concurrent";
  if (!concurrent && header_.kind != "sequential") {
    return Fail("kind is neither \"sequential\" nor \"concurrent\"");
  }
  if (!header_.has_transactions) return Fail("has no \"txns\"");
  if (!header_.end_content) return Fail("has no \"endContent\"");
  if (concurrent && !header_.num_agents) return Fail("has no \"numAgents\"");
  if (concurrent && *header_.num_agents > Trace::kAgentsMax) {
    return Fail("numAgents is above " + std::to_string(Trace::kAgentsMax));
  }
  if (concurrent && !header_.start_content.empty()) {
    return Fail("a concurrent trace cannot have a startContent");
  }
  trace_ = Trace(trace_.name(), concurrent ? Trace::Kind::kConcurrent : Trace::Kind::kSequential,
                 concurrent ? *header_.num_agents : 1);
  trace_.set_end_content(std::move(*header_.end_content));
  if (!header_.start_content.empty()) {
    trace_.AddTransaction(0, {});
    trace_.AddPatch(TracePatch{.inserted = header_.start_content});
    trace_.set_has_start_content();
  }
  return {};
}

Expected<void> TraceParser::ReadTransactions(json::document& document) {
  json::value value;
  if (const auto error = document.find_field_unordered("txns").get(value)) return FailJson(error);
  auto transactions = ReadArray(value, "txns");
  if (!transactions) return std::unexpected(transactions.error());
  // Whether the parser has passed the byte that is not UTF-8.
  const auto is_past_bad_byte = [&] {
    const char* at = nullptr;
    return bad_byte_ != kNone && !document.current_location().get(at) &&
           at > text_.data() + bad_byte_;
  };
  if (is_past_bad_byte()) return FailUtf8();
  in_transactions_ = true;
  for (auto next : *transactions) {
    json::value transaction;
    if (const auto error = next.get(transaction)) return FailJson(error);
    COTEXT_RETURN_IF_ERROR(ReadTransaction(transaction));
    if (is_past_bad_byte()) return FailUtf8();
    trace_.AddTransaction(agent_, parents_);
    for (const TracePatch& patch : patches_) trace_.AddPatch(patch);
  }
  in_transactions_ = false;
  return {};
}

Expected<void> TraceParser::ReadTransaction(json::value value) {
  json::object object;
  if (value.get_object().get(object)) return Fail("is not a JSON object");
  const bool concurrent = trace_.kind() == Trace::Kind::kConcurrent;
  parents_.clear();
  patches_.clear();
  agent_ = 0;
  unsigned seen = 0;
  for (auto next : object) {
    json::field field;
    if (const auto error = std::move(next).get(field)) return FailJson(error);
    const auto key = ReadKey(field, seen);
    if (!key) return std::unexpected(key.error());
    if (*key == Key::kPatches) {
      COTEXT_RETURN_IF_ERROR(ReadPatches(field.value()));
    } else if (concurrent && *key == Key::kParents) {
      COTEXT_RETURN_IF_ERROR(ReadParents(field.value()));
    } else if (concurrent && *key == Key::kAgent) {
      const auto agent = ReadNumber(field.value(), "the agent");
      if (!agent) return std::unexpected(agent.error());
      agent_ = *agent;
    } else {
      COTEXT_RETURN_IF_ERROR(Ignore(field.value()));
    }
  }
  return FinishTransaction(seen);
}

// Checks what can be said once all fields have been read. In a sequential trace every transaction
// has the one before it as its parent.
Expected<void> TraceParser::FinishTransaction(unsigned seen) {
  const auto has = [seen](Key key) { return ((seen >> static_cast<unsigned>(key)) & 1U) != 0; };
  if (!has(Key::kPatches)) return Fail("has no \"patches\"");
  if (trace_.kind() == Trace::Kind::kSequential) {
    const auto count = static_cast<uint32_t>(trace_.transaction_count());
    if (count > 0) parents_.push_back(count - 1);
    return {};
  }
  if (!has(Key::kParents)) return Fail("has no \"parents\"");
  if (!has(Key::kAgent)) return Fail("has no \"agent\"");
  if (agent_ >= trace_.agent_count()) {
    return Fail("agent " + std::to_string(agent_) + " is not below numAgents, which is " +
                std::to_string(trace_.agent_count()));
  }
  return {};
}

Expected<void> TraceParser::ReadParents(json::value value) {
  auto array = ReadArray(value, "parents");
  if (!array) return std::unexpected(array.error());
  for (auto next : *array) {
    json::value item;
    if (const auto error = next.get(item)) return FailJson(error);
    const auto parent = ReadNumber(item, "a parent");
    if (!parent) return std::unexpected(parent.error());
    if (*parent >= trace_.transaction_count()) {
      return Fail("parent " + std::to_string(*parent) + " is no earlier transaction");
    }
    parents_.push_back(*parent);
  }
  std::ranges::sort(parents_);
  const auto duplicate = std::ranges::adjacent_find(parents_);
  if (duplicate != parents_.end()) {
    return Fail("parent " + std::to_string(*duplicate) + " is named twice");
  }
  return {};
}

Expected<void> TraceParser::ReadPatches(json::value value) {
  auto array = ReadArray(value, "patches");
  if (!array) return std::unexpected(array.error());
  for (auto next : *array) {
    patch_ = patches_.size();
    json::value item;
    if (const auto error = next.get(item)) return FailJson(error);
    const auto patch = ReadPatch(item);
    if (!patch) return std::unexpected(patch.error());
    patches_.push_back(*patch);
  }
  patch_.reset();
  return {};
}

Expected<TracePatch> TraceParser::ReadPatch(json::value value) {
  auto array = ReadArray(value, "it");
  if (!array) return std::unexpected(array.error());
  TracePatch patch;
  int elements = 0;
  for (auto next : *array) {
    json::value item;
    if (const auto error = next.get(item)) return FailJson(error);
    if (elements == 2) {
      const auto text = ReadString(item, "the inserted text");
      if (!text) return std::unexpected(text.error());
      patch.inserted = *text;
    } else if (elements < 2) {
      const bool is_position = elements == 0;
      const auto number = ReadNumber(item, is_position ? "the position" : "the deleted length");
      if (!number) return std::unexpected(number.error());
      (is_position ? patch.position : patch.deleted) = *number;
    } else {
      COTEXT_RETURN_IF_ERROR(Ignore(item));
    }
    ++elements;
  }
  if (elements != 3 && elements != 4) return Fail("it is not [position, deleted, inserted]");
  return patch;
}

Expected<void> TraceParser::CheckAgents() {
  VersionWalk walk(trace_);
  while (walk.Next()) {
    if (walk.SeesOwnPast()) continue;
    const std::string agent = std::to_string(trace_.agent(walk.transaction()));
    return std::unexpected(TransactionError(
        trace_, walk.transaction(),
        "agent " + agent +
            " is concurrent with itself: the parents miss an earlier transaction of it"));
  }
  return {};
}

TraceParser::Key TraceParser::KeyOf(std::string_view name) {
  constexpr std::array<std::string_view, static_cast<size_t>(Key::kOther)> kNames = {
      "kind", "startContent", "endContent", "numAgents", "txns", "parents", "agent", "patches"};
  return static_cast<Key>(std::ranges::find(kNames, name) - kNames.begin());
}

Expected<TraceParser::Key> TraceParser::ReadKey(json::field& field, unsigned& seen) {
  std::string_view name;
  if (const auto error = field.unescaped_key().get(name)) return FailJson(error);
  const Key key = KeyOf(name);
  const unsigned bit = 1U << static_cast<unsigned>(key);
  if (key != Key::kOther && (seen & bit) != 0) return Fail("has two " + Quoted(name));
  seen |= bit;
  return key;
}

Expected<uint32_t> TraceParser::ReadNumber(json::value value, std::string_view what) {
  uint64_t number = 0;
  if (value.get_uint64().get(number) || number > UINT32_MAX) {
    return Fail(std::string(what) + " is not a whole number from 0 to " +
                std::to_string(UINT32_MAX));
  }
  return static_cast<uint32_t>(number);
}

Expected<std::string_view> TraceParser::ReadString(json::value value, std::string_view what) {
  std::string_view text;
  const auto error = value.get_string().get(text);
  if (error == simdjson::INCORRECT_TYPE) return Fail(std::string(what) + " is not a string");
  if (error) return FailJson(error);
  COTEXT_DCHECK(IsValidUtf8(text));  // simdjson refuses escaped surrogates that stand alone.
  return text;
}

Expected<json::array> TraceParser::ReadArray(json::value value, std::string_view what) {
  json::array array;
  const auto error = value.get_array().get(array);
  if (error == simdjson::INCORRECT_TYPE) return Fail(std::string(what) + " is not an array");
  if (error) return FailJson(error);
  return array;
}

Expected<void> TraceParser::Ignore(json::value value) {
  if (const auto error = VisitJson(value)) return FailJson(error);
  return {};
}

std::unexpected<Error> TraceParser::Fail(std::string_view problem, ErrorCode code) {
  const std::string place = patch_ ? "patch " + std::to_string(*patch_) + ": " : "";
  if (!in_transactions_) return MakeError(code, trace_.name() + ": " + std::string(problem));
  Error error = TransactionError(trace_, trace_.transaction_count(), place + std::string(problem));
  error.code = code;
  return std::unexpected(std::move(error));
}

std::unexpected<Error> TraceParser::FailJson(simdjson::error_code error) {
  std::string_view message = simdjson::error_message(error);
  if (message.ends_with('.')) message.remove_suffix(1);
  return Fail("not JSON: " + std::string(message));
}

std::unexpected<Error> TraceParser::FailUtf8() {
  return Fail("byte " + std::to_string(bad_byte_) + " of the file is not valid UTF-8",
              ErrorCode::kInvalidUtf8);
}

}  // namespace

Expected<Trace> ReadTrace(const std::string& path) {
  auto text = ReadGzipFile(path, simdjson::SIMDJSON_PADDING);
  if (!text) return std::unexpected(std::move(text).error());
  return ParseTrace(std::move(*text), path);
}

Expected<Trace> ParseTrace(std::string json, const std::string& name) {
  return TraceParser(std::move(json), name).Parse();
}

}  // namespace cotext
