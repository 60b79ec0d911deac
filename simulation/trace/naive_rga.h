// The dumbest correct RGA: an oracle for the real one, and for traces.
//
// All characters ever inserted, tombstones included, form one list in document order. A version is
// a counter per agent; a character is visible in it if its insert is covered and none of its
// deletes is. To edit at a version, every element is looked at. Agent `i` stands for replica `i+1`,
// and ids and the order are those of DESIGN.md §2: each deleted and then each inserted character of
// a patch takes the next counter; a new element goes behind its origin, past every element with a
// greater id. Roh et al., "Replicated abstract data types", JPDC 2011.
//
// The list can also be kept in the order of the YATA/Fugue family, under which published traces
// were made: an element keeps what was to its left and right when it was inserted, and siblings
// with both in common stand in ascending order of agents. Nicolaescu et al., "Near real-time
// peer-to-peer shared editing on extensible data types", GROUP 2016.
//
// A checkout is linear in the list, a patch in the visible text. Memory: about 60 bytes an element,
// and 8 bytes an agent and transaction. Positions and lengths count code points.
#ifndef COTEXT_SIMULATION_TRACE_NAIVE_RGA_H_
#define COTEXT_SIMULATION_TRACE_NAIVE_RGA_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "document/error.h"
#include "simulation/trace/trace.h"

namespace cotext {

class NaiveRga {
 public:
  enum class Order : uint8_t { kRga, kAgentAscending };

  struct Id {
    uint64_t counter = 0;
    uint32_t agent = 0;
    friend auto operator<=>(const Id&, const Id&) = default;
  };

  // By agent, the greatest counter covered.
  using Version = std::vector<uint64_t>;

  // The document at one version. It stays right whatever is applied later.
  class State {
   public:
    const Version& version() const { return version_; }
    uint64_t length() const { return visible_.size(); }

   private:
    friend class NaiveRga;
    Version version_;
    std::vector<uint32_t> visible_;  // Elements, in document order.
  };

  explicit NaiveRga(uint32_t agent_count, Order order = Order::kRga);

  size_t transaction_count() const { return versions_.size(); }

  // Returns the merged state of some transactions; of none, the empty document.
  // REQUIRES: each is below transaction_count().
  State Checkout(std::span<const uint32_t> transactions) const;
  // Returns the state with everything applied.
  State CheckoutAll() const;

  // Applies the next transaction, number transaction_count(), and returns the state after it.
  // REQUIRES: `before` covers all earlier transactions of the agent; positions are in range.
  State Apply(uint32_t agent, State before, std::span<const TracePatch> patches);
  // Applies transaction number transaction_count() of a trace at what its parents name. If a
  // position is out of range: kInvalidTrace, and nothing has changed.
  Expected<State> Apply(const Trace& trace);

  std::string TextOf(const State& state) const;

 private:
  using Index = uint32_t;  // Of elements_, in the order of their insertion.
  static constexpr Index kBegin = 0;
  static constexpr Index kEnd = UINT32_MAX;

  struct Element {
    Id id;
    char32_t character = 0;
    Index next = kEnd;    // In document order.
    Index left = kBegin;  // Its origin: what was visible to its left.
    Index right = kEnd;   // What was inserted, visible or not, to its right.
    absl::InlinedVector<Id, 1> deletes;
  };

  static bool Covers(const Version& version, Id id) { return version[id.agent] >= id.counter; }
  State CheckoutVersion(Version version) const;
  void ApplyPatch(const TracePatch& patch, uint32_t agent, uint64_t& counter, State& state);
  Index Insert(Element element, const Version& version);
  Index RgaPlace(const Element& element) const;
  Index AgentAscendingPlace(const Element& element) const;
  bool StandsBefore(Index first, Index second, Index from) const;

  uint32_t agent_count_;
  Order order_;
  std::vector<Element> elements_;  // The first stands for the beginning of the document.
  std::vector<Version> versions_;  // By transaction, the version that it made.
  State last_;  // After the last transaction, because the next one is often made just there.
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_TRACE_NAIVE_RGA_H_
