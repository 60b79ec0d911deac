// Random work of several replicas, of which each is there twice: once never trimmed, once trimmed
// at any time at any version that all have passed. Both must be the same in everything that can be
// asked of what is left, and what they send must do the same to others.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/blame.h"
#include "crdt/change.h"
#include "crdt/codec/document_file.h"
#include "crdt/ids.h"
#include "crdt/local_index.h"
#include "crdt/rga_document.h"
#include "crdt/sequence.h"
#include "crdt/version_vector.h"
#include "document/anchor.h"
#include "document/delta.h"
#include "document/document.h"
#include "document/error.h"
#include "document/offset.h"
#include "document/random.h"
#include "document/undo_manager.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/naive_history.h"
#include "tests/support/random_text.h"
#include "tests/support/rga_documents.h"
#include "tests/support/rga_testing.h"

namespace cotext {
namespace {

constexpr int kSeeds = 3000;

// A document, and the text as a listener follows it.
struct Followed {
  std::unique_ptr<RgaDocument> document;
  std::unique_ptr<std::string> text;
  std::unique_ptr<std::vector<Delta>> deltas;

  void Follow() {
    text = std::make_unique<std::string>(document->Text());
    deltas = std::make_unique<std::vector<Delta>>();
    document->Subscribe([to = text.get(), all = deltas.get()](const DeltaEvent& event) {
      *to = Apply(event.delta, *to).value();
      all->push_back(event.delta);
    });
  }
};

struct Pair {
  Followed plain;
  Followed trimmed;
};

// What happened, to be sure that all of it does.
struct Counts {
  int trims = 0;
  int repeated = 0;
  int inside_change = 0;
  int refused = 0;
  int dropped_anchors = 0;
  int undone = 0;
  int reopened = 0;
  int packed = 0;
  int from_trimmed_to_plain = 0;
};

class Trims {
 public:
  Trims(Random& random, Counts& counts) : random_(random), counts_(counts) {
    const size_t replicas = random.Between(2, 4);
    for (size_t i = 0; i < replicas; ++i) {
      const ReplicaId id{random.Between(1, 9) + 10 * (random.Chance(50) ? i : 9 - i)};
      const SequenceOptions options = random.Chance(70) ? kTinySequence : SequenceOptions{};
      Pair& pair = pairs_.emplace_back();
      pair.plain.document = std::make_unique<RgaDocument>(id, options);
      pair.trimmed.document = std::make_unique<RgaDocument>(id, options);
      if (random.Chance(50)) {
        pair.plain.Follow();
        pair.trimmed.Follow();
      }
    }
  }

  void Run(int steps) {
    for (int i = 0; i < steps && !failed(); ++i) {
      Step();
      if (!failed()) Check(pairs_[at_]);
    }
  }

 private:
  static bool failed() { return testing::Test::HasFailure(); }

  Pair& Any() {
    at_ = random_.Below(pairs_.size());
    return pairs_[at_];
  }

  void Step() {
    const uint64_t dice = random_.Below(100);
    if (dice < 40) {
      Edit(Any());
    } else if (dice < 60) {
      Pair& from = Any();
      Pair& to = Any();
      if (&from != &to) Send(from, to);
    } else if (dice < 68) {
      ConvergeAll();
    } else if (dice < 82) {
      Trim(Any());
    } else if (dice < 90) {
      TakeBack(Any());
    } else if (dice < 95) {
      Store(Any());
    } else {
      MakeAnchor(Any());
    }
  }

  void Edit(Pair& pair) {
    const uint64_t length = pair.plain.document->metrics().code_points;
    const uint64_t begin = random_.Chance(30) ? length : random_.Below(length + 1);
    const uint64_t count =
        random_.Chance(50) ? std::min<uint64_t>(random_.Below(5), length - begin) : 0;
    const std::string text = RandomText(random_, random_.Chance(20) ? 8 : 2);
    for (RgaDocument* document : {pair.plain.document.get(), pair.trimmed.document.get()}) {
      const auto done =
          document->Replace(CodePointOffset{begin}, CodePointOffset{begin + count}, text);
      ASSERT_TRUE(done.has_value()) << done.error().message;
    }
    Remember(pair);
  }

