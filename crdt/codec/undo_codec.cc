// The bytes: version, document id, selves (replica, last counter), other replicas, copies, undo
// steps, redo steps. Ids of one's own ascend throughout a list, so each is a distance to the end of
// the one before it, and names its self only where that changes.
#include "crdt/codec/undo_codec.h"

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "crdt/causal_graph.h"
#include "crdt/element_range.h"
#include "crdt/history.h"
#include "crdt/ids.h"
#include "crdt/local_index.h"
#include "document/anchor.h"
#include "document/check.h"
#include "document/sort.h"
#include "document/varint.h"

namespace cotext {
namespace {

constexpr uint64_t kVersion = 1;

// Flags of a step, below the number of its ranges.
constexpr uint64_t kHasBefore = 1;
constexpr uint64_t kHasAfter = 2;
constexpr unsigned kStepFlags = 2;

// Operations or elements whose ids are consecutive.
struct IdRange {
  OpId first;
  uint32_t length;
};

// Writing.

class Encoder {
 public:
  explicit Encoder(const UndoState& state) : state_(state) {}

  std::string Encode() {
    CollectSteps(UndoStack::kUndo, undo_);
    CollectSteps(UndoStack::kRedo, redo_);
    CollectCopies();
    std::string bytes;
    AppendVarint(bytes, kVersion);
    bytes.append(state_.id.bytes.begin(), state_.id.bytes.end());
    NumberReplicas();
    AppendReplicas(bytes);
    AppendCopies(bytes);
    for (const Steps* steps : {&undo_, &redo_}) AppendSteps(bytes, *steps);
    return bytes;
  }

 private:
  struct Step {
    std::vector<IdRange> ranges;
    UndoSelection before;
    UndoSelection after;
  };
  using Steps = std::vector<Step>;

  struct Copy {
    IdRange copy;
    OpId source;
  };

  // Where a list of one's own ids is.
  struct Cursor {
    ReplicaId self;
    uint64_t counter = 0;
  };

  void CollectSteps(UndoStack stack, Steps& steps) {
    const CausalGraph& graph = state_.rga.history().graph;
    state_.manager.ForEachStep(stack, [&](UndoStep step) {
      Step& added = steps.emplace_back();
      added.before = std::move(step.before);
      added.after = std::move(step.after);
      for (const OperationRange& range : step.ranges) {
        OpIndex at{static_cast<uint32_t>(range.first)};
        const OpIndex end = at + static_cast<uint32_t>(range.length);
        for (uint32_t length = 0; at < end; at = at + length) {
          const CausalGraph::Stretch stretch = graph.StretchAt(at);
          length = std::min(stretch.length, end - at);
          added.ranges.push_back(IdRange{.first = stretch.id, .length = length});
        }
      }
    });
  }

  // Collects the copies made since the oldest step.
  void CollectCopies() {
    const std::optional<uint64_t> oldest = state_.manager.OldestOperation();
    if (!oldest) return;
    const History& history = state_.rga.history();
    const Lv fresh = history.log.At(OpIndex{static_cast<uint32_t>(*oldest)}).element;
    state_.history.ForEachCopy([&](Lv source, ElementRange copy) {
      if (copy.first < fresh) return;
      for (uint32_t length = 0; copy.length > 0;) {
        length = std::min(history.ConsecutiveIds(copy.first, copy.length),
                          history.ConsecutiveIds(source, copy.length));
        copies_.push_back(Copy{.copy = {.first = history.IdOf(copy.first), .length = length},
                               .source = history.IdOf(source)});
        source = source + length;
        copy.first = copy.first + length;
        copy.length -= length;
      }
    });
  }

  uint64_t LastCounterOf(ReplicaId self) const {
    if (self == state_.rga.replica()) return state_.rga.history().graph.CounterOf(self);
    const std::vector<UndoHistory::FormerSelf>& former = state_.history.former_selves();
    const auto at = std::ranges::lower_bound(former, self, {}, &UndoHistory::FormerSelf::replica);
    COTEXT_CHECK(at != former.end());
    return at->last_counter;
  }

