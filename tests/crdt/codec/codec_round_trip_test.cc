// Histories on the way through everything that encodes them: documents work together, then what
// they know goes from one to the next on random paths, and in the end all of them hold the same
// text, version and history. The oracle is the set of all operations ever made, character by
// character (naive_history.h), as those who made them export them.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crdt/change.h"
#include "crdt/codec/compression.h"
#include "crdt/codec/document_file.h"
#include "crdt/codec/packed_update.h"
#include "crdt/codec/replica_table.h"
#include "crdt/codec/section.h"
#include "crdt/codec/update_codec.h"
#include "crdt/codec/update_packing.h"
#include "crdt/codec/update_tools.h"
#include "crdt/ids.h"
#include "crdt/rga.h"
#include "crdt/rga_document.h"
#include "crdt/sequence.h"
#include "crdt/version_vector.h"
#include "document/delta.h"
#include "document/document_id.h"
#include "document/error.h"
#include "document/offset.h"
#include "document/random.h"
#include "storage/compression.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/naive_history.h"
#include "tests/support/random_text.h"
#include "tests/support/rga_testing.h"
#include "tests/support/twin_replicas.h"

namespace cotext {
namespace {

constexpr DocumentId kId{{3, 1, 4, 1, 5}};
// Replays parts of a history; never edits.
constexpr ReplicaId kReplayer{kIdLimit - 1};

// What happened in a run, to be sure that all of it does.
enum Event : uint8_t {
  kByIds,       // Changes by their ids, cut anew.
  kUpdate,      // One update, of what is lacking or more.
  kSlice,       // A slice of an update of everything.
  kMerged,      // Overlapping updates, merged in steps.
  kPieces,      // An update in pieces, in any order.
  kWire,        // Updates on a line whose ends number replicas.
  kUpdateFile,  // An update in a file of its own.
  kFile,        // A document file, opened by somebody else or again by its writer.
  kAppendices,  // A document file of an earlier state, and updates appended to it.

  kPlainForm,  // Of an update or a file, beside what is said below.
  kWithNeighbours,
  kWithoutDeletedText,
  kStored,  // A section that is not compressed, and others.
  kDeflated,
  kZstandard,
  kLz4Block,
  kEditedFirst,      // What was opened is edited before it is looked at.
  kMergedIntoFirst,  // Another document is merged into it before that.
  kTooEarly,         // A piece that had to wait for another.
  kTakenBack,        // An edit, so that deleted text is there again.
  kHeard,            // A document that tells a listener what was merged.
  kEventCount,
};

// By event, how often it happened.
using Counts = std::array<uint64_t, kEventCount>;

// A document with somebody who follows its text.
struct Replica {
  std::unique_ptr<RgaDocument> document;
  std::unique_ptr<std::string> followed;  // Null if nobody does.

  const Rga& rga() const { return document->rga(); }
};

template <typename T>
void Shuffle(Random& random, std::vector<T>& values) {
  for (size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[random.Below(i)]);
}

// Adds the replicas that an update names, as both ends of a line do: the new ones ascending.
void LearnReplicas(ReplicaTable& table, const PackedUpdate& update) {
  std::set<ReplicaId> named(update.replicas.begin(), update.replicas.end());
  for (const OpId id : update.ids) named.insert(id.replica);
  for (const ReplicaId replica : named) table.Add(replica);
}

class Travels {
 public:
  Travels(Random& random, const Decompressor& decompressor, Counts& counts)
      : random_(random),
        decompressor_(decompressor),
        counts_(counts),
        drops_deleted_text_(random.Chance(30)) {}

  void Run() {
    for (uint64_t count = random_.Between(2, random_.Chance(10) ? 12 : 4); count > 0; --count) {
      AddEmpty();
    }
    Collaborate(random_.Chance(15) ? 40 : random_.Between(2, 12));
    size_t holder = AnyReplica();
    for (uint64_t hops = random_.Between(2, 6); hops > 0 && !failed(); --hops) {
      holder = Hop(holder);
      if (!failed()) Check(replicas_[holder]);
      if (random_.Chance(40)) Edit(*replicas_[AnyReplica()].document);
    }
    Converge();
  }

