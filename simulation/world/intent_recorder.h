// Writes down what one user meant with each edit: which characters he inserted between which, and
// which he deleted, as he saw the text then.
//
// Characters are known by what they are: every code point that is inserted into a document during a
// simulation is another one (UniqueText), so that engines need not be asked. O(text) per edit.
#ifndef COTEXT_SIMULATION_WORLD_INTENT_RECORDER_H_
#define COTEXT_SIMULATION_WORLD_INTENT_RECORDER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crdt/ids.h"
#include "document/document.h"
#include "simulation/check/check_intent.h"

namespace cotext {

// Gives one of several people characters that nobody else has had.
class UniqueText {
 public:
  // REQUIRES: person < people.
  UniqueText(uint32_t person, uint32_t people) : next_(person), step_(people) {}

  // Returns as many characters as `text` has. Once all are used, is_exhausted() and some come
  // again.
  std::string InPlaceOf(std::string_view text);
  bool is_exhausted() const { return is_exhausted_; }

 private:
  uint64_t next_;
  uint64_t step_;
  bool is_exhausted_ = false;
};

// What one user did in one go.
struct UserIntent {
  // The last of the operations that it took. OT: the number of the submission that it went into,
  // and its client; 0: it went into none.
  OpId last;
  std::vector<InsertedCharacter> inserted = {};
  std::vector<DeletedCharacter> deleted = {};
  std::vector<CharacterNumber> brought_back = {};
};

struct ArrivedCharacter {
  CharacterNumber character = 0;
  bool is_own = false;
};

class IntentRecorder {
 public:
  // REQUIRES: the document has the text that it begins with, and outlives this.
  IntentRecorder(Document& document, uint64_t node);
  IntentRecorder(const IntentRecorder&) = delete;
  IntentRecorder& operator=(const IntentRecorder&) = delete;
  ~IntentRecorder() { document_->Unsubscribe(subscription_); }

  // Whether something was done since.
  bool has_intent() const {
    return !current_.inserted.empty() || !current_.deleted.empty() ||
           !current_.brought_back.empty();
  }
  // Ends what was done in one go.
  void EndIntent(OpId last);
  std::vector<UserIntent> Take() { return std::exchange(intents_, {}); }

  // Returns the characters that have come since, and whether they were typed here. What undo
  // brought back is left out.
  std::vector<ArrivedCharacter> TakeArrived() { return std::exchange(arrived_, {}); }

  // The text as the events told it.
  const std::u32string& text() const { return text_; }

 private:
  void OnEvent(const DeltaEvent& event);
  void Delete(uint64_t position, uint64_t count, EditOrigin origin);
  void Insert(uint64_t position, std::string_view text, EditOrigin origin);

  Document* document_;
  uint64_t node_;
  Document::SubscriptionId subscription_;
  std::u32string text_;
  UserIntent current_;
  std::vector<UserIntent> intents_;
  std::vector<ArrivedCharacter> arrived_;
};

// Returns the code points of a text.
std::u32string CodePointsOf(std::string_view text);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_INTENT_RECORDER_H_