  // The current self comes first, then former ones of which something is left, then the others.
  void NumberReplicas() {
    AddReplica(state_.rga.replica());
    for (const Steps* steps : {&undo_, &redo_}) {
      for (const Step& step : *steps) {
        for (const IdRange& range : step.ranges) AddReplica(range.first.replica);
      }
    }
    for (const Copy& copy : copies_) AddReplica(copy.copy.first.replica);
    selves_ = replicas_.size();
    for (const Copy& copy : copies_) AddReplica(copy.source.replica);
  }

  void AddReplica(ReplicaId replica) {
    if (numbers_.try_emplace(replica, replicas_.size()).second) replicas_.push_back(replica);
  }

  void AppendReplicas(std::string& bytes) const {
    AppendVarint(bytes, selves_);
    for (size_t i = 0; i < selves_; ++i) {
      AppendVarint(bytes, replicas_[i].value);
      AppendVarint(bytes, LastCounterOf(replicas_[i]));
    }
    AppendVarint(bytes, replicas_.size() - selves_);
    for (size_t i = selves_; i < replicas_.size(); ++i) AppendVarint(bytes, replicas_[i].value);
  }

  void AppendRange(std::string& bytes, const IdRange& range, Cursor& cursor) const {
    COTEXT_CHECK(range.first.counter >= cursor.counter);
    const bool other = range.first.replica != cursor.self;
    AppendVarint(bytes, (range.first.counter - cursor.counter) * 2 + (other ? 1 : 0));
    if (other) AppendVarint(bytes, numbers_.at(range.first.replica));
    AppendVarint(bytes, range.length);
    cursor = Cursor{.self = range.first.replica, .counter = range.first.counter + range.length};
  }

  void AppendCopies(std::string& bytes) const {
    AppendVarint(bytes, copies_.size());
    Cursor cursor{.self = replicas_[0]};
    for (const Copy& copy : copies_) {
      AppendRange(bytes, copy.copy, cursor);
      AppendVarint(bytes, numbers_.at(copy.source.replica));
      AppendVarint(bytes, copy.copy.first.counter - copy.source.counter);
    }
  }

  static void AppendSelection(std::string& bytes, const UndoSelection& selection) {
    AppendVarint(bytes, selection.anchors.size());
    for (const Anchor& anchor : selection.anchors) {
      AppendVarint(bytes, anchor.bytes().size());
      bytes += anchor.bytes();
    }
    AppendVarint(bytes, selection.data.size());
    bytes += selection.data;
  }

  void AppendSteps(std::string& bytes, const Steps& steps) const {
    AppendVarint(bytes, steps.size());
    Cursor cursor{.self = replicas_[0]};
    for (const Step& step : steps) {
      const uint64_t flags =
          (step.before.empty() ? 0 : kHasBefore) | (step.after.empty() ? 0 : kHasAfter);
      AppendVarint(bytes, step.ranges.size() << kStepFlags | flags);
      for (const IdRange& range : step.ranges) AppendRange(bytes, range, cursor);
      if (!step.before.empty()) AppendSelection(bytes, step.before);
      if (!step.after.empty()) AppendSelection(bytes, step.after);
    }
  }

  const UndoState& state_;
  Steps undo_;
  Steps redo_;
  std::vector<Copy> copies_;
  std::vector<ReplicaId> replicas_;
  std::map<ReplicaId, size_t> numbers_;
  size_t selves_ = 0;
};

// Reading.

std::unexpected<Error> Invalid(std::string problem) {
  return MakeError(ErrorCode::kInvalidUndo, std::move(problem));
}

std::unexpected<Error> CutOff() { return Invalid("the bytes end early or a number is malformed"); }

class Decoder {
 public:
  Decoder(std::string_view bytes, const Rga& rga) : reader_(bytes), rga_(rga) {}