 private:
  static bool failed() { return testing::Test::HasFailure(); }

  // The replicas.

  // Returns an id that nobody has: small, great or anything between.
  ReplicaId NewId() {
    while (true) {
      const uint64_t range = uint64_t{1} << random_.Between(3, 53);
      const uint64_t value = random_.Chance(50) ? random_.Between(1, range - 1)
                                                : kIdLimit - 2 - random_.Below(range / 2);
      const ReplicaId id{value};
      if (IsValid(id) && id != kReplayer && ids_.insert(id).second) return id;
    }
  }

  SequenceOptions AnySequence() { return random_.Chance(50) ? kTinySequence : SequenceOptions{}; }

  size_t AnyReplica() { return random_.Below(replicas_.size()); }
  size_t AddEmpty() { return Add(std::make_unique<RgaDocument>(NewId(), AnySequence())); }
  size_t Add(std::unique_ptr<RgaDocument> document) {
    Replica& replica = replicas_.emplace_back();
    replica.document = std::move(document);
    if (random_.Chance(25)) Follow(replica);
    return replicas_.size() - 1;
  }

  static void Follow(Replica& replica) {
    replica.followed = std::make_unique<std::string>(replica.document->Text());
    replica.document->Subscribe([text = replica.followed.get()](const DeltaEvent& event) {
      const Expected<std::string> after = Apply(event.delta, *text);
      ASSERT_TRUE(after.has_value()) << after.error().message;
      *text = *after;
    });
  }

  // Edits.

  void Collaborate(uint64_t steps) {
    for (; steps > 0 && !failed(); --steps) {
      Replica& replica = replicas_[AnyReplica()];
      Edit(*replica.document);
      if (random_.Chance(40)) SendByIds(replica, replicas_[AnyReplica()]);
    }
  }

  void Replace(RgaDocument& document, uint64_t at, uint64_t erased, std::string_view text) {
    const Expected<void> done =
        document.Replace(CodePointOffset{at}, CodePointOffset{at + erased}, text);
    ASSERT_TRUE(done.has_value()) << done.error().message;
  }

  // Makes one of the edits that people make, and notes down what it did.
  void Edit(RgaDocument& document) {
    const uint64_t length = document.metrics().code_points;
    uint64_t at = random_.Chance(30) ? length : random_.Below(length + 1);
    const uint64_t few = random_.Between(1, 6);
    switch (random_.Below(8)) {
      case 0:
      case 1:  // Typing.
        for (uint64_t i = 0; i < few; ++i) Replace(document, at + i, 0, Character());
        break;
      case 2:  // The backspace key.
        for (uint64_t i = 0; i < few && at > 0; ++i) Replace(document, --at, 1, "");
        break;
      case 3:  // The delete key.
        for (uint64_t i = 0; i < std::min(few, length - at); ++i) Replace(document, at, 1, "");
        break;
      case 4: Replace(document, at, 0, Paste()); break;
      case 5:
        Replace(document, at, std::min(2 * few, length - at), RandomText(random_, few));
        break;
      case 6: EditAllOver(document, 4 * few); break;
      default: TakeBack(document); break;
    }
    truth_.Add(AtomsOf(document.OwnChangesFrom(1)));
  }

  std::string Character() {
    static constexpr std::array<std::string_view, 8> kCharacters = {
        "a", "b", "\n", "\u00e9", "\u0436", "\u4e2d", "\U0001f600", "z"};
    return std::string(kCharacters[random_.Below(kCharacters.size())]);
  }

  // Returns a few words, or a text that any compression makes smaller.
  std::string Paste() {
    std::string text = RandomText(random_, 12);
    if (random_.Chance(80)) return text;
    for (int i = 0; i < 3; ++i) text += text + "again ";
    return text;
  }

