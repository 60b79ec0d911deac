#include "simulation/comparison/anomalies.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "crdt/rga.h"
#include "crdt/rga_text.h"
#include "document/check.h"
#include "document/delta.h"
#include "document/random.h"
#include "ot/edit_history.h"
#include "ot/server_state.h"
#include "ot/submission.h"
#include "ot/transform.h"
#include "ot/ttf_history.h"
#include "simulation/trace/naive_rga.h"
#include "simulation/trace/trace_history.h"

namespace cotext {
namespace {

using Deltas = std::vector<Delta>;

// What one round's authors do, each edit by itself, and in which order a server hears of them.
struct Branches {
  std::string base;
  std::vector<Deltas> edits = {};  // By author.
  std::vector<size_t> order = {};
};

Branches BranchesOf(const EditRound& round, Random& random) {
  const Trace& trace = round.trace;
  Branches branches{.base = std::string((*trace.patches(0).begin()).inserted)};
  for (size_t i = 1; i < trace.transaction_count(); ++i) {
    Deltas& edits = branches.edits.emplace_back();
    for (const TracePatch patch : trace.patches(i)) {
      edits.emplace_back().Retain(patch.position).Insert(patch.inserted).Delete(patch.deleted);
    }
    branches.order.insert(
        branches.order.begin() + static_cast<ptrdiff_t>(random.Below(branches.order.size() + 1)),
        i - 1);
  }
  return branches;
}

std::string TextOfOracle(const Trace& trace) {
  NaiveRga oracle(trace.agent_count());
  while (oracle.transaction_count() < trace.transaction_count()) {
    COTEXT_CHECK(oracle.Apply(trace));
  }
  return oracle.TextOf(oracle.CheckoutAll());
}

std::string MergeOnRga(const Trace& trace) {
  const Expected<Rga> peer = BuildPeer(trace);
  COTEXT_CHECK(peer);
  return VisibleText(*peer);
}

std::string MergeOnTtf(const Trace& trace) {
  TtfHistory history;
  for (size_t i = 0; i < trace.transaction_count(); ++i) {
    history.Begin(trace.agent(i) + 1, trace.parents(i));
    for (const TracePatch patch : trace.patches(i)) {
      COTEXT_CHECK(history.Apply(TextEdit{
          .position = patch.position, .deleted = patch.deleted, .inserted = patch.inserted}));
    }
  }
  return history.MergedText();
}

std::string MergeSubmissions(const Branches& branches) {
  Expected<OtServerState> server = OtServerState::FromSnapshot({.text = branches.base});
  COTEXT_CHECK(server);
  for (const size_t author : branches.order) {
    Expected<Delta> operation = ComposeAll(branches.edits[author]);
    COTEXT_CHECK(operation);
    COTEXT_CHECK(server
                     ->Apply({.client = OtClientId{author + 1},
                              .seq = 1,
                              .base = 0,
                              .operation = *std::move(operation)})
                     .revision);
  }
  return server->text().Text();
}

std::string MergeEachEdit(const Branches& branches) {
  std::string text = branches.base;
  Deltas committed;
  for (const size_t author : branches.order) {
    Deltas unseen = committed;  // On the author's text.
    for (Delta edit : branches.edits[author]) {
      for (Delta& other : unseen) {
        Expected<TransformedPair> pair = TransformPair(edit, other);
        COTEXT_CHECK(pair);
        edit = std::move(pair->left);
        other = std::move(pair->right);
      }
      Expected<std::string> after = Apply(edit, text);
      COTEXT_CHECK(after);
      text = *std::move(after);
      committed.push_back(std::move(edit));
    }
  }
  return text;
}

// Returns whether the first must stand before the second; nothing if that is not fixed.
std::optional<bool> FixedOrder(const RoundCharacter& first, const RoundCharacter& second) {
  if (first.author == second.author) return first.rank < second.rank;
  if (first.high <= second.low) return true;
  if (second.high <= first.low) return false;
  return std::nullopt;
}

// Returns the characters of a round's text.
std::vector<std::string> CharactersIn(const std::string& text) {
  constexpr size_t kBytes = 3;  // Of each.
  std::vector<std::string> characters;
  for (size_t i = 0; i < text.size(); i += kBytes) characters.push_back(text.substr(i, kBytes));
  return characters;
}

// Returns where the characters of one text stand in another that has the same.
std::vector<size_t> RanksIn(const std::string& text, const std::string& other) {
  std::map<std::string, size_t> places;
  for (const std::string& one : CharactersIn(other)) places.emplace(one, places.size());
  std::vector<size_t> ranks;
  for (const std::string& one : CharactersIn(text)) ranks.push_back(places.at(one));
  return ranks;
}

void CountPairs(const std::vector<RoundCharacter>& text, const std::vector<size_t>& ranks,
                AnomalyCount& count) {
  uint64_t wrong = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    for (size_t j = i + 1; j < text.size(); ++j) {
      const std::optional<bool> fixed = FixedOrder(text[i], text[j]);
      ++(fixed ? count.fixed_pairs : count.tied_pairs);
      if (fixed) {
        wrong += *fixed ? 0 : 1;
      } else {
        count.other_ties += ranks[i] < ranks[j] ? 0 : 1;
      }
    }
  }
  count.order_anomalies += wrong;
  count.rounds_with_order_anomaly += wrong > 0 ? 1 : 0;
}

void CountPassages(const std::vector<RoundCharacter>& text, AnomalyCount& count) {
  std::map<std::pair<uint32_t, uint32_t>, std::pair<size_t, size_t>> ends;  // By passage.
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i].author == 0) continue;
    const auto [end, is_new] =
        ends.emplace(std::pair(text[i].author, text[i].passage), std::pair(i, i));
    end->second.second = i;
  }
  for (const auto& [passage, end] : ends) {
    const auto& [first, last] = end;
    if (first == last) continue;
    ++count.passages;
    const bool foreign = std::any_of(text.begin() + static_cast<ptrdiff_t>(first),
                                     text.begin() + static_cast<ptrdiff_t>(last),
                                     [author = passage.first](const RoundCharacter& between) {
                                       return between.author != author && between.author != 0;
                                     });
    count.interleaved += foreign ? 1 : 0;
  }
}