  Expected<DecodedUndo> Decode(const DocumentId& id, FormerSelves former) {
    COTEXT_RETURN_IF_ERROR(ReadHead(id));
    COTEXT_RETURN_IF_ERROR(ReadReplicas(former));
    decoded_.history.SetFormerSelves(OtherSelves());
    COTEXT_RETURN_IF_ERROR(ReadCopies());
    for (std::vector<UndoStep>* steps : {&decoded_.undo, &decoded_.redo}) {
      COTEXT_RETURN_IF_ERROR(ReadSteps(*steps));
    }
    if (!reader_.done()) return Invalid("there are bytes behind the end");
    COTEXT_RETURN_IF_ERROR(CheckRanges());
    if (HasEditedSince()) decoded_.redo.clear();
    return std::move(decoded_);
  }

 private:
  using Self = UndoHistory::FormerSelf;

  struct Cursor {
    uint64_t self = 0;
    uint64_t counter = 0;
  };

  // A range of a step, and what its step found.
  struct Placed {
    OperationRange range;
    Lv fresh;
  };

  const History& history() const { return rga_.history(); }

  Expected<void> ReadHead(const DocumentId& id) {
    const std::optional<uint64_t> version = reader_.Varint();
    if (!version) return CutOff();
    if (*version != kVersion) return Invalid("the steps are of another version of the format");
    const auto bytes = reader_.Bytes(id.bytes.size());
    if (!bytes) return CutOff();
    if (std::ranges::equal(*bytes, id.bytes, {},
                           [](char byte) { return static_cast<uint8_t>(byte); })) {
      return {};
    }
    return MakeError(ErrorCode::kDocumentReplaced, "the steps are those of another document");
  }

  Expected<void> ReadReplicas(FormerSelves former) {
    const std::optional<uint64_t> selves = reader_.Varint();
    if (!selves) return CutOff();
    if (*selves == 0) return Invalid("the steps have no user");
    for (uint64_t i = 0; i < *selves; ++i) {
      const std::optional<uint64_t> replica = reader_.Varint();
      const std::optional<uint64_t> last = reader_.Varint();
      if (!replica || !last) return CutOff();
      if (!IsValid(ReplicaId{*replica})) return Invalid("a replica is out of range");
      replicas_.push_back(ReplicaId{*replica});
      selves_.push_back(Self{.replica = ReplicaId{*replica}, .last_counter = *last});
    }
    const std::optional<uint64_t> others = reader_.Varint();
    if (!others) return CutOff();
    for (uint64_t i = 0; i < *others; ++i) {
      const std::optional<uint64_t> replica = reader_.Varint();
      if (!replica) return CutOff();
      replicas_.push_back(ReplicaId{*replica});
    }
    return CheckSelves(former);
  }

  Expected<void> CheckSelves(FormerSelves former) const {
    std::vector<ReplicaId> sorted;
    for (const Self& self : selves_) {
      sorted.push_back(self.replica);
      if (self.replica != rga_.replica() && former == FormerSelves::kRefuse) {
        return Invalid("there are steps of replica " + std::to_string(self.replica.value));
      }
      if (self.last_counter > history().graph.CounterOf(self.replica)) {
        return Invalid("the document lacks operations that the steps follow");
      }
    }
    Sort(sorted);
    if (std::ranges::adjacent_find(sorted) != sorted.end()) return Invalid("a replica comes twice");
    return {};
  }

  // Returns the selves but the one that goes on here.
  std::vector<Self> OtherSelves() const {
    std::vector<Self> others;
    for (const Self& self : selves_) {
      if (self.replica != rga_.replica()) others.push_back(self);
    }
    Sort(others, {}, &Self::replica);
    return others;
  }

  // Whether the user, under any id, did something after the bytes were made.
  bool HasEditedSince() const {
    const CausalGraph& graph = history().graph;
    uint64_t last = 0;
    for (const Self& self : selves_) {
      if (graph.CounterOf(self.replica) > self.last_counter) return true;
      last = std::max(last, self.last_counter);
    }
    // If it is none of them, what it did before may be from before the first of the steps.
    return graph.CounterOf(rga_.replica()) > last;
  }

