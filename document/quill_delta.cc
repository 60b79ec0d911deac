#include "document/quill_delta.h"

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "document/check.h"
#include "document/core_json.h"
#include "document/offset.h"
#include "document/utf8.h"

namespace cotext {
namespace {

using Kind = Delta::Kind;
using Json = nlohmann::json;

// An op as it was read: its count is in the unit of the JSON.
struct Op {
  Kind kind = Kind::kRetain;
  uint64_t count = 0;
  std::string text = {};
};

std::unexpected<Error> OpError(size_t index, ErrorCode code, std::string_view problem) {
  return MakeError(code, "op " + std::to_string(index) + ": " + std::string(problem));
}

// Receives the parser's events; a false return stops it. The method names are the library's.
class Reader {
 public:
  // Returns the ops, or the first error.
  // REQUIRES: the parser is done with this reader.
  Expected<std::vector<Op>> Finish() {
    if (error_) return std::unexpected(*std::move(error_));
    COTEXT_CHECK(place_ == Place::kEnd);
    return std::move(ops_);
  }

  bool null() { return Value("null"); }
  bool boolean(bool /*value*/) { return Value("a boolean"); }
  // The parser reports integers without a sign as number_unsigned.
  bool number_integer(int64_t /*value*/) { return Value("a negative number"); }
  bool number_float(double /*value*/, const std::string& /*token*/) {
    return Value("a number that is not whole or too large");
  }
  bool binary(Json::binary_t& /*value*/) { return Value("binary data"); }

  bool number_unsigned(uint64_t value) {
    if (IsPassedOver()) return true;
    if (place_ != Place::kValue) return Fail("no op");
    if (kind_ == Kind::kInsert) return Fail("an insert that is no text");
    if (value == 0) return Fail("an empty op");
    if (value > Delta::kMaxLength) return Fail("a number above 2^53");
    return SetOp(Op{.kind = kind_, .count = value});
  }

  bool string(std::string& value) {
    if (IsPassedOver()) return true;
    if (place_ != Place::kValue) return Fail("no op");
    if (kind_ != Kind::kInsert) return Fail("a count that is no number");
    if (value.empty()) return Fail("an empty op");
    const uint64_t count = CountCodePoints(value);
    return SetOp(Op{.kind = kind_, .count = count, .text = std::move(value)});
  }

  bool start_object(size_t /*size*/) {
    if (place_ == Place::kAttributes) return Deeper();
    switch (place_) {
      case Place::kStart: return Go(Place::kDelta);
      case Place::kOps: op_ = std::nullopt; return Go(Place::kOp);
      case Place::kValue: return Fail("not a plain text");
      default: return Fail("no array of ops");
    }
  }

  bool key(const std::string& name) {
    if (IsPassedOver()) return true;
    if (place_ == Place::kDelta) {
      if (has_ops_ || name != "ops") return Fail("not just ops");
      return Go(Place::kOpsValue);
    }
    if (name == "attributes") return Go(Place::kAttributes);
    if (op_) return Fail("not just one of insert, retain and delete");
    if (name == "insert") {
      kind_ = Kind::kInsert;
    } else if (name == "retain") {
      kind_ = Kind::kRetain;
    } else if (name == "delete") {
      kind_ = Kind::kDelete;
    } else {
      return Fail("an unknown key");
    }
    return Go(Place::kValue);
  }

  bool end_object() {
    if (IsPassedOver()) return Shallower();
    if (place_ == Place::kDelta) return has_ops_ ? Go(Place::kEnd) : Fail("no ops");
    if (!op_) return Fail("none of insert, retain and delete");
    ops_.push_back(*std::move(op_));
    return Go(Place::kOps);
  }

  bool start_array(size_t /*size*/) {
    if (IsPassedOver()) return Deeper();
    if (place_ == Place::kStart) return Go(Place::kOps);
    if (place_ != Place::kOpsValue) return Fail("no op");
    has_ops_ = true;
    return Go(Place::kOps);
  }
  bool end_array() {
    if (IsPassedOver()) return Shallower();
    return Go(has_ops_ ? Place::kDelta : Place::kEnd);
  }

  bool parse_error(size_t byte, const std::string& /*token*/, const Json::exception& /*error*/) {
    return Fail("no valid JSON at byte " + std::to_string(byte));
  }

 private:
  enum class Place : uint8_t {
    kStart,
    kDelta,     // In the object that has the ops.
    kOpsValue,  // Where they are to begin.
    kOps,
    kOp,
    kValue,       // Of what the op is.
    kAttributes,  // Where they are to begin, or inside.
    kEnd,
  };

  bool Fail(std::string_view problem) {
    error_ = OpError(ops_.size(), ErrorCode::kInvalidDelta, problem).error();
    return false;
  }
  bool Go(Place place) {
    place_ = place;
    return true;
  }
  bool SetOp(Op op) {
    op_ = std::move(op);
    return Go(Place::kOp);
  }