  void Remember(const Pair& pair) { versions_.push_back(pair.plain.document->version_vector()); }

  // Both hear the same, the trimmed one perhaps from a trimmed one, or of all there ever was.
  void Send(Pair& from, Pair& to) {
    const bool from_trimmed = random_.Chance(50);
    RgaDocument& source = from_trimmed ? *from.trimmed.document : *from.plain.document;
    const bool reaches_back = random_.Chance(20) && !from_trimmed;
    const VersionVector known =
        reaches_back ? VersionVector{} : to.plain.document->version_vector();
    // Whoever trims has seen that all have passed the version.
    ASSERT_TRUE(reaches_back || known.Covers(source.horizon()));
    counts_.from_trimmed_to_plain += source.horizon().empty() ? 0 : 1;
    if (random_.Chance(50)) {
      const auto update = source.EncodeSince(Version{known.Encode()});
      ASSERT_TRUE(update.has_value()) << update.error().message;
      Both(to, [&](RgaDocument& document) { return document.Merge(*update); });
    } else {
      const Update update = source.ChangesSince(known);
      Both(to, [&](RgaDocument& document) { return document.MergeUpdate(update); });
    }
    Remember(to);
  }

  static void Both(Pair& pair, const std::function<Expected<void>(RgaDocument&)>& merge) {
    for (RgaDocument* document : {pair.plain.document.get(), pair.trimmed.document.get()}) {
      const Expected<void> merged = merge(*document);
      ASSERT_TRUE(merged.has_value()) << merged.error().message;
    }
  }

  void ConvergeAll() {
    for (Pair& to : pairs_) {
      for (Pair& from : pairs_) {
        if (&from != &to && !failed()) Send(from, to);
      }
    }
    at_ = random_.Below(pairs_.size());
  }

  // Whether all that anybody knows is in a version or after it, and everybody has the version, by
  // the definition.
  bool IsCritical(const VersionVector& version) const {
    return std::ranges::all_of(pairs_, [&](const Pair& pair) {
      const RgaDocument& plain = *pair.plain.document;
      return plain.version_vector().Covers(version) && IsCriticalFor(plain, version);
    });
  }

  static bool IsCriticalFor(const RgaDocument& plain, const VersionVector& version) {
    const Update all = plain.ChangesSince({});
    for (size_t i = 0; i < all.size(); ++i) {
      for (uint64_t k = 0; k < all[i].Length(); ++k) {
        const OpId id{.counter = all[i].first_counter + k, .replica = all[i].replica};
        if (version.Covers(id)) continue;
        // The others of the change come after this one.
        if (!plain.VersionOf(std::span(&id, 1)).value().Covers(version)) return false;
        break;
      }
    }
    return true;
  }

  // Returns a version that was somewhere once, perhaps one inside its last change.
  VersionVector AnyVersion(const RgaDocument& plain) {
    VersionVector version = random_.Chance(40) || versions_.empty()
                                ? plain.version_vector()
                                : versions_[versions_.size() - 1 -
                                            random_.Below(std::min<size_t>(versions_.size(), 6))];
    const std::vector<OpId> heads = plain.frontier();
    if (!random_.Chance(40) || heads.size() != 1) return version;
    OpId before = heads[0];
    before.counter -= std::min(before.counter, random_.Below(4));
    const auto inside = plain.VersionOf(std::span(&before, 1));
    return inside ? *inside : version;
  }

  void Trim(Pair& pair) {
    const RgaDocument& plain = *pair.plain.document;
    RgaDocument& document = *pair.trimmed.document;
    const VersionVector version = AnyVersion(plain);
    if (!plain.TextAt(version) || !version.Covers(document.horizon())) return;
    if (!IsCritical(version)) {
      if (IsCriticalFor(plain, version)) return;  // Only others make it uncritical.
      ++counts_.refused;
      const auto refused = document.Trim(version);
      ASSERT_FALSE(refused.has_value());
      ASSERT_EQ(refused.error().code, ErrorCode::kNotCritical);
      return;
    }
    ++counts_.trims;
    counts_.repeated += document.horizon().empty() ? 0 : 1;
    const size_t steps = document.undo_manager().step_count(UndoStack::kUndo);
    const auto trimmed = document.Trim(version);
    ASSERT_TRUE(trimmed.has_value()) << trimmed.error().message;
    ASSERT_EQ(document.horizon(), version);
    ASSERT_LE(document.undo_manager().step_count(UndoStack::kUndo), steps);
    const auto& graph = document.rga().history().graph;
    if (graph.end() > OpIndex{0} && graph.horizon().frontier.size() == 1) {
      const OpId first = graph.IdOf(OpIndex{0});
      const OpId last = graph.horizon().frontier[0];
      counts_.inside_change +=
          first.replica == last.replica && first.counter == last.counter + 1 ? 1 : 0;
    }
  }

