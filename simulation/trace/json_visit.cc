#include "simulation/trace/json_visit.h"

#include <string_view>
#include <utility>

namespace cotext {
namespace {

namespace json = simdjson::ondemand;

simdjson::error_code Visit(json::value value, int depth);

simdjson::error_code VisitArray(json::array array, int depth) {
  for (auto next : array) {
    json::value item;
    if (const auto error = next.get(item)) return error;
    if (const auto error = Visit(item, depth)) return error;
  }
  return simdjson::SUCCESS;
}

simdjson::error_code VisitObject(json::object object, int depth) {
  for (auto next : object) {
    json::field field;
    std::string_view key;
    if (const auto error = std::move(next).get(field)) return error;
    if (const auto error = field.unescaped_key().get(key)) return error;
    if (const auto error = Visit(field.value(), depth)) return error;
  }
  return simdjson::SUCCESS;
}

simdjson::error_code Visit(json::value value, int depth) {
  if (depth == kJsonDepthMax) return simdjson::DEPTH_ERROR;
  json::json_type type{};
  if (const auto error = value.type().get(type)) return error;
  switch (type) {
    case json::json_type::array: {
      json::array array;
      const auto error = value.get_array().get(array);
      return error ? error : VisitArray(array, depth + 1);
    }
    case json::json_type::object: {
      json::object object;
      const auto error = value.get_object().get(object);
      return error ? error : VisitObject(object, depth + 1);
    }
    case json::json_type::number: return value.get_double().error();
    case json::json_type::string: return value.get_string().error();
    case json::json_type::boolean: return value.get_bool().error();
    case json::json_type::null: return value.is_null().error();
  }
  return simdjson::TAPE_ERROR;
}

}  // namespace

simdjson::error_code VisitJson(json::value value) { return Visit(value, 0); }

}  // namespace cotext