  // Whether what comes is inside attributes.
  bool IsPassedOver() const { return depth_ > 0; }
  bool Value(std::string_view what) {
    if (IsPassedOver()) return true;
    if (place_ == Place::kAttributes && what == "null") return Go(Place::kOp);
    return Fail(what);
  }
  bool Deeper() {
    ++depth_;
    return true;
  }
  bool Shallower() {
    if (--depth_ == 0) place_ = Place::kOp;
    return true;
  }

  Place place_ = Place::kStart;
  bool has_ops_ = false;
  Kind kind_ = Kind::kRetain;
  std::optional<Op> op_;  // The one being read, once it says what it is.
  size_t depth_ = 0;      // Inside attributes.
  std::vector<Op> ops_;
  std::optional<Error> error_;
};

// Takes text off the front of a base, by one unit, and says how much that is in the other.
class BaseReader {
 public:
  explicit BaseReader(std::string_view base) : rest_(base), left_(Measure(base)) {}

  // Returns the UTF-16 units of so many code points; nothing if there are fewer.
  std::optional<uint64_t> TakeCodePoints(uint64_t count) {
    if (count > left_.code_points) return std::nullopt;
    return Take(ByteOfCodePoint(rest_, count)).utf16;
  }

  // Returns the code points of so many UTF-16 units.
  Expected<uint64_t> TakeUtf16(uint64_t count) {
    if (count > left_.utf16) {
      return MakeError(ErrorCode::kDeltaMismatch, "it reaches past the end of the text");
    }
    const TextMetrics taken = Take(ByteOfUtf16(rest_, count));
    if (taken.utf16 != count) {
      return MakeError(ErrorCode::kInsideCharacter, "it ends inside a character");
    }
    return taken.code_points;
  }

 private:
  TextMetrics Take(size_t bytes) {
    const TextMetrics taken = Measure(rest_.substr(0, bytes));
    rest_.remove_prefix(bytes);
    left_ = left_ - taken;
    return taken;
  }

  std::string_view rest_;
  TextMetrics left_;
};

// Appends ops, whose counts are in code points, to a delta within its limits.
class Builder {
 public:
  bool Append(const Op& op) {
    if (op.kind != Kind::kInsert) base_ += op.count;
    if (op.kind != Kind::kDelete) target_ += op.count;
    if (base_ > Delta::kMaxLength || target_ > Delta::kMaxLength) return false;
    delta_.Append({.kind = op.kind, .count = op.count, .text = op.text});
    return true;
  }
  Delta Finish() { return std::move(delta_); }

 private:
  Delta delta_;
  uint64_t base_ = 0;
  uint64_t target_ = 0;
};

std::string_view NameOf(Kind kind) {
  switch (kind) {
    case Kind::kRetain: return "retain";
    case Kind::kInsert: return "insert";
    case Kind::kDelete: return "delete";
  }
  return "";
}

}  // namespace

Expected<std::string> DeltaToQuill(const Delta& delta, QuillUnit unit, std::string_view base) {
  const bool converts = unit == QuillUnit::kUtf16;
  BaseReader reader(converts ? base : std::string_view());
  Json ops = Json::array();
  for (size_t i = 0; i < delta.size(); ++i) {
    const Delta::Component component = delta[i];
    Json& op = ops.emplace_back(Json::object());
    Json& value = op[std::string(NameOf(component.kind))];
    if (component.kind == Kind::kInsert) {
      value = component.text;
      continue;
    }
    const std::optional<uint64_t> count =
        converts ? reader.TakeCodePoints(component.count) : component.count;
    if (!count) {
      return OpError(i, ErrorCode::kDeltaMismatch, "it reaches past the end of the text");
    }
    value = *count;
  }
  Json whole = Json::object();
  whole["ops"] = std::move(ops);
  return whole.dump();
}

Expected<Delta> DeltaFromQuill(std::string_view json, QuillUnit unit, std::string_view base) {
  Reader parser;
  Json::sax_parse(json, &parser);
  Expected<std::vector<Op>> ops = parser.Finish();
  if (!ops) return std::unexpected(std::move(ops).error());
  const bool converts = unit == QuillUnit::kUtf16;
  BaseReader reader(converts ? base : std::string_view());
  Builder builder;
  for (size_t i = 0; i < ops->size(); ++i) {
    Op& op = (*ops)[i];
    if (converts && op.kind != Kind::kInsert) {
      const Expected<uint64_t> count = reader.TakeUtf16(op.count);
      if (!count) return OpError(i, count.error().code, count.error().message);
      op.count = *count;
    }
    if (!builder.Append(op)) return OpError(i, ErrorCode::kTooLarge, "a length above 2^53");
  }
  return builder.Finish();
}

}  // namespace cotext
