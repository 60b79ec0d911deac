#include "simulation/json_fields.h"

namespace cotext {
namespace {

const JsonFields::Json& Nothing() {
  static const JsonFields::Json kNothing = JsonFields::Json::array();
  return kNothing;
}

bool IsNumber(const JsonFields::Json& value, uint64_t most) {
  return value.is_number_unsigned() && value.get<uint64_t>() <= most;
}

}  // namespace

JsonFields::JsonFields(const Json& object, std::string where)
    : object_(&object), where_(std::move(where)) {
  if (!object.is_object()) Fail("is no object");
}

void JsonFields::Fail(const std::string& what) {
  if (error_) return;
  error_ = Error{ErrorCode::kInvalidTrace, where_ + ": " + what};
}

const JsonFields::Json* JsonFields::Find(const char* name) {
  if (error_) return nullptr;
  read_.insert(name);
  const auto found = object_->find(name);
  if (found != object_->end()) return &*found;
  Fail(std::string("has no ") + name);
  return nullptr;
}

uint64_t JsonFields::Number(const char* name, uint64_t most) {
  const Json* const value = Find(name);
  if (value == nullptr) return 0;
  if (IsNumber(*value, most)) return value->get<uint64_t>();
  Fail(std::string(name) + " is no whole number up to " + std::to_string(most));
  return 0;
}

std::string JsonFields::Text(const char* name) {
  const Json* const value = Find(name);
  if (value == nullptr) return {};
  if (value->is_string()) return value->get<std::string>();
  Fail(std::string(name) + " is no string");
  return {};
}

std::vector<uint64_t> JsonFields::Numbers(const char* name, uint64_t most) {
  std::vector<uint64_t> numbers;
  for (const Json& value : List(name)) {
    if (IsNumber(value, most)) {
      numbers.push_back(value.get<uint64_t>());
    } else {
      Fail(std::string(name) + " has what is no whole number up to " + std::to_string(most));
    }
  }
  return numbers;
}

const JsonFields::Json& JsonFields::Object(const char* name) {
  const Json* const value = Find(name);
  if (value == nullptr) return Nothing();
  if (value->is_object()) return *value;
  Fail(std::string(name) + " is no object");
  return Nothing();
}

const JsonFields::Json& JsonFields::List(const char* name) {
  const Json* const value = Find(name);
  if (value == nullptr) return Nothing();
  if (value->is_array()) return *value;
  Fail(std::string(name) + " is no list");
  return Nothing();
}

Expected<void> JsonFields::Finish() {
  if (!error_) {
    for (const auto& [name, value] : object_->items()) {
      if (!read_.contains(name)) Fail("has an unknown field " + name);
    }
  }
  if (error_) return std::unexpected(*std::move(error_));
  return {};
}

}  // namespace cotext
