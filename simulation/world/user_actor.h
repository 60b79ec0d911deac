// Somebody with a caret in a document, who does what a list of actions says.
#ifndef COTEXT_SIMULATION_WORLD_USER_ACTOR_H_
#define COTEXT_SIMULATION_WORLD_USER_ACTOR_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "document/anchor.h"
#include "document/document.h"
#include "document/error.h"
#include "simulation/world/user_action.h"

namespace cotext {

class UserActor {
 public:
  // Makes the text that is inserted out of that which an action has, once for each place.
  using Keyboard = std::function<std::string(std::string_view)>;

  // The caret is in front of the text. REQUIRES: the document outlives the actor.
  explicit UserActor(Document& document) : UserActor(document, PlainKeyboard()) {}
  UserActor(Document& document, Keyboard keyboard)
      : document_(&document), keyboard_(std::move(keyboard)) {}

  // Does it. REQUIRES: places are at most kWholeText, and each action has what its kind needs.
  Expected<void> Do(const UserAction& action);

  // Returns where the caret is now.
  uint64_t Caret() const;
  // Returns what says so to others; nothing as long as the caret was never set.
  const std::optional<Anchor>& caret_anchor() const { return caret_; }

 private:
  uint64_t PlaceOf(uint64_t share) const;
  Expected<void> SetCaret(uint64_t position);
  Expected<void> Replace(uint64_t begin, uint64_t end, std::string_view text);
  Expected<void> InsertAt(const UserAction& action);

  static Keyboard PlainKeyboard() {
    return [](std::string_view text) { return std::string(text); };
  }

  Document* document_;
  Keyboard keyboard_;
  std::optional<Anchor> caret_;
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_USER_ACTOR_H_
