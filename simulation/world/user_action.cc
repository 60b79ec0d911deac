#include "simulation/world/user_action.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace cotext {
namespace {

constexpr std::array<std::string_view, 7> kNames = {"move",      "type", "backspace", "replace",
                                                    "insert-at", "undo", "redo"};
static_assert(kNames.size() == static_cast<size_t>(kUserActionLast) + 1);

}  // namespace

std::string_view UserActionName(UserAction::Kind kind) {
  return kNames.at(static_cast<size_t>(kind));
}

std::optional<UserAction::Kind> UserActionNamed(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<UserAction::Kind>(found - kNames.begin());
}

}  // namespace cotext
