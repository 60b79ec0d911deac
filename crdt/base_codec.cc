// The bytes: the horizon as a version vector, with its size in front; the frontier as places in
// that; then runs of ids in document order, each as a distance to the end of the one before it, by
// the replica of the one before it unless another is named.
#include "crdt/base_codec.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "crdt/ids.h"
#include "crdt/local_index.h"
#include "crdt/update_format.h"
#include "crdt/version_vector.h"
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
  std::ranges::sort(places);
  AppendVarint(bytes, places.size());
  uint64_t before = 0;
  for (const uint64_t place : places) AppendVarint(bytes, place - std::exchange(before, place));
}

std::unexpected<Error> Malformed(const char* what) {
  return MakeError(ErrorCode::kMalformedFile, std::string("in the section of base, ") + what);
}

class Decoder {
 public:
  Decoder(std::string_view bytes, uint64_t elements_max) : reader_(bytes), left_(elements_max) {}

  Expected<Base> Decode() {
    COTEXT_RETURN_IF_ERROR(ReadHorizon());
    COTEXT_RETURN_IF_ERROR(ReadFrontier());
    std::vector<BaseIds::Run> runs;
    while (!reader_.done()) {
      const Expected<BaseIds::Run> run = ReadRun();
      if (!run) return std::unexpected(run.error());
      runs.push_back(*run);
    }
    std::optional<BaseIds> ids = BaseIds::From(runs);
    if (!ids) return Malformed("an id comes twice");
    base_.ids = *std::move(ids);
    return std::move(base_);
  }

 private:
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
    std::ranges::sort(base_.horizon.frontier);
    // The greatest counter of a version is in its frontier.
    const bool is_complete = std::ranges::all_of(
        entries(), [limit = base_.horizon.max_counter()](const VersionVector::Entry& entry) {
          return entry.counter <= limit;
        });
    if (!is_complete) return BadFrontier();
    return {};
  }

  Expected<BaseIds::Run> ReadRun() {
    const std::optional<uint64_t> head = reader_.Varint();
    if (!head) return CutOff();
    if ((*head & 1U) != 0) {
      const std::optional<uint64_t> other = reader_.Varint();
      if (!other) return CutOff();
      if (*other >= entries().size() || *other == place_)
        return Malformed("a replica is not there");
      place_ = *other;
    }
    const std::optional<uint64_t> distance = reader_.Varint();
    if (!distance) return CutOff();
    const uint64_t length = *head / 2 + 1;
    if (length > left_) {
      return MakeError(ErrorCode::kTooLarge, "the section of base has more characters than texts");
    }
    left_ -= length;
    const VersionVector::Entry& entry = entries()[static_cast<size_t>(place_)];
    // Whatever wraps around is out of range.
    const uint64_t counter = end_ + static_cast<uint64_t>(UnZigZag(*distance));
    if (counter == 0 || counter > entry.counter || length > entry.counter - counter + 1) {
      return Malformed("an id is out of range");
    }
    end_ = counter + length;
    return BaseIds::Run{.first = {.counter = counter, .replica = entry.replica},
                        .length = static_cast<uint32_t>(length)};
  }

  static std::unexpected<Error> CutOff() { return Malformed("the bytes end early"); }
  static std::unexpected<Error> BadFrontier() { return Malformed("the frontier is malformed"); }

  ByteReader reader_;
  uint64_t left_;
  uint64_t place_ = 0;
  uint64_t end_ = 0;
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

Expected<Base> DecodeBase(std::string_view bytes, uint64_t elements_max) {
  return Decoder(bytes, std::min(elements_max, kIndexLimit)).Decode();
}

}  // namespace cotext