  // Each keystroke somewhere else: short runs, far from each other.
  void EditAllOver(RgaDocument& document, uint64_t keystrokes) {
    for (; keystrokes > 0; --keystrokes) {
      const uint64_t length = document.metrics().code_points;
      const uint64_t at = random_.Below(length + 1);
      const bool erases = at < length && random_.Chance(40);
      Replace(document, at, erases ? 1 : 0, erases ? "" : Character());
    }
  }

  void TakeBack(RgaDocument& document) {
    if (!document.CanUndo()) return;
    ASSERT_TRUE(document.Undo().value());
    ++counts_[kTakenBack];
    if (random_.Chance(30)) ASSERT_TRUE(document.Redo().has_value());
  }

  // Paths. Each brings all that `from` has to `to`, or to a document that it adds.

  // Returns who has it afterwards.
  size_t Hop(size_t from) {
    const uint64_t path = random_.Below(kAppendices + 1);
    if (path == kFile) return SendFile(from);
    if (path == kAppendices) return SendAppendices(from);
    const size_t to = random_.Chance(30) ? AddEmpty() : AnyReplica();
    Send(static_cast<Event>(path), replicas_[from], replicas_[to]);
    return to;
  }

  void Send(Event path, const Replica& from, Replica& to) {
    if (to.followed != nullptr) ++counts_[kHeard];
    switch (path) {
      case kByIds: SendByIds(from, to); break;
      case kUpdate: Deliver(UpdateFor(from, to), to); break;
      case kSlice: SendSlice(from, to); break;
      case kMerged: SendMerged(from, to); break;
      case kPieces: SendPieces(from, to); break;
      case kWire: SendOnWire(from, to); break;
      default: SendUpdateFile(from, to); break;
    }
    ++counts_[path];
    ASSERT_TRUE(to.rga().version_vector().Covers(from.rga().version_vector()));
  }

  void SendByIds(const Replica& from, Replica& to) {
    for (const LooseChange& change : CutAnew(random_, from.rga().ChangesSince(KnownTo(to)))) {
      const Expected<void> done = to.document->Integrate(change.view());
      ASSERT_TRUE(done.has_value()) << done.error().message;
    }
  }

  void SendSlice(const Replica& from, Replica& to) {
    const UpdateEncoding encoding = AnyEncoding();
    const std::string all = EncodePackedUpdate(from.rga().PackedSince({}), encoding);
    const Expected<std::string> slice = SliceUpdate(all, KnownTo(to));
    ASSERT_TRUE(slice.has_value()) << slice.error().message;
    Deliver(*slice, to);
  }

  void SendMerged(const Replica& from, Replica& to) {
    std::vector<std::string> updates = Shreds(from.rga().ChangesSince(KnownTo(to)));
    // What has nothing to do with it, and what is there twice.
    const Rga& other = replicas_[AnyReplica()].rga();
    if (random_.Chance(30)) updates.push_back(EncodePackedUpdate(other.PackedSince({})));
    if (!updates.empty()) updates.push_back(updates[random_.Below(updates.size())]);
    Shuffle(random_, updates);
    while (updates.size() > 2 && random_.Chance(50)) {
      // Some of them become one, and go on among the others.
      const auto some = static_cast<ptrdiff_t>(random_.Between(1, updates.size() - 1));
      const std::string merged = Merged({updates.begin(), updates.begin() + some});
      updates.erase(updates.begin(), updates.begin() + some);
      updates.push_back(merged);
      Shuffle(random_, updates);
    }
    Deliver(Merged({updates.begin(), updates.end()}), to);
  }

  void SendPieces(const Replica& from, Replica& to) {
    const std::string update = UpdateFor(from, to);
    const size_t max_bytes = kSplitMin + random_.Below(random_.Chance(50) ? 8 : update.size() + 1);
    Expected<std::vector<std::string>> pieces = SplitUpdate(update, max_bytes);
    ASSERT_TRUE(pieces.has_value()) << pieces.error().message;
    pieces->push_back((*pieces)[random_.Below(pieces->size())]);
    Shuffle(random_, *pieces);
    while (!pieces->empty()) {
      const size_t waiting = pieces->size();
      std::erase_if(*pieces, [&](const std::string& piece) { return Deliver(piece, to); });
      ASSERT_LT(pieces->size(), waiting);
      counts_[kTooEarly] += pieces->size();
    }
  }

