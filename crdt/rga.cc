#include "crdt/rga.h"

#include <algorithm>
#include <string>
#include <utility>

#include "crdt/bit_ranges.h"
#include "crdt/change_export.h"
#include "crdt/codec/update_packing.h"
#include "crdt/deleted_elements.h"
#include "crdt/document_order.h"
#include "crdt/resolve_small.h"
#include "document/check.h"
#include "document/utf8.h"

namespace cotext {
namespace {

// Fewer operations are integrated in no time.
constexpr size_t kRebuildMin = 64;
// How many parts of deletes are unpacked at a time: some two megabytes of them.
constexpr uint64_t kPartsAtOnce = uint64_t{1} << 16U;

// Adds a range of elements to others, of which it may continue the last.
void AddRange(ElementRanges& ranges, const ElementRange& range) {
  if (!ranges.empty() && ranges.back().first + ranges.back().length == range.first) {
    ranges.back().length += range.length;
  } else {
    ranges.push_back(range);
  }
}

// Returns a change of a packed update that was checked.
ResolvedChange Resolved(const PackedUpdate& update, size_t change, const OpIndexes& parents,
                        const PackedResolver& resolver) {
  ResolvedChange resolved{.first = update.FirstIdOf(change),
                          .length = update.LengthOf(change),
                          .parents = parents,
                          .steps = {}};
  std::string_view text = update.TextOf(change);
  resolved.steps.reserve(update.OperationsOf(change).size());
  for (const PackedOperation& operation : update.OperationsOf(change)) {
    ResolvedChange::Step& step = resolved.steps.emplace_back();
    step.is_insert = operation.is_insert();
    step.backward = operation.backward();
    step.length = operation.length;
    step.reference = resolver.ElementOf(operation.reference);
    if (!step.is_insert) continue;
    const size_t bytes = ByteOfCodePoint(text, operation.length);
    step.text = text.substr(0, bytes);
    text.remove_prefix(bytes);
  }
  return resolved;
}

void AddTo(Rga::Integration& integration, Expected<std::vector<Rga::Effect>> effects) {
  if (effects && integration.effects.empty()) {
    integration.effects = *std::move(effects);
  } else if (effects) {
    integration.effects.insert(integration.effects.end(), effects->begin(), effects->end());
  } else {
    integration.result = std::unexpected(effects.error());
  }
}

}  // namespace

Rga::Rga(ReplicaId replica, const SequenceOptions& options)
    : replica_(replica), sequence_(options) {
  COTEXT_CHECK(IsValid(replica));
}

void Rga::SetReplica(ReplicaId replica) {
  COTEXT_CHECK(IsValid(replica));
  replica_ = replica;
}

// Local edits.

std::unexpected<Error> Rga::RangeError(uint64_t position, uint64_t count) const {
  return MakeError(ErrorCode::kOutOfRange, "[" + std::to_string(position) + ", +" +
                                               std::to_string(count) +
                                               ") is not within the document's " +
                                               std::to_string(sequence_.length()) + " characters");
}

Expected<void> Rga::CheckReplace(uint64_t position, uint64_t count, std::string_view text) const {
  const uint64_t length = sequence_.length();
  const std::optional<TextMetrics> size = MeasureIfValid(text);
  if (MayReplace(position, count, size)) return {};
  if (position > length || count > length - position) return RangeError(position, count);
  if (!size) return MakeError(ErrorCode::kInvalidUtf8, "the text is not UTF-8");
  return MakeError(ErrorCode::kTooLarge, "the document would have too many operations");
}

Expected<Rga::Edit> Rga::Replace(uint64_t position, uint64_t count, std::string_view text) {
  if (count == 0 && text.size() == 1 && TryType(position, text[0])) {
    Expected<Edit> edit;
    edit->inserted = ElementRange{.first = history_.text.end() - 1, .length = 1};
    return edit;
  }
  const std::optional<TextMetrics> size = MeasureIfValid(text);
  if (!MayReplace(position, count, size)) {
    return std::unexpected(CheckReplace(position, count, text).error());
  }
  Expected<Edit> edit;
  if (count > 0) EraseLocally(position, static_cast<uint32_t>(count), &edit->erased);
  edit->inserted = text.empty() ? ElementRange{.first = history_.text.end(), .length = 0}
                                : InsertLocally(position, text, *size);
  return edit;
}

bool Rga::ReplaceIfValid(uint64_t position, uint64_t count, std::string_view text) {
  const std::optional<TextMetrics> size = MeasureIfValid(text);
  if (!MayReplace(position, count, size)) return false;
  if (count > 0) EraseLocally(position, static_cast<uint32_t>(count), nullptr);
  if (!text.empty()) InsertLocally(position, text, *size);
  return true;
}

// Deletes `count` characters, and lists them if somebody asks.
void Rga::EraseLocally(uint64_t position, uint32_t count, ElementRanges* erased) {
  history_.graph.AppendLatest(replica_, count);
  while (count > 0) {
    const ElementRange range = sequence_.EraseVisible(history_, position, count);
    history_.log.AppendDelete(range.length, range.first, /*backward=*/false);
    if (erased != nullptr) AddRange(*erased, range);
    count -= range.length;
  }
}

ElementRange Rga::InsertLocally(uint64_t position, std::string_view text, const TextMetrics& size) {
  const ElementRange inserted{.first = history_.text.end(),
                              .length = static_cast<uint32_t>(size.code_points)};
  const OpId id = history_.graph.AppendLatest(replica_, inserted.length);
  const Sequence::Gap gap = sequence_.GapAt(position);
  history_.AppendInsert(text, inserted.length, gap.origin);
  // The id is greater than all others: nothing is skipped.
  sequence_.Insert(history_, gap, inserted, id, size);
  return inserted;
}

// Remote changes.

Expected<std::vector<Rga::Effect>> Rga::Integrate(const ChangeView& change, Effects effects) {
  auto resolved = ResolveChange(history_, change);
  if (!resolved) return std::unexpected(std::move(resolved).error());
  return Apply(*resolved, effects);
}

std::vector<Rga::Effect> Rga::Apply(const ResolvedChange& change, Effects effects) {
  std::vector<Effect> done;
  if (change.length == 0) return done;
  // Then every id of the change is greater than all that are here.
  const bool is_latest = change.first.counter > history_.graph.max_counter();
  history_.graph.Append(change.first, change.length, change.parents);
  OpId id = change.first;
  for (const Step& step : change.steps) {
    if (step.is_insert) {
      const ElementRange inserted = ApplyInsert(step, id, is_latest);
      if (effects == Effects::kCollect) {
        done.push_back(Effect{.position = sequence_.RankOf(inserted.first).position,
                              .erased = 0,
                              .inserted = inserted});
      }
    } else {
      const std::vector<Effect> erased = ApplyDelete(step, effects);
      done.insert(done.end(), erased.begin(), erased.end());
    }
    id.counter += step.length;
  }
  return done;
}

Expected<void> Rga::IntegrateAll(const Update& update) {
  const bool rebuild = IsWorthRebuilding(update.operation_count());
  const OpIndex end = history_.graph.end();
  Integration integration;
  IntegrateChanges(update, Effects::kIgnore, rebuild, integration);
  if (rebuild && history_.graph.end() > end) sequence_.Rebuild(history_);
  return integration.result;
}

// Integrates changes until one is refused, or, if all is to be rebuilt, records them only.
void Rga::IntegrateChanges(const Update& update, Effects effects, bool rebuild,
                           Integration& integration) {
  for (size_t i = 0; i < update.size() && integration.result; ++i) {
    if (rebuild) {
      integration.result = Record(update[i]);
    } else {
      AddTo(integration, Integrate(update[i], effects));
    }
  }
}

// Rebuilding costs a fourth of integrating, but for all operations there are.
bool Rga::IsWorthRebuilding(size_t operations) const {
  return operations >= kRebuildMin && operations >= history_.log.entry_count() / 4;
}

// Adds a change to the history only.
Expected<void> Rga::Record(const ChangeView& change) {
  const auto resolved = ResolveChange(history_, change);
  if (!resolved) return std::unexpected(resolved.error());
  if (resolved->length == 0) return {};
  history_.graph.Append(resolved->first, resolved->length, resolved->parents);
  for (const Step& step : resolved->steps) {
    if (step.is_insert) {
      history_.AppendInsert(step.text, step.length, step.reference);
    } else {
      history_.log.AppendDelete(step.length, step.reference, step.backward);
    }
  }
  return {};
}

Rga::Integration Rga::IntegratePacked(PackedUpdate&& update, Effects effects) {
  Integration integration;
  const bool rebuild = effects == Effects::kIgnore && IsWorthRebuilding(update.operations.size());
  const OpIndex end = history_.graph.end();
  IntegratePackedChanges(update, effects, rebuild, integration);
  if (rebuild && history_.graph.end() > end) {
    update.changes.clear();
    update.operations.clear();
    std::string().swap(update.text);  // Clearing it would keep its memory.
    sequence_.Rebuild(history_);
  }
  return integration;
}

// Integrates changes until one is refused, or, if all is to be rebuilt, records them only.
void Rga::IntegratePackedChanges(const PackedUpdate& update, Effects effects, bool rebuild,
                                 Integration& integration) {
  PackedResolver resolver(history_, update);
  if (!resolver.is_all_new()) {
    for (Unpacker unpacker(update); integration.result && !unpacker.is_done();) {
      IntegrateChanges(unpacker.Next(kPartsAtOnce), effects, rebuild, integration);
    }
    return;
  }
  if (rebuild) {
    history_.log.Reserve(update.operations.size(), update.end.operation, update.end.element);
  }
  std::optional<Unpacker> unpacker;
  for (size_t i = 0; i < update.changes.size() && integration.result; ++i) {
    const std::optional<OpIndexes> parents = resolver.Check(i);
    if (!parents) {
      if (!unpacker) unpacker.emplace(update);
      for (unpacker->GoTo(i, i + 1); integration.result && !unpacker->is_done();) {
        IntegrateChanges(unpacker->Next(kPartsAtOnce), effects, rebuild, integration);
      }
    } else if (rebuild) {
      history_.text.Append(update.TextOf(i), update.ElementsIn(i));
      RecordOperations(update, i, *parents, resolver);
    } else {
      AddTo(integration, Apply(Resolved(update, i, *parents, resolver), effects));
    }
  }
}

std::optional<std::vector<Rga::Effect>> Rga::TryIntegrate(const SmallUpdate& update,
                                                          Effects effects) {
  if (!HasRoom(update.length, update.size.bytes)) return std::nullopt;
  if (effects == Effects::kIgnore && TryKeystroke(update)) return std::vector<Effect>();
  const std::optional<ResolvedChange> resolved = ResolveSmall(history_, update);
  if (!resolved) return std::nullopt;
  return Apply(*resolved, effects);
}

// Adds a checked change, but not its text, to the history only.
void Rga::RecordOperations(const PackedUpdate& update, size_t change, const OpIndexes& parents,
                           const PackedResolver& resolver) {
  history_.graph.Append(update.FirstIdOf(change), update.LengthOf(change), parents);
  OpLog& log = history_.log;
  for (const PackedOperation& operation : update.OperationsOf(change)) {
    log.Append(operation.length, resolver.ElementOf(operation.reference), operation.is_insert(),
               operation.backward());
  }
}

ElementRange Rga::ApplyInsert(const Step& step, OpId id, bool is_latest) {
  const ElementRange inserted{.first = history_.text.end(), .length = step.length};
  history_.AppendInsert(step.text, step.length, step.reference);
  const Sequence::Gap gap = is_latest ? sequence_.GapBehind(step.reference)
                                      : sequence_.IntegrationGap(history_, step.reference, id);
  sequence_.Insert(history_, gap, inserted, id, Measure(step.text, step.length));
  return inserted;
}

std::vector<Rga::Effect> Rga::ApplyDelete(const Step& step, Effects effects) {
  history_.log.AppendDelete(step.length, step.reference, step.backward);
  std::vector<Effect> done;
  Lv at = step.backward ? step.reference - (step.length - 1) : step.reference;
  for (uint32_t left = step.length; left > 0;) {
    const uint64_t position =
        effects == Effects::kCollect ? sequence_.RankOf(at).position : uint64_t{0};
    const Sequence::Erased erased = sequence_.EraseElements(history_, at, left);
    if (effects == Effects::kCollect && erased.was_visible) {
      done.push_back(Effect{
          .position = position, .erased = erased.length, .inserted = {.first = at, .length = 0}});
    }
    at = at + erased.length;
    left -= erased.length;
  }
  return done;
}

// Loading.

Expected<Rga> Rga::Load(ReplicaId replica, const PackedUpdate& update, const StoredText& text,
                        const SequenceOptions& options, Base base) {
  const auto misfit = [](const char* what) {
    return MakeError(ErrorCode::kMalformedFile,
                     std::string("the ") + what + " and the operations do not fit together");
  };
  Expected<Rga> loaded(std::in_place, replica, options);
  History& history = loaded->history_;
  if (!base.horizon.empty()) {
    history.graph = CausalGraph(std::move(base.horizon));
    history.log = OpLog(base.ids.end().value);
    history.base = std::move(base.ids);
  }
  PackedResolver resolver(history, update);
  if (!resolver.is_all_new()) return misfit("changes");
  history.log.Reserve(update.operations.size(), update.end.operation, update.end.element);
  for (size_t i = 0; i < update.changes.size(); ++i) {
    const std::optional<OpIndexes> parents = resolver.Check(i);
    if (!parents) return misfit("changes");
    loaded->RecordOperations(update, i, *parents, resolver);
  }
  const BitRanges deleted = DeletedElements(history.log);
  const std::vector<ElementRun> runs = DocumentOrder(history, deleted, options.max_run);
  const std::optional<std::string> inserted =
      InInsertionOrder(runs, deleted, history.log.element_end(), text);
  if (!inserted) return misfit("text");
  history.text.Append(*inserted, history.log.element_end().value);
  loaded->sequence_.Rebuild(history, runs, text.current);
  return loaded;
}

// Trimming.

Expected<Renumbering> Rga::Trim(const VersionVector& version) {
  Expected<Trimmed> trimmed = TrimHistory(history_, sequence_, version);
  if (!trimmed) return std::unexpected(std::move(trimmed).error());
  // Not assigned: a string that is given a short one keeps its memory.
  std::swap(history_, trimmed->history);
  sequence_.Rebuild(history_);
  return std::move(trimmed->numbers);
}

// Export.

Update Rga::ChangesSince(const VersionVector& known) const {
  return ExportChanges(history_, history_.graph.Since(known));
}

PackedUpdate Rga::PackedSince(const VersionVector& known) const {
  return ExportPacked(history_, history_.graph.Since(known));
}

PackedUpdate Rga::PackedSince(const VersionVector& known, uint64_t operations_max) const {
  std::vector<CausalGraph::Stretch> stretches = history_.graph.Since(known);
  uint64_t left = operations_max;
  size_t taken = 0;
  for (; taken < stretches.size() && left > 0; ++taken) {
    CausalGraph::Stretch& stretch = stretches[taken];
    stretch.length = static_cast<uint32_t>(std::min<uint64_t>(stretch.length, left));
    left -= stretch.length;
  }
  return ExportPacked(history_, std::span(stretches).first(taken));
}

uint64_t Rga::CountBehind(ReplicaId replica, uint64_t counter) const {
  uint64_t count = 0;
  for (const auto& stretch : history_.graph.OfReplica(replica, counter + 1)) {
    count += stretch.length;
  }
  return count;
}

Update Rga::OwnChangesFrom(uint64_t counter) const {
  return ExportChanges(history_, history_.graph.OfReplica(replica_, counter));
}

void Rga::CheckInvariants() const {
  history_.CheckInvariants();
  sequence_.CheckInvariants(history_);
}

}  // namespace cotext