  // A trimmed document has the same steps, but for the oldest.
  void TakeBack(Pair& pair) {
    RgaDocument& plain = *pair.plain.document;
    RgaDocument& trimmed = *pair.trimmed.document;
    const bool undo = random_.Chance(60);
    if (undo ? !trimmed.CanUndo() : !trimmed.CanRedo()) return;
    ASSERT_EQ(undo ? plain.Undo() : plain.Redo(), true);
    ASSERT_EQ(undo ? trimmed.Undo() : trimmed.Redo(), true);
    ++counts_.undone;
    Remember(pair);
  }

  void Store(Pair& pair) {
    if (random_.Chance(40)) {
      ++counts_.packed;
      for (RgaDocument* document : {pair.plain.document.get(), pair.trimmed.document.get()}) {
        ASSERT_TRUE(document->Pack({}, nullptr).has_value());
      }
      return;
    }
    ++counts_.reopened;
    const FileEncoding encoding{.neighbours = random_.Chance(50), .keeps_undo = true};
    Reopen(pair.plain, encoding);
    Reopen(pair.trimmed, encoding);
  }

  void Reopen(Followed& followed, const FileEncoding& encoding) {
    const RgaDocument& document = *followed.document;
    const SequenceOptions options = document.rga().sequence().options();
    const auto file = document.Save(encoding);
    ASSERT_TRUE(file.has_value()) << file.error().message;
    auto opened = RgaDocument::Open(*file, document.replica(), nullptr, {}, options);
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    ASSERT_EQ((*opened)->RestoreUndo().value_or(false), true);
    ASSERT_EQ((*opened)->Save(encoding).value(), *file);
    followed.document = *std::move(opened);
    if (followed.text != nullptr) followed.Follow();
  }

  void MakeAnchor(Pair& pair) {
    const uint64_t length = pair.plain.document->metrics().code_points;
    const CodePointOffset at{random_.Below(length + 1)};
    const Bias bias = random_.Chance(50) ? Bias::kBefore : Bias::kAfter;
    const Anchor anchor = pair.plain.document->CreateAnchor(at, bias).value();
    ASSERT_EQ(pair.trimmed.document->CreateAnchor(at, bias)->bytes(), anchor.bytes());
    anchors_.push_back(anchor);
  }

  // Everything that can be asked.
  void Check(const Pair& pair) {
    const RgaDocument& plain = *pair.plain.document;
    const RgaDocument& trimmed = *pair.trimmed.document;
    ASSERT_EQ(trimmed.Text(), plain.Text());
    ASSERT_EQ(trimmed.metrics(), plain.metrics());
    trimmed.CheckInvariants();
    ASSERT_EQ(trimmed.version(), plain.version());
    ASSERT_EQ(trimmed.frontier(), plain.frontier());
    ASSERT_EQ(trimmed.next_counter(), plain.next_counter());
    if (pair.plain.text != nullptr) {
      ASSERT_EQ(*pair.plain.text, plain.Text());
      ASSERT_EQ(*pair.trimmed.text, plain.Text());
      ASSERT_EQ(*pair.trimmed.deltas, *pair.plain.deltas);
      pair.trimmed.deltas->clear();
      pair.plain.deltas->clear();
    }
    CheckBlame(plain, trimmed);
    CheckAnchors(plain, trimmed);
    CheckPast(plain, trimmed);
  }