  void SendOnWire(const Replica& from, Replica& to) {
    const Update changes = from.rga().ChangesSince(KnownTo(to));
    for (const Update& update : Portions(changes)) {
      UpdateEncoding encoding = AnyEncoding();
      encoding.known = &sender_;
      const PackedUpdate packed = Pack(update);
      const std::string bytes = EncodePackedUpdate(packed, encoding);
      const Expected<PackedUpdate> decoded = DecodePackedUpdate(bytes, {}, &receiver_);
      ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
      LearnReplicas(sender_, packed);
      LearnReplicas(receiver_, *decoded);
      MustMerge(*decoded, to);
    }
  }

  void SendUpdateFile(const Replica& from, Replica& to) {
    const std::string bytes =
        EncodeUpdateFile(from.rga().PackedSince(KnownTo(to)), AnyFileEncoding());
    CountSections(bytes);
    const Expected<PackedUpdate> update = DecodeUpdateFile(bytes, decompressor_);
    ASSERT_TRUE(update.has_value()) << update.error().message;
    MustMerge(*update, to);
  }

  // Somebody else opens the file, or the writer does and goes on.
  size_t SendFile(size_t from) {
    const RgaDocument& source = *replicas_[from].document;
    const FileEncoding encoding = AnyFileEncoding();
    const Expected<std::string> bytes = source.Save(encoding);
    if (!bytes) {
      ADD_FAILURE() << bytes.error().message;
      return from;
    }
    ++counts_[kFile];
    const bool again = random_.Chance(40);
    const std::string text = source.Text();
    std::unique_ptr<RgaDocument> opened = Open(*bytes, again ? source.replica() : NewId());
    if (opened == nullptr) return from;
    EXPECT_EQ(opened->Text(), text);
    EXPECT_FALSE(opened->is_unpacked());
    size_t to = from;
    if (again) {
      replicas_[from] = Replica{.document = std::move(opened), .followed = nullptr};
    } else {
      to = Add(std::move(opened));
    }
    BeginAnywhere(to);
    return to;
  }

  // What a document that still is in its file is asked for first.
  void BeginAnywhere(size_t opened) {
    if (random_.Chance(30)) {
      ++counts_[kEditedFirst];
      Edit(*replicas_[opened].document);
    } else if (random_.Chance(40)) {
      ++counts_[kMergedIntoFirst];
      const Replica& other = replicas_[AnyReplica()];
      MustMerge(other.rga().PackedSince({}), replicas_[opened]);
    }
  }

  size_t SendAppendices(size_t from) {
    const std::vector<Rga> states = StatesBefore(replicas_[from].rga());
    std::string bytes = EncodeDocumentFile(states[0], kId, AnyFileEncoding());
    const size_t size = bytes.size();
    for (size_t i = 1; i < states.size(); ++i) {
      // Since the state before, or since an earlier one.
      const Rga& known = states[random_.Chance(70) ? i - 1 : random_.Below(i)];
      const std::string appendix =
          EncodeAppendix(states[i], known.version_vector(), AnyCompressor());
      for (uint64_t copies = random_.Chance(20) ? 2 : 1; copies > 0; --copies) bytes += appendix;
    }
    ++counts_[kAppendices];
    std::unique_ptr<RgaDocument> opened = Open(bytes, NewId());
    if (opened == nullptr) return from;
    EXPECT_EQ(opened->is_unpacked(), bytes.size() > size);
    EXPECT_EQ(opened->version(), replicas_[from].document->version());
    return Add(std::move(opened));
  }

  std::unique_ptr<RgaDocument> Open(const std::string& bytes, ReplicaId replica) {
    CountSections(bytes);
    auto opened = RgaDocument::Open(bytes, replica, decompressor_, {}, AnySequence());
    if (opened) return *std::move(opened);
    ADD_FAILURE() << opened.error().message;
    return nullptr;
  }

