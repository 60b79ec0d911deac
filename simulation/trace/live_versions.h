// What transactions cover, kept for as long as somebody has still to ask.
//
// A version is written as one number per agent: how many of its transactions are covered. That says
// everything, because an agent's transactions are a chain (invariant 3 of Trace). Numbers missing
// at the end are zero. Who will ask for a version holds it, and with the last hold it is forgotten.
//
// O(1) but for copies and joins, which are O(agents). Memory: agents x versions held at a time, and
// 8 bytes a transaction.
#ifndef COTEXT_SIMULATION_TRACE_LIVE_VERSIONS_H_
#define COTEXT_SIMULATION_TRACE_LIVE_VERSIONS_H_

#include <cstdint>
#include <vector>

namespace cotext {

class LiveVersions {
 public:
  using Counts = std::vector<uint32_t>;

  // Keeps the version that a transaction made until `holds` holds on it are released; with 0 of
  // them, not at all.
  // REQUIRES: the transaction's version was not kept before.
  void Keep(uint32_t transaction, Counts version, uint32_t holds);

  // REQUIRES here and below: the transaction's version is held.
  const Counts& Get(uint32_t transaction) const;
  // Adds holds.
  void Hold(uint32_t transaction, uint32_t holds);
  // Releases one hold.
  void Release(uint32_t transaction);
  // Returns the version and releases one hold. Copies nothing if it was the last one.
  Counts Take(uint32_t transaction);

 private:
  struct Held {
    uint32_t holds = 0;
    uint32_t slot = 0;  // Meaningless without holds.
  };

  std::vector<Held> held_;        // By transaction.
  std::vector<Counts> versions_;  // By slot.
  std::vector<uint32_t> free_slots_;
};

// Makes `version` cover what `other` does.
void Join(LiveVersions::Counts& version, const LiveVersions::Counts& other);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_TRACE_LIVE_VERSIONS_H_
