// Random collaboration: replicas that edit and hear of parts of each other's work, each twice, once
// as an Rga and once as a NaiveHistory.
#ifndef COTEXT_TESTS_SUPPORT_TWIN_REPLICAS_H_
#define COTEXT_TESTS_SUPPORT_TWIN_REPLICAS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "crdt/change.h"
#include "crdt/rga.h"
#include "document/random.h"
#include "tests/support/naive_history.h"

namespace cotext {

struct Twin {
  Rga rga;
  NaiveHistory naive;
};

// Fails the current test if the two differ, or the Rga breaks an invariant.
void CheckTwin(const Twin& twin);

class TwinReplicas {
 public:
  // Their ids are random, and so is how finely their sequences are divided.
  TwinReplicas(Random& random, size_t count);

  // Lets a random replica edit, or hear of something.
  void Step();
  void Run(int steps) {
    for (int i = 0; i < steps; ++i) Step();
  }

  size_t size() const { return twins_.size(); }
  Twin& operator[](size_t index) { return twins_[index]; }
  Twin& Any() { return twins_[random_.Below(twins_.size())]; }

  void Edit(Twin& twin);
  // Sends what `to` lacks, perhaps with something it has, cut anew, and perhaps not to the end.
  void Send(const Twin& from, Twin& to);

 private:
  Random& random_;
  std::vector<Twin> twins_;
};

// Returns the changes of an update, cut anew: into changes and, within them, into operations.
std::vector<LooseChange> CutAnew(Random& random, const Update& update);

}  // namespace cotext

#endif  // COTEXT_TESTS_SUPPORT_TWIN_REPLICAS_H_