  static void CheckBlame(const RgaDocument& plain, const RgaDocument& trimmed) {
    const CodePointOffset end{plain.metrics().code_points};
    ASSERT_EQ(trimmed.Blame(CodePointOffset{0}, end).value(),
              plain.Blame(CodePointOffset{0}, end).value());
  }

  void CheckAnchors(const RgaDocument& plain, const RgaDocument& trimmed) {
    for (const Anchor& anchor : anchors_) {
      const auto here = trimmed.ResolveAnchor(anchor);
      const auto there = plain.ResolveAnchor(anchor);
      if (here || here.error().code != ErrorCode::kHistoryTrimmed) {
        ASSERT_EQ(here.has_value(), there.has_value());
        if (here) ASSERT_EQ(*here, *there);
        continue;
      }
      // Its character was dead at the horizon.
      ASSERT_TRUE(there.has_value());
      const auto at = plain.BlameAt(trimmed.horizon());
      const Anchor& dead = anchor;
      ASSERT_TRUE(
          std::ranges::none_of(*at, [&](const BlameRange& range) { return Names(dead, range); }));
      ++counts_.dropped_anchors;
    }
  }

  // Whether an anchor's bytes name one of the characters of a range. Counters are small here.
  static bool Names(const Anchor& anchor, const BlameRange& range) {
    const std::string_view bytes = anchor.bytes();
    for (uint64_t i = 0; i < range.length; ++i) {
      std::string id;
      for (uint64_t number : {range.first.counter + i, range.first.replica.value}) {
        for (; number >= 128; number /= 128) id.push_back(static_cast<char>(number % 128 + 128));
        id.push_back(static_cast<char>(number));
      }
      if (bytes.substr(1) == id) return true;
    }
    return false;
  }

  void CheckPast(const RgaDocument& plain, const RgaDocument& trimmed) {
    const VersionVector& from = AnyKnown(trimmed.horizon());
    const VersionVector& to = AnyKnown(trimmed.horizon());
    if (!plain.TextAt(from) || !plain.TextAt(to)) return;
    if (!from.Covers(trimmed.horizon())) {
      ASSERT_EQ(trimmed.TextAt(from).error().code, ErrorCode::kHistoryTrimmed);
      ASSERT_EQ(trimmed.EncodeSince(Version{from.Encode()}).error().code,
                ErrorCode::kHistoryTrimmed);
      return;
    }
    ASSERT_EQ(trimmed.TextAt(from).value(), plain.TextAt(from).value());
    ASSERT_EQ(trimmed.BlameAt(from).value(), plain.BlameAt(from).value());
    ASSERT_EQ(AtomsOf(trimmed.ChangesSince(from)), AtomsOf(plain.ChangesSince(from)));
    if (to.Covers(trimmed.horizon())) {
      ASSERT_EQ(trimmed.DeltaBetween(from, to).value(), plain.DeltaBetween(from, to).value());
    }
  }

  const VersionVector& AnyKnown(const VersionVector& horizon) {
    if (versions_.empty() || random_.Chance(20)) return horizon;
    return versions_[random_.Below(versions_.size())];
  }

  Random& random_;
  Counts& counts_;
  std::vector<Pair> pairs_;
  size_t at_ = 0;  // Whose turn it was last.
  std::vector<VersionVector> versions_;
  std::vector<Anchor> anchors_;
};

TEST(TrimRandomTest, ATrimmedDocumentIsTheSameFromTheHorizonOn) {
  Counts counts;
  ForEachSeed(kSeeds, [&](Random& random) { Trims(random, counts).Run(40); });
  EXPECT_GT(counts.trims, kSeeds);
  EXPECT_GT(counts.repeated, kSeeds / 10);
  EXPECT_GT(counts.inside_change, kSeeds / 20);
  EXPECT_GT(counts.refused, kSeeds / 10);
  EXPECT_GT(counts.dropped_anchors, kSeeds / 10);
  EXPECT_GT(counts.undone, kSeeds / 2);
  EXPECT_GT(counts.reopened, kSeeds / 2);
  EXPECT_GT(counts.packed, kSeeds / 4);
  EXPECT_GT(counts.from_trimmed_to_plain, kSeeds);
}

}  // namespace
}  // namespace cotext
