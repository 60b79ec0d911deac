#include "crdt/update_codec.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "crdt/varint.h"

namespace cotext {
namespace {

constexpr char kFormatVersion = 1;

// The kinds of operation on the wire.
enum Tag : uint64_t { kInsertAtRoot, kInsert, kDeleteForward, kDeleteBackward, kTagCount };

class Encoder {
 public:
  std::string Encode(const Update& update) {
    for (size_t i = 0; i < update.size(); ++i) AddChange(update[i]);
    std::string bytes(1, kFormatVersion);
    AppendVarint(bytes, replicas_.size());
    for (const ReplicaId replica : replicas_) AppendVarint(bytes, replica.value);
    AppendVarint(bytes, update.size());
    return bytes + body_;
  }

 private:
  void AddChange(const ChangeView& change) {
    AddId(OpId{.counter = change.first_counter, .replica = change.replica});
    AppendVarint(body_, change.parents.size());
    for (const OpId parent : change.parents) AddId(parent);
    AppendVarint(body_, change.operations.size());
    std::string_view text = change.text;
    for (const Operation& operation : change.operations) {
      AddOperation(operation, text.substr(0, operation.text_bytes));
      text.remove_prefix(operation.text_bytes);
    }
  }

  void AddOperation(const Operation& operation, std::string_view text) {
    const bool is_insert = operation.kind == Operation::Kind::kInsert;
    const Tag tag = !is_insert ? (operation.backward ? kDeleteBackward : kDeleteForward)
                    : operation.reference == kRoot ? kInsertAtRoot
                                                   : kInsert;
    AppendVarint(body_, tag);
    if (tag != kInsertAtRoot) AddId(operation.reference);
    AppendVarint(body_, operation.length);
    if (!is_insert) return;
    AppendVarint(body_, text.size());
    body_ += text;
  }

  void AddId(OpId id) {
    const auto [at, fresh] = index_.try_emplace(id.replica.value, replicas_.size());
    if (fresh) replicas_.push_back(id.replica);
    AppendVarint(body_, at->second);
    AppendVarint(body_, id.counter);
  }

  std::vector<ReplicaId> replicas_;
  std::unordered_map<uint64_t, size_t> index_;
  std::string body_;
};

class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : reader_(bytes) {}

  // Returns whether the bytes are an update.
  bool Decode() {
    const std::optional<std::string_view> version = reader_.Bytes(1);
    if (!version || version->front() != kFormatVersion || !ReadReplicas()) return false;
    const std::optional<uint64_t> count = ReadCount();
    if (!count) return false;
    for (uint64_t i = 0; i < *count; ++i) {
      if (!ReadChange()) return false;
    }
    return reader_.done();
  }

  Update TakeUpdate() { return std::move(update_); }

 private:
  // Reads a number of things of which each takes a byte at least, which bounds what it may cost.
  std::optional<uint64_t> ReadCount() {
    const std::optional<uint64_t> count = reader_.Varint();
    if (!count || *count > reader_.remaining()) return std::nullopt;
    return count;
  }

  bool ReadReplicas() {
    const std::optional<uint64_t> count = ReadCount();
    if (!count) return false;
    for (uint64_t i = 0; i < *count; ++i) {
      const std::optional<uint64_t> replica = reader_.Varint();
      if (!replica || !IsValid(ReplicaId{*replica})) return false;
      replicas_.push_back(ReplicaId{*replica});
    }
    return true;
  }

  std::optional<OpId> ReadId() {
    const std::optional<uint64_t> replica = reader_.Varint();
    if (!replica || *replica >= replicas_.size()) return std::nullopt;
    const std::optional<uint64_t> counter = reader_.Varint();
    if (!counter) return std::nullopt;
    const OpId id{.counter = *counter, .replica = replicas_[static_cast<size_t>(*replica)]};
    if (!IsValid(id)) return std::nullopt;
    return id;
  }

  bool ReadChange() {
    const std::optional<OpId> first = ReadId();
    const std::optional<uint64_t> parents = first ? ReadCount() : std::nullopt;
    if (!parents) return false;
    update_.BeginChange(first->replica, first->counter);
    for (uint64_t i = 0; i < *parents; ++i) {
      const std::optional<OpId> parent = ReadId();
      if (!parent) return false;
      update_.AddParent(*parent);
    }
    const std::optional<uint64_t> operations = ReadCount();
    if (!operations) return false;
    for (uint64_t i = 0; i < *operations; ++i) {
      if (!ReadOperation()) return false;
    }
    return true;
  }

  bool ReadOperation() {
    const std::optional<uint64_t> tag = reader_.Varint();
    if (!tag || *tag >= kTagCount) return false;
    const std::optional<OpId> reference = *tag == kInsertAtRoot ? kRoot : ReadId();
    const std::optional<uint64_t> length = reference ? reader_.Varint() : std::nullopt;
    if (!length || *length == 0 || *length > UINT32_MAX) return false;
    const auto count = static_cast<uint32_t>(*length);
    if (*tag == kDeleteForward || *tag == kDeleteBackward) {
      update_.AddDelete(*reference, count, *tag == kDeleteBackward);
      return true;
    }
    const std::optional<uint64_t> size = reader_.Varint();
    const std::optional<std::string_view> text =
        size && *size <= UINT32_MAX ? reader_.Bytes(*size) : std::nullopt;
    if (!text) return false;
    update_.AddInsert(*reference, count, *text);
    return true;
  }

  ByteReader reader_;
  std::vector<ReplicaId> replicas_;
  Update update_;
};

}  // namespace

std::string EncodeUpdate(const Update& update) { return Encoder().Encode(update); }

Expected<Update> DecodeUpdate(std::string_view bytes) {
  Decoder decoder(bytes);
  if (!decoder.Decode()) {
    return MakeError(ErrorCode::kMalformedUpdate, "the bytes are not an update");
  }
  return decoder.TakeUpdate();
}

}  // namespace cotext