  // Parts of paths.

  // Returns what a document has, or only a part of that: then it gets some of it again.
  VersionVector KnownTo(const Replica& replica) {
    VersionVector known = replica.rga().version_vector();
    if (random_.Chance(60)) return known;
    VersionVector part;
    for (const VersionVector::Entry& entry : known.entries()) {
      if (random_.Chance(20)) continue;
      const uint64_t counter =
          random_.Chance(50) ? entry.counter : random_.Between(1, entry.counter);
      part.Observe(OpId{.counter = counter, .replica = entry.replica});
    }
    return part;
  }

  std::string UpdateFor(const Replica& from, const Replica& to) {
    return EncodePackedUpdate(from.rga().PackedSince(KnownTo(to)), AnyEncoding());
  }

  // Returns changes, cut anew, as updates of some of them each, in order.
  std::vector<Update> Portions(const Update& changes) {
    std::vector<Update> portions;
    for (const LooseChange& change : CutAnew(random_, changes)) {
      if (portions.empty() || random_.Chance(30)) portions.emplace_back();
      portions.back().Append(change.view());
    }
    return portions;
  }

  // Returns updates that hold changes between them, some of them several times.
  std::vector<std::string> Shreds(const Update& changes) {
    std::vector<std::string> shreds;
    for (uint64_t copies = random_.Between(1, 2); copies > 0; --copies) {
      for (const Update& portion : Portions(changes)) {
        if (copies == 1 || random_.Chance(50)) {
          shreds.push_back(EncodeUpdate(portion, AnyEncoding()));
        }
      }
    }
    return shreds;
  }

  std::string Merged(const std::vector<std::string_view>& updates) {
    const Expected<std::string> merged = MergeUpdates(updates, AnyEncoding());
    EXPECT_TRUE(merged.has_value()) << merged.error().message;
    return merged.value_or(std::string());
  }

  // Returns states that lead to a history, from an early one on; the last is all of it.
  std::vector<Rga> StatesBefore(const Rga& rga) {
    std::vector<Rga> states;
    Rga state(kReplayer, AnySequence());
    for (const Update& portion : Portions(rga.ChangesSince({}))) {
      EXPECT_TRUE(state.IntegrateAll(portion).has_value());
      if (random_.Chance(30)) states.push_back(state);
    }
    states.push_back(state);
    return states;
  }

  // Merges an update, which must be possible if and only if what it needs is there.
  bool Deliver(std::string_view bytes, Replica& to) {
    const Expected<UpdateRange> range = RangeOfUpdate(bytes);
    EXPECT_TRUE(range.has_value());
    if (!range) return true;
    VersionVector version = to.rga().version_vector();
    const bool applies = version.Covers(range->needs);
    const Expected<void> merged = to.document->Merge(bytes);
    EXPECT_EQ(merged.has_value(), applies);
    if (!merged) {
      EXPECT_EQ(ErrorName(merged.error().code), ErrorName(ErrorCode::kMissingDependency));
      return applies;
    }
    version.Join(range->reaches);
    EXPECT_EQ(to.rga().version_vector(), version);
    return true;
  }

  static void MustMerge(const PackedUpdate& update, Replica& to) {
    const Expected<void> merged = to.document->MergePacked(update);
    ASSERT_TRUE(merged.has_value()) << merged.error().message;
  }

  // Encodings.

  UpdateEncoding AnyEncoding() {
    const UpdateEncoding encoding{.neighbours = random_.Chance(50),
                                  .drops_deleted_text = drops_deleted_text_ && random_.Chance(50)};
    CountForm(encoding.neighbours, encoding.drops_deleted_text);
    return encoding;
  }

  FileEncoding AnyFileEncoding() {
    const UpdateEncoding encoding = AnyEncoding();
    return FileEncoding{.compressor = AnyCompressor(),
                        .neighbours = encoding.neighbours,
                        .drops_deleted_text = encoding.drops_deleted_text};
  }

