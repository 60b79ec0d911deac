#include "ot/operation_codec.h"

#include <optional>

#include "document/strict_delta_builder.h"
#include "document/varint.h"

namespace cotext {
namespace {

using Kind = Delta::Kind;

enum Form : uint8_t { kRetain = 0, kInsert = 1, kDelete = 2, kDeleteText = 3 };

constexpr uint64_t kForms = 4;

uint64_t HeadOf(const Delta::Component& component) {
  switch (component.kind) {
    case Kind::kRetain: return component.count * kForms + kRetain;
    case Kind::kInsert: return component.text.size() * kForms + kInsert;
    case Kind::kDelete: break;
  }
  return component.has_text() ? component.text.size() * kForms + kDeleteText
                              : component.count * kForms + kDelete;
}

Expected<Delta::Component> ReadComponent(ByteReader& reader, const StrictDeltaBuilder& builder) {
  const std::optional<uint64_t> head = reader.Varint();
  if (!head) return builder.ErrorHere(ErrorCode::kInvalidDelta, "no number");
  Delta::Component component{.count = *head / kForms};
  const auto form = static_cast<Form>(*head % kForms);
  if (form == kInsert || form == kDeleteText) {
    const std::optional<std::string_view> text = reader.Bytes(component.count);
    if (!text) return builder.ErrorHere(ErrorCode::kInvalidDelta, "its text ends early");
    component.text = *text;
  }
  if (form != kRetain) component.kind = form == kInsert ? Kind::kInsert : Kind::kDelete;
  return component;
}

}  // namespace

void AppendOperation(std::string& bytes, const Delta& operation) {
  for (const Delta::Component& component : operation) {
    AppendVarint(bytes, HeadOf(component));
    bytes += component.text;
  }
}

std::string EncodeOperation(const Delta& operation) {
  std::string bytes;
  AppendOperation(bytes, operation);
  return bytes;
}

uint64_t ComponentBytes(const Delta::Component& component) {
  return VarintSize(HeadOf(component)) + component.text.size();
}

uint64_t OperationBytes(const Delta& operation) {
  uint64_t bytes = 0;
  for (const Delta::Component& component : operation) bytes += ComponentBytes(component);
  return bytes;
}

Expected<Delta> DecodeOperation(std::string_view bytes) {
  StrictDeltaBuilder builder;
  for (ByteReader reader(bytes); !reader.done();) {
    const Expected<Delta::Component> component = ReadComponent(reader, builder);
    COTEXT_RETURN_IF_ERROR(component);
    COTEXT_RETURN_IF_ERROR(builder.Add(*component));
  }
  return builder.Finish();
}

}  // namespace cotext
