#include "tests/support/twin_replicas.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "crdt/ids.h"
#include "crdt/sequence.h"
#include "crdt/version_vector.h"
#include "tests/support/random_text.h"
#include "tests/support/rga_testing.h"

namespace cotext {

void CheckTwin(const Twin& twin) {
  twin.rga.CheckInvariants();
  ASSERT_EQ(TextOf(twin.rga), twin.naive.Text());
  ASSERT_EQ(twin.rga.version_vector(), twin.naive.Version());
  ASSERT_EQ(twin.rga.frontier(), twin.naive.Frontier());
}

TwinReplicas::TwinReplicas(Random& random, size_t count) : random_(random) {
  const SequenceOptions options = random.Chance(70) ? kTinySequence : SequenceOptions{};
  for (size_t i = 0; i < count; ++i) {
    // Small and great ids: they decide ties, and their size decides how they are encoded.
    const uint64_t low = random.Chance(50) ? 0 : kIdLimit - 1000;
    twins_.push_back(
        Twin{.rga = Rga(ReplicaId{low + i * 100 + random.Between(1, 99)}, options), .naive = {}});
  }
}

void TwinReplicas::Step() {
  Twin& twin = Any();
  if (random_.Chance(60)) {
    Edit(twin);
  } else {
    const Twin& other = Any();
    if (&other != &twin) Send(other, twin);
  }
}

void TwinReplicas::Edit(Twin& twin) {
  const uint64_t length = twin.naive.Visible().size();
  const uint64_t position = random_.Chance(30) ? length : random_.Below(length + 1);
  const uint64_t erased =
      random_.Chance(60) ? 0 : random_.Below(std::min<uint64_t>(length - position, 5) + 1);
  const std::string text = RandomText(random_, random_.Chance(20) ? 8 : 2);
  ASSERT_TRUE(twin.rga.Replace(position, erased, text).has_value());
  twin.naive.Replace(twin.rga.replica(), position, erased, text);
}

void TwinReplicas::Send(const Twin& from, Twin& to) {
  const VersionVector known = random_.Chance(80) ? to.rga.version_vector() : VersionVector{};
  const std::vector<LooseChange> changes = CutAnew(random_, from.rga.ChangesSince(known));
  const size_t count = random_.Chance(60) ? changes.size() : random_.Below(changes.size() + 1);
  for (size_t i = 0; i < count; ++i) {
    const auto done = to.rga.Integrate(changes[i].view(), Rga::Effects::kIgnore);
    ASSERT_TRUE(done.has_value()) << done.error().message;
    to.naive.Add(AtomsOf(changes[i].view()));
  }
}

std::vector<LooseChange> CutAnew(Random& random, const Update& update) {
  std::vector<LooseChange> changes;
  for (size_t i = 0; i < update.size(); ++i) {
    Atoms atoms;
    for (const auto& [id, atom] : AtomsOf(update[i])) {
      if (!atoms.empty() && random.Chance(10)) {
        changes.push_back(ChangeOf(random, atoms));
        atoms.clear();
      }
      atoms[id] = atom;
    }
    if (!atoms.empty()) changes.push_back(ChangeOf(random, atoms));
  }
  return changes;
}

}  // namespace cotext