  Compressor AnyCompressor() {
    switch (random_.Below(4)) {
      case 0: return {};
      case 1: return DeflateCompressor(6);
      case 2: return ZstdCompressor(1);
      default: return Lz4Compressor();
    }
  }

  void CountForm(bool neighbours, bool drops_deleted_text) {
    if (!neighbours && !drops_deleted_text) ++counts_[kPlainForm];
    if (neighbours) ++counts_[kWithNeighbours];
    if (drops_deleted_text) ++counts_[kWithoutDeletedText];
  }

  // Counts how the sections of a file are compressed in truth: small ones are not.
  void CountSections(std::string_view file) {
    const auto sections = FindSections(file);
    ASSERT_TRUE(sections.has_value());
    for (const Section& section : *sections) {
      switch (section.compression) {
        case Compression::kNone: ++counts_[kStored]; break;
        case Compression::kDeflate: ++counts_[kDeflated]; break;
        case Compression::kZstd: ++counts_[kZstandard]; break;
        case Compression::kLz4: ++counts_[kLz4Block]; break;
      }
    }
  }

  // The oracle.

  // Everybody gets everything.
  void Converge() {
    for (size_t i = 1; i < replicas_.size() && !failed(); ++i) {
      Send(static_cast<Event>(random_.Below(kFile)), replicas_[i], replicas_[0]);
    }
    for (size_t i = 0; i < replicas_.size() && !failed(); ++i) {
      if (i > 0) Send(static_cast<Event>(random_.Below(kFile)), replicas_[0], replicas_[i]);
      if (failed()) return;
      ASSERT_EQ(replicas_[i].rga().version_vector(), truth_.Version());
      Check(replicas_[i]);
    }
  }

  // Compares all that a document is with the operations of its version.
  void Check(const Replica& replica) {
    const Rga& rga = replica.rga();
    rga.CheckInvariants();
    NaiveHistory known;
    const VersionVector version = rga.version_vector();
    for (const auto& atom : truth_.atoms()) {
      if (version.Covers(atom.first)) known.Add({atom});
    }
    ASSERT_EQ(version, known.Version());
    ASSERT_EQ(rga.frontier(), known.Frontier());
    ASSERT_EQ(TextOf(rga), known.Text());
    ASSERT_EQ(replica.document->Text(), TextOf(rga));
    if (replica.followed != nullptr) ASSERT_EQ(*replica.followed, TextOf(rga));
    Atoms atoms = AtomsOf(rga.ChangesSince({}));
    if (drops_deleted_text_) PutBackDeletedText(known.atoms(), atoms);
    ASSERT_TRUE(atoms == known.atoms()) << "the histories differ";
  }

  // Gives deleted characters their text back where it was left out.
  static void PutBackDeletedText(const Atoms& truth, Atoms& atoms) {
    for (const auto& [id, atom] : truth) {
      if (atom.is_insert) continue;
      const auto target = atoms.find(atom.reference);
      if (target != atoms.end() &&
          target->second.character == std::string_view(&PackedUpdate::kSubstitute, 1)) {
        target->second.character = truth.at(atom.reference).character;
      }
    }
  }

  Random& random_;
  const Decompressor& decompressor_;
  Counts& counts_;
  const bool drops_deleted_text_;  // Whether any encoding of this run does.
  std::set<ReplicaId> ids_;
  std::vector<Replica> replicas_;
  NaiveHistory truth_;  // All that was ever done.
  // The ends of a line.
  ReplicaTable sender_;
  ReplicaTable receiver_;
};

TEST(CodecRoundTripTest, EveryPathEndsInTheSameTextVersionAndHistory) {
  const Decompressor decompressor = NativeDecompressor();
  Counts counts{};
  ForEachSeed(2'200, [&](Random& random) { Travels(random, decompressor, counts).Run(); });
  if (HasFailure()) return;
  for (size_t event = 0; event < counts.size(); ++event) {
    EXPECT_GT(counts[event], 100U) << "event " << event;
  }
}

}  // namespace
}  // namespace cotext