uint64_t CountLost(const std::string& text, const std::string& oracle) {
  std::vector<std::string> there = CharactersIn(text);
  std::vector<std::string> wanted = CharactersIn(oracle);
  std::ranges::sort(there);
  std::ranges::sort(wanted);
  std::vector<std::string> different;
  std::ranges::set_symmetric_difference(there, wanted, std::back_inserter(different));
  return different.size();
}

}  // namespace

void CountIn(const EditRound& round, const std::string& text, const std::string& oracle,
             AnomalyCount& count) {
  ++count.rounds;
  const uint64_t lost = CountLost(text, oracle);
  count.lost += lost;
  if (lost > 0) return;
  const std::vector<RoundCharacter> characters = round.CharactersOf(text);
  CountPairs(characters, RanksIn(text, oracle), count);
  CountPassages(characters, count);
}

std::vector<RoundShape> UsualShapes() {
  return {{.name = "spread", .deletes = 30},
          {.name = "one place", .ties = 100},
          {.name = "one place, deletes", .ties = 100, .deletes = 70},
          {.name = "one place, backwards", .ties = 100, .backwards = 100},
          {.name = "mixed", .ties = 60, .deletes = 40, .backwards = 20}};
}

std::vector<AnomalyCount> CountAnomalies(const std::vector<RoundShape>& shapes,
                                         const AnomalyOptions& options) {
  std::vector<AnomalyCount> counts;
  Random random(options.seed);
  uint64_t done = 0;
  for (const RoundShape& shape : shapes) {
    AnomalyCount rga{.shape = shape.name, .engine = "rga", .control = "rga"};
    AnomalyCount ttf{.shape = shape.name, .engine = "ot", .control = "ttf"};
    AnomalyCount one{.shape = shape.name, .engine = "ot", .control = "one"};
    AnomalyCount each{.shape = shape.name, .engine = "ot", .control = "each"};
    for (uint64_t i = 0; i < options.rounds; ++i) {
      const EditRound round = MakeRound(shape, random);
      const Branches branches = BranchesOf(round, random);
      const std::string oracle = TextOfOracle(round.trace);
      CountIn(round, MergeOnRga(round.trace), oracle, rga);
      CountIn(round, MergeOnTtf(round.trace), oracle, ttf);
      CountIn(round, MergeSubmissions(branches), oracle, one);
      CountIn(round, MergeEachEdit(branches), oracle, each);
      if (options.progress) options.progress(++done, options.rounds * shapes.size());
    }
    counts.insert(counts.end(), {rga, ttf, one, each});
  }
  return counts;
}

}  // namespace cotext
