#include "simulation/trace/trace.h"

#include <algorithm>

#include "document/check.h"

namespace cotext {

std::span<const uint32_t> Trace::parents(size_t transaction) const {
  const size_t begin = transactions_[transaction].first_parent;
  const size_t end = transaction + 1 < transactions_.size()
                         ? transactions_[transaction + 1].first_parent
                         : parents_.size();
  return std::span(parents_).subspan(begin, end - begin);
}

Trace::PatchRange Trace::patches(size_t transaction) const {
  const size_t end = transaction + 1 < transactions_.size()
                         ? transactions_[transaction + 1].first_patch
                         : patches_.size();
  return {this, transactions_[transaction].first_patch, end};
}

TracePatch Trace::PatchAt(size_t patch) const {
  const Patch& stored = patches_[patch];
  const size_t end = patch + 1 < patches_.size() ? patches_[patch + 1].text_begin : text_.size();
  return TracePatch{
      .position = stored.position,
      .deleted = stored.deleted,
      .inserted = std::string_view(text_).substr(stored.text_begin, end - stored.text_begin)};
}

void Trace::AddTransaction(uint32_t agent, std::span<const uint32_t> parents) {
  COTEXT_CHECK(transactions_.size() < kColumnMax);
  COTEXT_CHECK(parents.size() <= kColumnMax - parents_.size());
  COTEXT_DCHECK(std::ranges::is_sorted(parents));
  COTEXT_DCHECK(parents.empty() || parents.back() < transactions_.size());
  transactions_.push_back(Transaction{.agent = agent,
                                      .first_patch = static_cast<uint32_t>(patches_.size()),
                                      .first_parent = static_cast<uint32_t>(parents_.size())});
  parents_.insert(parents_.end(), parents.begin(), parents.end());
}

void Trace::AddPatch(const TracePatch& patch) {
  COTEXT_CHECK(!transactions_.empty());
  COTEXT_CHECK(patches_.size() < kColumnMax);
  COTEXT_CHECK(patch.inserted.size() <= kColumnMax - text_.size());
  patches_.push_back(Patch{.position = patch.position,
                           .deleted = patch.deleted,
                           .text_begin = static_cast<uint32_t>(text_.size())});
  text_ += patch.inserted;
}

std::vector<uint32_t> Heads(const Trace& trace) {
  std::vector<bool> has_child(trace.transaction_count());
  for (size_t t = 0; t < trace.transaction_count(); ++t) {
    for (const uint32_t parent : trace.parents(t)) has_child[parent] = true;
  }
  std::vector<uint32_t> heads;
  for (size_t t = 0; t < trace.transaction_count(); ++t) {
    if (!has_child[t]) heads.push_back(static_cast<uint32_t>(t));
  }
  return heads;
}

bool IsLinear(const Trace& trace) {
  // By induction: who has seen the transaction before it has seen everything before that one.
  for (size_t t = 1; t < trace.transaction_count(); ++t) {
    const auto parents = trace.parents(t);
    if (parents.empty() || parents.back() != t - 1) return false;
  }
  return true;
}

}  // namespace cotext
