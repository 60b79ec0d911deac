// What a user does, and when: a list of these is all that is random about users.
//
// Places are shares of the text as it is then, in billionths, and counts end where the text does:
// whatever others do, and whichever actions before it are dropped, an action still applies.
#ifndef COTEXT_SIMULATION_WORLD_USER_ACTION_H_
#define COTEXT_SIMULATION_WORLD_USER_ACTION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cotext {

inline constexpr uint64_t kWholeText = 1'000'000'000;

struct UserAction {
  enum class Kind : uint8_t {
    kMove,       // Puts the caret at a place.
    kType,       // Inserts text at the caret, which ends up behind it.
    kBackspace,  // Deletes `count` characters in front of the caret.
    kReplace,    // Deletes `count` characters behind the caret, and inserts text.
    kInsertAt,   // Inserts text at several places at once, as with many carets.
    kUndo,
    kRedo,
  };

  uint64_t at_us = 0;
  uint32_t replica = 0;  // From 0.
  Kind kind{};
  std::vector<uint64_t> places = {};
  uint64_t count = 0;
  std::string text = {};
  friend bool operator==(const UserAction&, const UserAction&) = default;
};

inline constexpr UserAction::Kind kUserActionLast = UserAction::Kind::kRedo;

// The names that scenarios use: "move", "type", ...
std::string_view UserActionName(UserAction::Kind kind);
std::optional<UserAction::Kind> UserActionNamed(std::string_view name);

// Whether an action may change the text.
inline bool IsEdit(UserAction::Kind kind) { return kind != UserAction::Kind::kMove; }

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_USER_ACTION_H_
