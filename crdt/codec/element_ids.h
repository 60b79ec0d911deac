// The ids of the elements that a PackedUpdate refers to.
//
// O(operations) to construct, O(log operations) a look-up. Memory: 24 bytes for each stretch of
// elements with consecutive ids. The update stays where it is.
#ifndef COTEXT_CRDT_CODEC_ELEMENT_IDS_H_
#define COTEXT_CRDT_CODEC_ELEMENT_IDS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "crdt/codec/packed_update.h"
#include "crdt/ids.h"

namespace cotext {

// The most parts that updates of so many bytes may be taken apart into. People delete a character
// once, or a few of them at the same time; small updates may do what they like.
inline constexpr uint64_t kPartsAlways = uint64_t{1} << 16U;
inline constexpr uint64_t kPartsPerByteMax = 16;
inline constexpr uint64_t kPartsEver = uint64_t{1} << 29U;
constexpr uint64_t PartsMax(uint64_t bytes, uint64_t always = kPartsAlways) {
  return std::min(kPartsEver, always + kPartsPerByteMax * bytes);
}

class ElementIds {
 public:
  explicit ElementIds(const PackedUpdate& update) : elsewhere_(update.ids) {
    uint32_t element = 0;
    for (size_t i = 0; i < update.changes.size(); ++i) {
      OpId id = update.FirstIdOf(i);
      for (const PackedOperation& operation : update.OperationsOf(i)) {
        if (operation.is_insert()) {
          Add(id, element, operation.length);
          element += operation.length;
        }
        id.counter += operation.length;
      }
    }
  }

  // Returns the id of an element, kRoot for the root.
  OpId IdOf(Reference element) const {
    if (element.is_root()) return kRoot;
    if (element.is_elsewhere()) return elsewhere_[element.place()];
    return IdIn(RunOf(element.number()), element.number());
  }

  // Elements with consecutive ids, in the direction of a delete.
  struct Targets {
    OpId first;
    uint32_t length;
  };
  // Returns those of a delete's targets that come after `skipped` others, as many as have
  // consecutive ids.
  // REQUIRES: skipped < deletion.length.
  Targets TargetsOf(const PackedOperation& deletion, uint32_t skipped) const {
    const uint32_t left = deletion.length - skipped;
    const bool backward = deletion.backward();
    if (deletion.reference.is_elsewhere()) {
      OpId first = elsewhere_[deletion.reference.place()];
      first.counter = backward ? first.counter - skipped : first.counter + skipped;
      return Targets{.first = first, .length = left};
    }
    const uint32_t number = deletion.reference.number();
    const uint32_t element = backward ? number - skipped : number + skipped;
    const Run& run = RunOf(element);
    const uint32_t offset = element - run.element;
    return Targets{.first = IdIn(run, element),
                   .length = std::min(left, backward ? offset + 1 : run.length - offset)};
  }

  // Returns into how many such parts a delete falls.
  uint64_t PartsOf(const PackedOperation& deletion) const {
    if (deletion.reference.is_elsewhere()) return 1;
    const uint32_t first = deletion.reference.number();
    const uint32_t reach = deletion.length - 1;
    const auto [low, high] =
        deletion.backward() ? std::pair(first - reach, first) : std::pair(first, first + reach);
    return static_cast<uint64_t>(&RunOf(high) - &RunOf(low)) + 1;
  }

 private:
  struct Run {
    OpId first;
    uint32_t element;
    uint32_t length;
  };

  void Add(OpId id, uint32_t element, uint32_t length) {
    if (!runs_.empty()) {
      Run& last = runs_.back();
      if (id.replica == last.first.replica && id.counter == last.first.counter + last.length) {
        last.length += length;
        return;
      }
    }
    runs_.push_back(Run{.first = id, .element = element, .length = length});
  }

  const Run& RunOf(uint32_t element) const {
    return *(std::ranges::upper_bound(runs_, element, {}, &Run::element) - 1);
  }
  static OpId IdIn(const Run& run, uint32_t element) {
    OpId id = run.first;
    id.counter += element - run.element;
    return id;
  }

  std::span<const OpId> elsewhere_;
  std::vector<Run> runs_;  // Of all elements, ascending.
};

}  // namespace cotext

#endif  // COTEXT_CRDT_CODEC_ELEMENT_IDS_H_
