// An editing trace: what people typed, patch by patch, and what each of them had seen.
//
// A transaction is a sequence of patches that its agent applies, one after another, to the merged
// state of its parents, which are named by index. A patch deletes `deleted` characters from
// `position` on and then inserts text there. A sequential trace is one agent whose every
// transaction follows the one before it.
//
// Invariants, which ReadTrace establishes and the builder's caller keeps:
// 1. Parents are in ascending order, without duplicates, each below its transaction's own index.
// 2. Agents are below agent_count().
// 3. A transaction's ancestors include the previous one of its agent: an agent is never concurrent
//    with itself.
// 4. All text is valid UTF-8. That positions are in range shows only on replay.
//
// Positions and lengths count code points. Compact: 12 bytes a transaction, 12 a patch, 4 a parent,
// and the inserted texts end to end. Columns are addressed by 32 bits; the builder checks that.
#ifndef COTEXT_SIMULATION_TRACE_TRACE_H_
#define COTEXT_SIMULATION_TRACE_TRACE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cotext {

struct TracePatch {
  uint32_t position = 0;
  uint32_t deleted = 0;
  std::string_view inserted = {};  // Belongs to the trace it was read from.

  friend bool operator==(const TracePatch&, const TracePatch&) = default;
};

class Trace {
 public:
  enum class Kind : uint8_t { kSequential, kConcurrent };
  class PatchRange;

  // The most agents a trace may have: walks keep a number per agent and live version.
  static constexpr uint32_t kAgentsMax = 1U << 16U;
  // The most bytes of inserted text, patches, transactions or parents.
  static constexpr uint64_t kColumnMax = UINT32_MAX;

  Trace(std::string name, Kind kind, uint32_t agent_count)
      : name_(std::move(name)), kind_(kind), agent_count_(agent_count) {}

  // What messages call it: its file.
  const std::string& name() const { return name_; }
  Kind kind() const { return kind_; }
  uint32_t agent_count() const { return agent_count_; }
  // The text after all transactions.
  const std::string& end_content() const { return end_content_; }
  // Whether transaction 0 inserts the file's startContent and is none of the file's own.
  bool has_start_content() const { return has_start_content_; }

  size_t transaction_count() const { return transactions_.size(); }
  size_t patch_count() const { return patches_.size(); }
  size_t parent_count() const { return parents_.size(); }
  size_t inserted_bytes() const { return text_.size(); }

  // REQUIRES: transaction < transaction_count(), here and below.
  uint32_t agent(size_t transaction) const { return transactions_[transaction].agent; }
  std::span<const uint32_t> parents(size_t transaction) const;
  PatchRange patches(size_t transaction) const;

  // Adds a transaction without patches. REQUIRES: agent and parents as in the invariants.
  void AddTransaction(uint32_t agent, std::span<const uint32_t> parents);
  // Adds a patch to the last transaction.
  // REQUIRES: there is a transaction, and the text is valid UTF-8.
  void AddPatch(const TracePatch& patch);
  void set_end_content(std::string text) { end_content_ = std::move(text); }
  void set_has_start_content() { has_start_content_ = true; }

 private:
  // Where a transaction begins in patches_ and parents_; it ends where the next one begins.
  struct Transaction {
    uint32_t agent;
    uint32_t first_patch;
    uint32_t first_parent;
  };
  struct Patch {
    uint32_t position;
    uint32_t deleted;
    uint32_t text_begin;  // In text_; the text ends where the next patch's begins.
  };

  TracePatch PatchAt(size_t patch) const;

  std::string name_;
  Kind kind_;
  uint32_t agent_count_;
  bool has_start_content_ = false;
  std::string end_content_;
  std::vector<Transaction> transactions_;
  std::vector<uint32_t> parents_;
  std::vector<Patch> patches_;
  std::string text_;
};

// The patches of one transaction, read in place.
class Trace::PatchRange {
 public:
  class Iterator {
   public:
    using difference_type = ptrdiff_t;
    using value_type = TracePatch;

    Iterator() = default;
    Iterator(const Trace* trace, size_t patch) : trace_(trace), patch_(patch) {}
    TracePatch operator*() const { return trace_->PatchAt(patch_); }
    Iterator& operator++() {
      ++patch_;
      return *this;
    }
    Iterator operator++(int) { return {trace_, patch_++}; }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const Trace* trace_ = nullptr;
    size_t patch_ = 0;
  };

  PatchRange(const Trace* trace, size_t begin, size_t end)
      : begin_(trace, begin), end_(trace, end), size_(end - begin) {}
  Iterator begin() const { return begin_; }
  Iterator end() const { return end_; }
  size_t size() const { return size_; }
  std::vector<TracePatch> ToVector() const { return {begin_, end_}; }

 private:
  Iterator begin_;
  Iterator end_;
  size_t size_;
};

// Returns the transactions that no other has as a parent, ascending: the frontier of the whole.
std::vector<uint32_t> Heads(const Trace& trace);

// Returns whether every transaction has seen all before it, so that the trace can be replayed as
// local edits of one document.
bool IsLinear(const Trace& trace);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_TRACE_TRACE_H_