  // Reads ids of one's own that end within what the self did.
  Expected<IdRange> ReadRange(Cursor& cursor) {
    const std::optional<uint64_t> head = reader_.Varint();
    if (!head) return CutOff();
    if ((*head & 1U) != 0) {
      const std::optional<uint64_t> self = reader_.Varint();
      if (!self) return CutOff();
      if (*self >= selves_.size() || *self == cursor.self) return Invalid("a self is not there");
      cursor.self = *self;
    }
    const std::optional<uint64_t> length = reader_.Varint();
    if (!length) return CutOff();
    const Self& self = selves_[static_cast<size_t>(cursor.self)];
    const uint64_t distance = *head / 2;
    if (distance > self.last_counter || *length == 0 || *length > kIndexLimit ||
        cursor.counter + distance + *length > self.last_counter + 1) {
      return Invalid("an operation is not the user's");
    }
    const OpId first{.counter = cursor.counter + distance, .replica = self.replica};
    cursor.counter += distance + *length;
    return IdRange{.first = first, .length = static_cast<uint32_t>(*length)};
  }

  Expected<void> ReadCopies() {
    const std::optional<uint64_t> count = reader_.Varint();
    if (!count) return CutOff();
    Cursor cursor;
    for (uint64_t i = 0; i < *count; ++i) {
      Expected<IdRange> copy = ReadRange(cursor);
      if (!copy) return std::unexpected(std::move(copy).error());
      const std::optional<uint64_t> replica = reader_.Varint();
      const std::optional<uint64_t> distance = reader_.Varint();
      if (!replica || !distance) return CutOff();
      if (*replica >= replicas_.size() || *distance == 0 || *distance >= copy->first.counter) {
        return Invalid("a copy has no source");
      }
      const OpId source{.counter = copy->first.counter - *distance,
                        .replica = replicas_[static_cast<size_t>(*replica)]};
      COTEXT_RETURN_IF_ERROR(AddCopies(*copy, source));
    }
    return {};
  }

  // Adds a copy in pieces that this document numbers consecutively.
  Expected<void> AddCopies(IdRange copy, OpId source) {
    for (uint32_t length = 0; copy.length > 0; copy.length -= length) {
      const auto to = history().ElementsFrom(copy.first, copy.length);
      const auto from = history().ElementsFrom(source, copy.length);
      if (!to || !from) return Invalid("a copy or its source is no character");
      // Steps that are kept were made after the horizon, and so were the copies that they need.
      if (history().InBase(to->first)) return Invalid("a copy is from before what was trimmed");
      length = std::min(to->length, from->length);
      if (from->first + length > to->first || to->first < copies_end_) {
        return Invalid("copies are out of order");
      }
      copies_end_ = to->first + length;
      decoded_.history.AddCopy(from->first, ElementRange{.first = to->first, .length = length});
      copy.first.counter += length;
      source.counter += length;
    }
    return {};
  }

  Expected<UndoSelection> ReadSelection() {
    UndoSelection selection;
    const std::optional<uint64_t> anchors = reader_.Varint();
    if (!anchors) return CutOff();
    for (uint64_t i = 0; i < *anchors; ++i) {
      const std::optional<uint64_t> size = reader_.Varint();
      const auto bytes = size ? reader_.Bytes(*size) : std::nullopt;
      if (!bytes) return CutOff();
      const Expected<Anchor> anchor = Anchor::FromBytes(*bytes);
      if (!anchor) return Invalid("an anchor is too long");
      selection.anchors.push_back(*anchor);
    }
    const std::optional<uint64_t> size = reader_.Varint();
    const auto data = size ? reader_.Bytes(*size) : std::nullopt;
    if (!data) return CutOff();
    selection.data = *data;
    if (selection.empty()) return Invalid("a selection is empty");
    return selection;
  }

