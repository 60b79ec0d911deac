// Text as a line for `cotext ot`: answered with a line of JSON.
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "document/check.h"
#include "tests/fuzz/fuzz_target.h"
#include "tools/ot_request.h"

namespace cotext {

bool TryInput(std::string_view input) noexcept {
  const std::string line = AnswerOtRequest(input);
  COTEXT_CHECK(!line.contains('\n'));
  const auto answer = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  COTEXT_CHECK(answer.is_object());
  COTEXT_CHECK(answer.size() == 1);
  if (answer.contains("result")) return true;
  COTEXT_CHECK(answer["error"].is_string());
  return false;
}

}  // namespace cotext
