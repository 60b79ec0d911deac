// What concurrent edits do to the order of a text, as the engines decide it and as a model does
// that forgets nothing (NaiveRga).
//
// A round: a text, then authors who each edit it without knowing of the others: passages of keys,
// and deletes. Every character is another one, so each can be followed. It is merged four ways:
//   rga       real replicas.
//   ttf       OT with tombstones.
//   ot one    an OT server; each author has composed his edits into one submission.
//   ot each   an OT server that transforms each edit by itself, as where authors are there and far
//             behind.
// The last two commit the authors in random order, and ties are decided by it.
//
// Whether the order of two characters is *fixed*: if both are one author's, by his own text; if
// not, by a character of the first text, deleted since or not, in front of which one author saw the
// one when he typed it, and behind which the other author saw the other. What is counted, of the
// characters visible in the end:
//   order anomaly   two characters in the wrong order although it was fixed. (Attiya et al.,
//                   "Specification and complexity of collaborative text editing", PODC 2016, call
//                   what never does that a strong list.)
//   other tie       two characters whose order is not fixed in another order than NaiveRga has them
//                   in. Either is right; but who merges another way gets another text.
//   interleaved     a passage, keys that an author typed in one go, each beside the one before,
//   with
//                   a character of another author between two of its own.
//   lost            characters that are there in one text and not in the other, or twice.
#ifndef COTEXT_SIMULATION_COMPARISON_ANOMALIES_H_
#define COTEXT_SIMULATION_COMPARISON_ANOMALIES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "simulation/comparison/edit_round.h"
#include "simulation/progress.h"

namespace cotext {

struct AnomalyOptions {
  uint64_t rounds = 2000;  // Of each shape.
  uint64_t seed = 1;
  Progress progress = {};  // Counts rounds of all shapes.
};

struct AnomalyCount {
  std::string shape;
  std::string engine;   // "rga" or "ot".
  std::string control;  // "rga", "ttf", "one", "each".
  uint64_t rounds = 0;
  uint64_t passages = 0;  // With two characters or more left.
  uint64_t interleaved = 0;
  uint64_t fixed_pairs = 0;  // Of characters whose order is fixed.
  uint64_t order_anomalies = 0;
  uint64_t rounds_with_order_anomaly = 0;
  uint64_t tied_pairs = 0;
  uint64_t other_ties = 0;
  uint64_t lost = 0;

  friend bool operator==(const AnomalyCount&, const AnomalyCount&) = default;
};

// Counts what is in a round's text, beside the oracle's text of the same round.
void CountIn(const EditRound& round, const std::string& text, const std::string& oracle,
             AnomalyCount& count);

// The shapes that the report has.
std::vector<RoundShape> UsualShapes();

std::vector<AnomalyCount> CountAnomalies(const std::vector<RoundShape>& shapes,
                                         const AnomalyOptions& options);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_COMPARISON_ANOMALIES_H_
