#include "document/delta_json.h"

#include <optional>

#include "document/check.h"
#include "document/core_json.h"
#include "document/strict_delta_builder.h"

namespace cotext {
namespace {

using Kind = Delta::Kind;
using Json = nlohmann::json;

// Receives the parser's events; a false return stops it. The method names are the library's.
class Reader {
 public:
  // Returns the delta, or the first error.
  // REQUIRES: the parser is done with this reader.
  Expected<Delta> Finish() {
    if (error_) return std::unexpected(*std::move(error_));
    COTEXT_CHECK(place_ == Place::kEnd);
    return builder_.Finish();
  }

  bool null() { return Fail("null"); }
  bool boolean(bool /*value*/) { return Fail("a boolean"); }
  // The parser reports integers without a sign as number_unsigned.
  bool number_integer(int64_t /*value*/) { return Fail("a negative number"); }
  bool number_float(double /*value*/, const std::string& /*token*/) {
    return Fail("a number that is not whole or too large");
  }
  bool binary(Json::binary_t& /*value*/) { return Fail("binary data"); }

  bool number_unsigned(uint64_t value) {
    if (value > Delta::kMaxLength) return Fail("a number above 2^53");
    if (place_ == Place::kList) return Add({Kind::kRetain, value});
    deleted_count_ = value;
    return Move(Place::kValue, Place::kAfterValue);
  }

  bool string(std::string& value) {
    if (place_ == Place::kList) return Add({Kind::kInsert, 0, value});
    deleted_text_ = std::move(value);
    return Move(Place::kValue, Place::kAfterValue);
  }

  bool start_object(size_t /*size*/) {
    deleted_count_ = 0;
    deleted_text_.clear();
    return Move(Place::kList, Place::kObject);
  }
  bool key(const std::string& name) {
    if (name != "d") return Fail("an unknown key");
    if (place_ == Place::kAfterValue) return Fail("a repeated key");
    return Move(Place::kObject, Place::kValue);
  }
  bool end_object() {
    if (place_ == Place::kObject) return Fail("an object without a key");
    return Move(Place::kAfterValue, Place::kList) &&
           Add({Kind::kDelete, deleted_count_, deleted_text_});
  }

  bool start_array(size_t /*size*/) { return Move(Place::kStart, Place::kList); }
  bool end_array() { return Move(Place::kList, Place::kEnd); }

  bool parse_error(size_t byte, const std::string& /*token*/, const Json::exception& /*error*/) {
    return Fail("no valid JSON at byte " + std::to_string(byte));
  }

 private:
  enum class Place : uint8_t { kStart, kList, kObject, kValue, kAfterValue, kEnd };

  bool Fail(std::string_view problem) {
    error_ = builder_.ErrorHere(ErrorCode::kInvalidDelta, problem).error();
    return false;
  }

  bool Add(const Delta::Component& component) {
    if (Expected<void> added = builder_.Add(component); !added) {
      error_ = std::move(added).error();
      return false;
    }
    return true;
  }

  bool Move(Place from, Place to) {
    if (place_ != from) return Fail(place_ == Place::kStart ? "no array" : "nested too deep");
    place_ = to;
    return true;
  }

  Place place_ = Place::kStart;
  uint64_t deleted_count_ = 0;  // What "d" holds: this or the text.
  std::string deleted_text_;
  StrictDeltaBuilder builder_;
  std::optional<Error> error_;
};

Json ToJson(const Delta::Component& component) {
  Json value = component.has_text() ? Json(component.text) : Json(component.count);
  if (component.kind == Kind::kDelete) return Json{{"d", std::move(value)}};
  return value;
}

}  // namespace

std::string DeltaToJson(const Delta& delta) {
  Json list = Json::array();
  for (const Delta::Component& component : delta) list.push_back(ToJson(component));
  return list.dump();
}

Expected<Delta> DeltaFromJson(std::string_view json) {
  Reader reader;
  Json::sax_parse(json, &reader);
  return reader.Finish();
}

}  // namespace cotext
