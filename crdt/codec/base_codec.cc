// The bytes: the horizon as a version vector, with its size in front; the frontier as places in
// that; then runs of ids in document order, each as a distance to the end of the one before it, by
// the replica of the one before it unless another is named.
#include "crdt/codec/base_codec.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crdt/codec/update_format.h"
#include "crdt/ids.h"
#include "crdt/local_index.h"
#include "crdt/version_vector.h"
#include "document/sort.h"
#include "document/varint.h"

namespace cotext {
namespace {

using Entries = std::vector<VersionVector::Entry>;

uint64_t PlaceOf(const Entries& entries, ReplicaId replica) {
  const auto at = std::ranges::lower_bound(entries, replica, {}, &VersionVector::Entry::replica);
  return static_cast<uint64_t>(at - entries.begin());
}

void AppendFrontier(std::string& bytes, const Horizon& horizon) {
  std::vector<uint64_t> places;
  for (const OpId head : horizon.frontier) {
    places.push_back(PlaceOf(horizon.version.entries(), head.replica));
  }
  Sort(places);
  AppendVarint(bytes, places.size());
  uint64_t before = 0;
  for (const uint64_t place : places) AppendVarint(bytes, place - std::exchange(before, place));
}

std::unexpected<Error> Malformed(const char* what) {
  return MakeError(ErrorCode::kMalformedFile, std::string("in the section of base, ") + what);
}

class Decoder {
 public:
  Decoder(std::string_view bytes, const BaseLimits& limits) : reader_(bytes), limits_(limits) {}

  Expected<Base> Decode() {
    COTEXT_RETURN_IF_ERROR(ReadHorizon());
    COTEXT_RETURN_IF_ERROR(ReadFrontier());
    size_t count = 0;
    COTEXT_RETURN_IF_ERROR(ReadRuns([&count](const BaseIds::Run& /*run*/) { ++count; }));
    BaseIds::Builder builder;
    builder.Reserve(count);
    COTEXT_RETURN_IF_ERROR(ReadRuns([&builder](const BaseIds::Run& run) { builder.Add(run); }));
    std::optional<BaseIds> ids = std::move(builder).Build();
    if (!ids) return Malformed("an id comes twice");
    base_.ids = *std::move(ids);
    return std::move(base_);
  }

 private:
  struct RunReader {
    ByteReader reader;
    uint64_t elements_left;
    uint64_t place = 0;  // Of the replica of the run before.
    uint64_t end = 0;    // Of that run.
  };

  const Entries& entries() const { return base_.horizon.version.entries(); }

  Expected<void> ReadHorizon() {
    const std::optional<uint64_t> size = reader_.Varint();
    const auto bytes = size ? reader_.Bytes(*size) : std::nullopt;
    if (!bytes) return CutOff();
    auto version = VersionVector::Decode(*bytes);
    if (!version || version->empty()) return Malformed("the version is malformed");
    base_.horizon.version = *std::move(version);
    return {};
  }

  Expected<void> ReadFrontier() {
    const std::optional<uint64_t> count = reader_.Varint();
    if (!count) return CutOff();
    uint64_t place = 0;
    for (uint64_t i = 0; i < *count; ++i) {
      const std::optional<uint64_t> step = reader_.Varint();
      if (!step) return CutOff();
      if ((*step == 0 && i > 0) || *step >= entries().size() - place) return BadFrontier();
      place += *step;
      const VersionVector::Entry& entry = entries()[static_cast<size_t>(place)];
      base_.horizon.frontier.push_back(OpId{.counter = entry.counter, .replica = entry.replica});
    }
    Sort(base_.horizon.frontier);
    // The greatest counter of a version is in its frontier.
    const bool is_complete = std::ranges::all_of(
        entries(), [limit = base_.horizon.max_counter()](const VersionVector::Entry& entry) {
          return entry.counter <= limit;
        });
    if (!is_complete) return BadFrontier();
    return {};
  }

  // Visits the runs, and stays in front of them.
  template <typename Visitor>
  Expected<void> ReadRuns(Visitor visit) {
    RunReader runs{.reader = reader_, .elements_left = limits_.elements};
    for (uint64_t count = 0; !runs.reader.done(); ++count) {
      if (count == limits_.runs) {
        return MakeError(ErrorCode::kTooLarge, "the section of base has more than " +
                                                   std::to_string(limits_.runs) +
                                                   " runs, which is the limit");
      }
      const Expected<BaseIds::Run> run = ReadRun(runs);
      if (!run) return std::unexpected(run.error());
      visit(*run);
    }
    return {};
  }

  Expected<BaseIds::Run> ReadRun(RunReader& runs) const {
    const std::optional<uint64_t> head = runs.reader.Varint();
    if (!head) return CutOff();
    if ((*head & 1U) != 0) {
      const std::optional<uint64_t> other = runs.reader.Varint();
      if (!other) return CutOff();
      if (*other >= entries().size() || *other == runs.place) {
        return Malformed("a replica is not there");
      }
      runs.place = *other;
    }
    const std::optional<uint64_t> distance = runs.reader.Varint();
    if (!distance) return CutOff();
    const uint64_t length = *head / 2 + 1;
    if (length > runs.elements_left) {
      return MakeError(ErrorCode::kTooLarge, "the section of base has more characters than texts");
    }
    runs.elements_left -= length;
    const VersionVector::Entry& entry = entries()[static_cast<size_t>(runs.place)];
    // Whatever wraps around is out of range.
    const uint64_t counter = runs.end + static_cast<uint64_t>(UnZigZag(*distance));
    if (counter == 0 || counter > entry.counter || length > entry.counter - counter + 1) {
      return Malformed("an id is out of range");
    }
    runs.end = counter + length;
    return BaseIds::Run{.first = {.counter = counter, .replica = entry.replica},
                        .length = static_cast<uint32_t>(length)};
  }

  static std::unexpected<Error> CutOff() { return Malformed("the bytes end early"); }
  static std::unexpected<Error> BadFrontier() { return Malformed("the frontier is malformed"); }

  ByteReader reader_;
  const BaseLimits limits_;
  Base base_;
};

}  // namespace

std::string EncodeBase(const Horizon& horizon, const BaseIds& ids) {
  std::string bytes;
  const std::string version = horizon.version.Encode();
  AppendVarint(bytes, version.size());
  bytes += version;
  AppendFrontier(bytes, horizon);
  uint64_t place = 0;
  uint64_t end = 0;
  ids.ForEach([&](const BaseIds::Run& run) {
    const uint64_t own = PlaceOf(horizon.version.entries(), run.first.replica);
    AppendVarint(bytes, uint64_t{run.length - 1} * 2 + (own != place ? 1 : 0));
    if (own != place) AppendVarint(bytes, own);
    AppendVarint(bytes, ZigZag(static_cast<int64_t>(run.first.counter - end)));
    place = own;
    end = run.first.counter + run.length;
  });
  return bytes;
}

Expected<Base> DecodeBase(std::string_view bytes, const BaseLimits& limits) {
  return Decoder(bytes, {.elements = std::min(limits.elements, kIndexLimit), .runs = limits.runs})
      .Decode();
}

}  // namespace cotext