  Expected<void> ReadSteps(std::vector<UndoStep>& steps) {
    const std::optional<uint64_t> count = reader_.Varint();
    if (!count) return CutOff();
    Cursor cursor;
    uint64_t end = 0;  // Of the operations so far, as they are numbered here.
    for (uint64_t i = 0; i < *count; ++i) {
      const std::optional<uint64_t> head = reader_.Varint();
      if (!head) return CutOff();
      if (*head >> kStepFlags == 0) return Invalid("a step is empty");
      UndoStep step;
      for (uint64_t ranges = *head >> kStepFlags; ranges > 0; --ranges) {
        const Expected<IdRange> range = ReadRange(cursor);
        if (!range) return std::unexpected(range.error());
        COTEXT_RETURN_IF_ERROR(AddOperations(*range, step.ranges, end));
      }
      for (const auto& [flag, selection] :
           {std::pair(kHasBefore, &step.before), std::pair(kHasAfter, &step.after)}) {
        if ((*head & flag) == 0) continue;
        Expected<UndoSelection> read = ReadSelection();
        if (!read) return std::unexpected(std::move(read).error());
        *selection = *std::move(read);
      }
      Place(step);
      steps.push_back(std::move(step));
    }
    return {};
  }

  // Adds operations as this document numbers them.
  Expected<void> AddOperations(IdRange ids, std::vector<OperationRange>& ranges, uint64_t& end) {
    for (uint32_t length = 0; ids.length > 0; ids.length -= length) {
      const auto stretch = history().graph.StretchFrom(ids.first);
      if (!stretch) return Invalid("an operation is not there");
      length = std::min(stretch->length, ids.length);
      const uint64_t first = stretch->first.value;
      if (first < end) return Invalid("steps are out of order");
      if (first == end && !ranges.empty()) {
        ranges.back().length += length;
      } else {
        ranges.push_back(OperationRange{.first = first, .length = length});
      }
      end = first + length;
      ids.first.counter += length;
    }
    return {};
  }

  void Place(const UndoStep& step) {
    const OpIndex first{static_cast<uint32_t>(step.ranges.front().first)};
    const Lv fresh = history().log.At(first).element;
    for (const OperationRange& range : step.ranges) {
      placed_.push_back(Placed{.range = range, .fresh = fresh});
    }
  }

  // No operation is in two steps. And what a step copied it found: otherwise taking the step back
  // would find a character twice, as itself and as the copy of another.
  Expected<void> CheckRanges() {
    Sort(placed_, {}, [](const Placed& placed) { return placed.range.first; });
    uint64_t end = 0;
    for (const Placed& placed : placed_) {
      if (placed.range.first < end) return Invalid("an operation is in two steps");
      end = placed.range.first + placed.range.length;
    }
    bool found_all = true;
    auto at = placed_.begin();
    decoded_.history.ForEachCopy([&](Lv source, ElementRange copy) {
      const uint64_t first = history().log.InsertOf(copy.first).value;
      while (at != placed_.end() && at->range.first + at->range.length <= first) ++at;
      for (auto step = at; step != placed_.end() && step->range.first < first + copy.length;
           ++step) {
        found_all = found_all && source + copy.length <= step->fresh;
      }
    });
    if (!found_all) return Invalid("a step copied what it did not find");
    return {};
  }

  ByteReader reader_;
  const Rga& rga_;
  std::vector<ReplicaId> replicas_;
  std::vector<Self> selves_;
  Lv copies_end_;
  std::vector<Placed> placed_;
  DecodedUndo decoded_;
};

}  // namespace

std::string EncodeUndo(const UndoState& state) { return Encoder(state).Encode(); }

Expected<DecodedUndo> DecodeUndo(std::string_view bytes, const Rga& rga, const DocumentId& id,
                                 FormerSelves former) {
  return Decoder(bytes, rga).Decode(id, former);
}

}  // namespace cotext
