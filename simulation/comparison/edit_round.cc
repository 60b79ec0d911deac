// An author's view is all characters that he ever saw, in order, those included that he deleted. A
// new one goes right behind its left neighbour, in front of what was deleted there, and takes over
// what is known of its visible neighbours: it is behind whatever the left one is behind.
#include "simulation/comparison/edit_round.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "document/check.h"
#include "document/utf8.h"

namespace cotext {
namespace {

constexpr uint32_t kBaseLength = 12;
constexpr uint32_t kTiedCharacter = kBaseLength / 2;
constexpr uint64_t kPassageMin = 3;
constexpr uint64_t kPassageMax = 6;

struct Seen {
  uint32_t number = 0;  // In EditRound::characters.
  bool visible = true;
};

class Author {
 public:
  Author(uint32_t number, EditRound& round) : number_(number), round_(round) {
    for (uint32_t i = 0; i < kBaseLength; ++i) view_.push_back(Seen{.number = i});
  }

  void WritePassage(const RoundShape& shape, Random& random);
  // Says where its characters are in its view, when it is done.
  void Rank() const;

 private:
  uint64_t VisibleCount() const {
    return static_cast<uint64_t>(std::ranges::count(view_, true, &Seen::visible));
  }
  // Returns the place in the view of visible character number `position`.
  size_t PlaceOf(uint64_t position) const;
  uint64_t BeginPlace(const RoundShape& shape, Random& random) const;
  void Delete(uint64_t position);
  void Insert(uint64_t position);

  uint32_t number_;
  EditRound& round_;
  std::vector<Seen> view_;
  uint32_t passage_ = 0;
};

size_t Author::PlaceOf(uint64_t position) const {
  size_t place = 0;
  while (!view_[place].visible || position-- > 0) ++place;
  return place;
}

// Returns the position at which a passage begins: on either side of the tied character, or of where
// it was; or anywhere.
uint64_t Author::BeginPlace(const RoundShape& shape, Random& random) const {
  if (!random.Chance(shape.ties)) return random.Between(0, VisibleCount());
  uint64_t before = 0;
  size_t i = 0;
  for (; view_[i].number != kTiedCharacter; ++i) before += view_[i].visible ? 1 : 0;
  return before + (view_[i].visible ? random.Below(2) : 0);
}

void Author::Delete(uint64_t position) {
  view_[PlaceOf(position)].visible = false;
  round_.trace.AddPatch(
      {.position = static_cast<uint32_t>(position), .deleted = 1, .inserted = {}});
}

void Author::Insert(uint64_t position) {
  RoundCharacter character{
      .author = number_, .passage = passage_, .low = 0, .high = kBaseLength + 1};
  size_t place = 0;
  if (position > 0) {
    place = PlaceOf(position - 1) + 1;
    character.low = round_.characters[view_[place - 1].number].low;
  }
  if (position < VisibleCount()) {
    character.high = round_.characters[view_[PlaceOf(position)].number].high;
  }
  const auto number = static_cast<uint32_t>(round_.characters.size());
  round_.characters.push_back(character);
  view_.insert(view_.begin() + static_cast<ptrdiff_t>(place), Seen{.number = number});
  round_.trace.AddPatch({.position = static_cast<uint32_t>(position),
                         .deleted = 0,
                         .inserted = EncodeCodePoint(EditRound::kFirst + number)});
}

void Author::WritePassage(const RoundShape& shape, Random& random) {
  ++passage_;
  uint64_t position = BeginPlace(shape, random);
  if (random.Chance(shape.deletes)) {
    const bool left = position > 0 && (random.Chance(50) || position == VisibleCount());
    if (left) --position;
    if (position < VisibleCount()) Delete(position);
  }
  const bool backwards = random.Chance(shape.backwards);
  for (uint64_t keys = random.Between(kPassageMin, kPassageMax); keys > 0; --keys) {
    Insert(position);
    if (!backwards) ++position;
  }
}

void Author::Rank() const {
  for (size_t i = 0; i < view_.size(); ++i) {
    RoundCharacter& character = round_.characters[view_[i].number];
    if (character.author == number_) character.rank = static_cast<uint32_t>(i);
  }
}

}  // namespace

std::vector<RoundCharacter> EditRound::CharactersOf(const std::string& text) const {
  std::vector<RoundCharacter> found;
  for (size_t byte = 0; byte < text.size(); byte += CharacterBytes(text[byte])) {
    const char32_t code_point = DecodeCodePoint(text, byte);
    COTEXT_CHECK(code_point >= kFirst && code_point - kFirst < characters.size());
    found.push_back(characters[code_point - kFirst]);
  }
  return found;
}

EditRound MakeRound(const RoundShape& shape, Random& random) {
  EditRound round{.trace = Trace("round", Trace::Kind::kConcurrent, shape.authors + 1),
                  .characters = {}};
  std::string base;
  for (uint32_t i = 0; i < kBaseLength; ++i) {
    base += EncodeCodePoint(EditRound::kFirst + i);
    round.characters.push_back({.author = 0, .passage = 0, .low = i + 1, .high = i + 1, .rank = i});
  }
  round.trace.AddTransaction(0, {});
  round.trace.AddPatch({.position = 0, .deleted = 0, .inserted = base});
  constexpr std::array<uint32_t, 1> kBase = {0};
  for (uint32_t i = 1; i <= shape.authors; ++i) {
    round.trace.AddTransaction(i, kBase);
    Author author(i, round);
    for (uint32_t passage = 0; passage < shape.passages; ++passage) {
      author.WritePassage(shape, random);
    }
    author.Rank();
  }
  return round;
}

}  // namespace cotext
