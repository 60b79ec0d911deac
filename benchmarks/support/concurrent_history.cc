#include "benchmarks/support/concurrent_history.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include "benchmarks/support/sample_text.h"
#include "document/check.h"
#include "document/random.h"

namespace cotext {
namespace {

constexpr ReplicaId kBaseAuthor{1};

// One concurrent insert: its parent and its origin are characters of the base, by counter.
struct Insert {
  OpId id;
  uint64_t origin;
  char character;
};

char LetterOf(uint64_t number) { return static_cast<char>('a' + number % 26); }

template <typename T>
void Shuffle(std::vector<T>& values, Random& random) {
  for (size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[random.Below(i)]);
}

// Returns the base with every insert behind its origin, the greater ids in front. The counters of
// the inserts are greater than that of the base's next character, so they come before it.
std::string Order(std::string_view base, std::vector<Insert> inserts) {
  std::ranges::sort(inserts, [](const Insert& left, const Insert& right) {
    return std::tie(left.origin, right.id) < std::tie(right.origin, left.id);
  });
  std::string text;
  auto next = inserts.begin();
  for (uint64_t counter = 1; counter <= base.size(); ++counter) {
    text += base[counter - 1];
    for (; next != inserts.end() && next->origin == counter; ++next) text += next->character;
  }
  return text;
}

ConcurrentHistory Assemble(std::string_view base, std::vector<Insert> inserts, Random& random) {
  Shuffle(inserts, random);
  ConcurrentHistory history;
  history.changes.BeginChange(kBaseAuthor, 1);
  history.changes.AddInsert(kRoot, static_cast<uint32_t>(base.size()), base);
  for (const Insert& insert : inserts) {
    history.changes.BeginChange(insert.id.replica, insert.id.counter);
    history.changes.AddParent({.counter = insert.id.counter - 1, .replica = kBaseAuthor});
    history.changes.AddInsert({.counter = insert.origin, .replica = kBaseAuthor}, 1,
                              std::string_view(&insert.character, 1));
  }
  history.text = Order(base, std::move(inserts));
  return history;
}

}  // namespace

std::vector<ReplicaId> MakeReplicas(uint64_t count, uint64_t seed) {
  constexpr unsigned kNumberBits = 21;  // Tells them apart; the 32 bits above are random.
  COTEXT_CHECK(count + 2 < uint64_t{1} << kNumberBits);
  Random random(seed);
  std::vector<ReplicaId> replicas(count);
  for (uint64_t i = 0; i < count; ++i) {
    replicas[i].value = ((random.Next() >> 32U) << kNumberBits) | (i + 2);
  }
  Shuffle(replicas, random);
  return replicas;
}

ConcurrentHistory MakeSiblings(uint64_t n, Counters counters, uint64_t seed) {
  const bool distinct = counters == Counters::kDistinct;
  const std::string base = MakeText(distinct ? n : 1, Alphabet::kAscii);
  const std::vector<ReplicaId> replicas = MakeReplicas(n, seed);
  std::vector<Insert> inserts(n);
  for (uint64_t i = 0; i < n; ++i) {
    inserts[i] = {.id = {.counter = distinct ? i + 2 : 2, .replica = replicas[i]},
                  .origin = 1,
                  .character = LetterOf(i)};
  }
  Random random(seed);
  return Assemble(base, std::move(inserts), random);
}

ConcurrentHistory MakeSpread(uint64_t n, uint64_t seed) {
  const std::vector<ReplicaId> replicas = MakeReplicas(n, seed);
  Random random(seed);
  std::vector<Insert> inserts(n);
  for (uint64_t i = 0; i < n; ++i) {
    inserts[i] = {.id = {.counter = n + 1, .replica = replicas[i]},
                  .origin = random.Between(1, n),
                  .character = LetterOf(i)};
  }
  return Assemble(MakeText(n, Alphabet::kAscii), std::move(inserts), random);
}

ConcurrentHistory MakeChain(uint64_t n, uint64_t seed) {
  ConcurrentHistory history;
  OpId previous = kRoot;
  for (const ReplicaId replica : MakeReplicas(n, seed)) {
    const OpId id{.counter = previous.counter + 1, .replica = replica};
    const char letter = LetterOf(id.counter);
    history.changes.BeginChange(id.replica, id.counter);
    if (previous != kRoot) history.changes.AddParent(previous);
    history.changes.AddInsert(previous, 1, std::string_view(&letter, 1));
    history.text += letter;
    previous = id;
  }
  return history;
}

}  // namespace cotext
