#include "simulation/trace/naive_rga.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "document/check.h"
#include "document/utf8.h"
#include "simulation/trace/trace_error.h"

namespace cotext {

NaiveRga::NaiveRga(uint32_t agent_count, Order order)
    : agent_count_(agent_count), order_(order), elements_(1) {}

Expected<NaiveRga::State> NaiveRga::Apply(const Trace& trace) {
  const size_t transaction = transaction_count();
  State state = Checkout(trace.parents(transaction));
  const auto length = CheckPatches(trace, transaction, state.length());
  if (!length) return std::unexpected(length.error());
  return Apply(trace.agent(transaction), std::move(state), trace.patches(transaction).ToVector());
}

NaiveRga::State NaiveRga::Apply(uint32_t agent, State before, std::span<const TracePatch> patches) {
  State state = std::move(before);
  uint64_t counter = state.version_.empty() ? 0 : std::ranges::max(state.version_);
  for (const TracePatch& patch : patches) ApplyPatch(patch, agent, counter, state);
  versions_.push_back(state.version_);
  last_ = state;
  return state;
}

// Applies a patch to `state`; `counter` is the greatest so far.
void NaiveRga::ApplyPatch(const TracePatch& patch, uint32_t agent, uint64_t& counter,
                          State& state) {
  auto& [version, visible] = state;
  COTEXT_CHECK(patch.position <= visible.size());
  COTEXT_CHECK(patch.deleted <= visible.size() - patch.position);
  const auto at = visible.begin() + patch.position;
  for (auto i = at; i != at + patch.deleted; ++i) {
    elements_[*i].deletes.push_back(Id{.counter = ++counter, .agent = agent});
    version[agent] = counter;
  }
  Index left = patch.position == 0 ? kBegin : visible[patch.position - 1];
  std::vector<Index> inserted;
  for (size_t byte = 0; byte < patch.inserted.size();
       byte += CharacterBytes(patch.inserted[byte])) {
    Element element;
    element.id = Id{.counter = ++counter, .agent = agent};
    element.character = DecodeCodePoint(patch.inserted, byte);
    element.left = left;
    left = Insert(std::move(element), version);
    version[agent] = counter;
    inserted.push_back(left);
  }
  const auto after = visible.erase(at, at + patch.deleted);
  visible.insert(after, inserted.begin(), inserted.end());
}

// Puts a new element in its place in the list. `version` is the one that it is inserted at.
NaiveRga::Index NaiveRga::Insert(Element element, const Version& version) {
  element.right = elements_[element.left].next;
  while (element.right != kEnd && !Covers(version, elements_[element.right].id)) {
    element.right = elements_[element.right].next;
  }
  const Index place = order_ == Order::kRga ? RgaPlace(element) : AgentAscendingPlace(element);
  const auto index = static_cast<Index>(elements_.size());
  element.next = std::exchange(elements_[place].next, index);
  elements_.push_back(std::move(element));
  return index;
}

// Returns the element behind which a new one goes: the flat rule.
NaiveRga::Index NaiveRga::RgaPlace(const Element& element) const {
  Index place = element.left;
  for (Index next = elements_[place].next; next != kEnd && elements_[next].id > element.id;
       next = elements_[next].next) {
    place = next;
  }
  return place;
}

// Returns the element behind which a new one goes, under the other order. Between its left and its
// right there are only elements that its author had not seen. It goes behind those of them that
// were inserted further left than itself, that is, with their right origin closer to their common
// left one, or with both in common by an agent of a lower number; and each takes along what was
// inserted between it and its own right origin.
NaiveRga::Index NaiveRga::AgentAscendingPlace(const Element& element) const {
  Index place = element.left;
  bool inside = false;  // Whether `place` must not move up to the element at hand.
  std::unordered_set<Index> passed;
  for (Index next = elements_[element.left].next; next != element.right && next != kEnd;
       next = elements_[next].next) {
    const Element& other = elements_[next];
    if (other.left == element.left) {
      const bool same_right = other.right == element.right;
      if (same_right && element.id.agent < other.id.agent) break;
      inside = !same_right && StandsBefore(other.right, element.right, next);
    } else if (!passed.contains(other.left)) {
      break;  // Its left origin is before ours, so it stands behind all of our siblings.
    }
    passed.insert(next);
    if (!inside) place = next;
  }
  return place;
}

// Returns whether `first` comes before `second`. REQUIRES: both are behind `from`, or kEnd.
bool NaiveRga::StandsBefore(Index first, Index second, Index from) const {
  for (Index i = elements_[from].next; i != kEnd; i = elements_[i].next) {
    if (i == first) return true;
    if (i == second) return false;
  }
  return false;
}

NaiveRga::State NaiveRga::Checkout(std::span<const uint32_t> transactions) const {
  Version joined(agent_count_);
  for (const uint32_t transaction : transactions) {
    const Version& version = versions_[transaction];
    for (size_t i = 0; i < joined.size(); ++i) joined[i] = std::max(joined[i], version[i]);
  }
  return CheckoutVersion(std::move(joined));
}

NaiveRga::State NaiveRga::CheckoutAll() const {
  Version all(agent_count_);
  for (const Version& version : versions_) {
    for (size_t i = 0; i < all.size(); ++i) all[i] = std::max(all[i], version[i]);
  }
  return CheckoutVersion(std::move(all));
}

NaiveRga::State NaiveRga::CheckoutVersion(Version version) const {
  if (version == last_.version_) return last_;
  State state;
  const auto covered = [&version](Id id) { return Covers(version, id); };
  for (Index i = elements_[kBegin].next; i != kEnd; i = elements_[i].next) {
    const Element& element = elements_[i];
    if (covered(element.id) && std::ranges::none_of(element.deletes, covered)) {
      state.visible_.push_back(i);
    }
  }
  state.version_ = std::move(version);
  return state;
}

std::string NaiveRga::TextOf(const State& state) const {
  std::string text;
  text.reserve(state.visible_.size());
  for (const Index i : state.visible_) {
    const char32_t character = elements_[i].character;
    if (character < 0x80U) {
      text += static_cast<char>(character);
    } else {
      text += EncodeCodePoint(character);
    }
  }
  return text;
}

}  // namespace cotext
