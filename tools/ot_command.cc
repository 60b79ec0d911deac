#include "tools/ot_command.h"

#include <algorithm>
#include <cstddef>
#include <iostream>
#include <istream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "document/delta.h"
#include "document/delta_json.h"
#include "document/error.h"
#include "ot/transform.h"

namespace cotext {
namespace {

using Json = nlohmann::json;

// More than any operation that people make. A line may take some 80 times as much while it is read.
constexpr size_t kLineBytesMax = size_t{8} << 20U;
// A request, its operations, their components.
constexpr int kDepthMax = 3;

std::unexpected<Error> BadRequest(std::string message) {
  return MakeError(ErrorCode::kInvalidDelta, std::move(message));
}

// Returns whether a component has no structure but that of {"d": ...}, so that writing it down does
// not recurse.
bool IsFlat(const Json& component) {
  if (component.is_array()) return false;
  return !component.is_object() ||
         std::ranges::none_of(component, [](const Json& value) { return value.is_structured(); });
}

Expected<Delta> ReadOperation(const Json& request, const char* name) {
  const auto field = request.find(name);
  if (field == request.end()) return BadRequest(std::string("there is no \"") + name + '"');
  if (!field->is_array() || !std::ranges::all_of(*field, IsFlat)) {
    return BadRequest(std::string("\"") + name + "\" is no operation");
  }
  return DeltaFromJson(field->dump());
}

Expected<std::string> ReadText(const Json& request, const char* name) {
  const auto field = request.find(name);
  if (field == request.end() || !field->is_string()) {
    return BadRequest(std::string("there is no text \"") + name + '"');
  }
  return field->get<std::string>();
}

Expected<Side> ReadSide(const Json& request) {
  const Expected<std::string> side = ReadText(request, "side");
  if (!side) return std::unexpected(side.error());
  if (*side != "left" && *side != "right") return BadRequest(R"("side" is neither left nor right)");
  return *side == "left" ? Side::kLeft : Side::kRight;
}

Expected<Json> ToJson(const Expected<Delta>& delta) {
  if (!delta) return std::unexpected(delta.error());
  return Json::parse(DeltaToJson(*delta));
}

Expected<Json> TransformAnswer(const Json& request, const Delta& operation) {
  const Expected<Delta> by = ReadOperation(request, "by");
  if (!by) return std::unexpected(by.error());
  const Expected<Side> side = ReadSide(request);
  if (!side) return std::unexpected(side.error());
  return ToJson(Transform(operation, *by, *side));
}

Expected<Json> ComposeAnswer(const Json& request, const Delta& operation) {
  const Expected<Delta> then = ReadOperation(request, "then");
  if (!then) return std::unexpected(then.error());
  return ToJson(Compose(operation, *then));
}

Expected<Json> ApplyAnswer(const Json& request, const Delta& operation) {
  const Expected<std::string> text = ReadText(request, "doc");
  if (!text) return std::unexpected(text.error());
  Expected<std::string> result = Apply(operation, *text);
  if (!result) return std::unexpected(std::move(result).error());
  return Json(*std::move(result));
}

Expected<Json> InvertAnswer(const Json& request, const Delta& operation) {
  const Expected<std::string> text = ReadText(request, "doc");
  if (!text) return std::unexpected(text.error());
  return ToJson(Invert(operation, *text));
}

Expected<Json> Answer(std::string_view line) {
  bool is_too_deep = false;
  const auto keep_flat = [&is_too_deep](int depth, Json::parse_event_t, const Json&) {
    is_too_deep = is_too_deep || depth > kDepthMax;
    return !is_too_deep;
  };
  const Json request = Json::parse(line, keep_flat, /*allow_exceptions=*/false);
  if (!request.is_object() || is_too_deep) return BadRequest("the line is no JSON object");
  const Expected<std::string> action = ReadText(request, "do");
  if (!action) return std::unexpected(action.error());
  const Expected<Delta> operation = ReadOperation(request, "op");
  if (!operation) return std::unexpected(operation.error());
  if (*action == "transform") return TransformAnswer(request, *operation);
  if (*action == "compose") return ComposeAnswer(request, *operation);
  if (*action == "apply") return ApplyAnswer(request, *operation);
  if (*action == "invert") return InvertAnswer(request, *operation);
  return BadRequest("\"do\" is none of transform, compose, apply and invert");
}

// Reads a line of at most kLineBytesMax bytes; of a longer one, as much, and passes over the rest.
// Returns whether there was one.
bool ReadLine(std::istream& in, std::string& line, bool& too_long) {
  line.clear();
  too_long = false;
  for (int next = in.get(); in; next = in.get()) {
    if (next == '\n') return true;
    too_long = line.size() == kLineBytesMax;
    if (!too_long) line.push_back(static_cast<char>(next));
  }
  return !line.empty();
}

ExitCode Run() {
  std::string line;
  bool too_long = false;
  while (ReadLine(std::cin, line, too_long)) {
    const Expected<Json> result =
        too_long ? Expected<Json>(MakeError(ErrorCode::kTooLarge, "the line is too long"))
                 : Answer(line);
    Json answer;
    if (result) {
      answer["result"] = *result;
    } else {
      answer["error"] = std::string(ErrorName(result.error().code)) + ": " + result.error().message;
    }
    // Whoever asks may wait for the answer before asking again.
    std::cout << answer.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n' << std::flush;
    if (!std::cout) return ExitCode::kBadInput;
  }
  return std::cin.bad() ? ExitCode::kBadInput : ExitCode::kDone;
}

}  // namespace

void AddOtCommand(CLI::App& root, ExitCode& exit_code) {
  CLI::App& command = AddCommand(
      root, "ot", "Apply, compose, invert and transform operations, a line of JSON each");
  command.footer(
      "Reads lines from standard input and answers each with a line, {\"result\": ...} or "
      "{\"error\": \"...\"}:\n"
      "  {\"do\":\"apply\",\"doc\":\"text\",\"op\":[...]}                       the text after op\n"
      "  {\"do\":\"invert\",\"doc\":\"text\",\"op\":[...]}                      what takes op "
      "back\n"
      "  {\"do\":\"compose\",\"op\":[...],\"then\":[...]}                     one operation for "
      "both\n"
      "  {\"do\":\"transform\",\"op\":[...],\"by\":[...],\"side\":\"left\"}       op after by, "
      "which "
      "was made at the same time;\n"
      "                                                            the left one's text comes "
      "first where both insert\n"
      "An operation is in the form of ot-text-unicode: a number keeps so many characters, a string "
      "is inserted,\n{\"d\": n} or {\"d\": \"text\"} deletes. Characters are code points.\n"
      "Exit code: 0, also where an answer is an error; 2 if standard input cannot be read.");
  command.callback([&exit_code] { exit_code = Run(); });
}

}  // namespace cotext
