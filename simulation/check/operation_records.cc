#include "simulation/check/operation_records.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <utility>

#include "document/utf8.h"
#include "document/varint.h"

namespace cotext {
namespace {

std::string Content(char kind, OpId reference, std::string_view character) {
  std::string content(1, kind);
  AppendVarint(content, reference.counter);
  AppendVarint(content, reference.replica.value);
  content += character;
  return content;
}

// Calls `visit` with counter and content of every operation of a change.
template <typename Visit>
void ForEachOperation(const ChangeView& change, Visit visit) {
  uint64_t counter = change.first_counter;
  std::string_view text = change.text;
  for (const Operation& run : change.operations) {
    OpId reference = run.reference;
    for (uint32_t i = 0; i < run.length; ++i, ++counter) {
      if (run.kind == Operation::Kind::kInsert) {
        const size_t bytes = CharacterBytes(text[0]);
        visit(counter, Content('i', reference, text.substr(0, bytes)));
        text.remove_prefix(bytes);
        reference = OpId{.counter = counter, .replica = change.replica};
      } else {
        visit(counter, Content('d', reference, {}));
        reference.counter += run.backward ? -uint64_t{1} : uint64_t{1};
      }
    }
  }
}

}  // namespace

std::vector<EditRecord> OperationsOf(const Update& changes) {
  std::vector<EditRecord> records;
  for (size_t i = 0; i < changes.size(); ++i) {
    const ChangeView change = changes[i];
    ForEachOperation(change, [&](uint64_t counter, std::string content) {
      records.push_back(
          {.writer = change.replica.value, .number = counter, .content = std::move(content)});
    });
  }
  return records;
}

std::string CanonicalHistory(const Update& changes) {
  std::vector<EditRecord> records = OperationsOf(changes);
  std::ranges::sort(records, {}, [](const EditRecord& record) {
    return std::tuple(record.writer, record.number);
  });
  std::string history;
  for (const EditRecord& record : records) {
    AppendVarint(history, record.writer);
    AppendVarint(history, record.number);
    AppendVarint(history, record.content.size());
    history += record.content;
  }
  return history;
}

std::vector<Delivery> DeliveriesOf(const Update& changes, uint64_t copy, uint64_t at_us) {
  std::vector<Delivery> deliveries;
  for (size_t i = 0; i < changes.size(); ++i) {
    const ChangeView change = changes[i];
    Delivery delivery{.copy = copy,
                      .at_us = at_us,
                      .writer = change.replica.value,
                      .first = change.first_counter,
                      .last = change.first_counter + change.Length() - 1};
    for (const OpId parent : change.parents) {
      delivery.seen[parent.replica.value] = parent.counter;
    }
    deliveries.push_back(std::move(delivery));
  }
  return deliveries;
}

EditExtent ExtentOf(const VersionVector& version) {
  EditExtent extent;
  for (const VersionVector::Entry& entry : version.entries()) {
    extent[entry.replica.value] = entry.counter;
  }
  return extent;
}

}  // namespace cotext
