#include "ot/log_codec.h"

#include <utility>
#include <variant>

#include "document/check.h"
#include "document/delta.h"
#include "document/varint.h"
#include "ot/operation_codec.h"
#include "ot/ot_format.h"

namespace cotext {
namespace {

OtReader ReaderOf(std::string_view bytes) {
  return OtReader(bytes, ErrorCode::kMalformedUpdate, "the submission");
}

Expected<OtSubmission> ReadSubmission(OtReader& reader) {
  COTEXT_OT_READ(client, reader.Positive());
  COTEXT_OT_READ(seq, reader.Positive());
  COTEXT_OT_READ(base, reader.Number());
  Expected<Delta> operation = DecodeOperation(reader.Rest());
  COTEXT_RETURN_IF_ERROR(operation);
  return OtSubmission{
      .client = OtClientId{client}, .seq = seq, .base = base, .operation = *std::move(operation)};
}

}  // namespace

std::string EncodeSubmission(const OtSubmission& submission) {
  COTEXT_CHECK(IsValid(submission.client));
  COTEXT_CHECK(submission.seq > 0);
  COTEXT_CHECK(submission.seq < kOtIdLimit);
  COTEXT_CHECK(submission.base < kOtNumberLimit);
  std::string bytes;
  AppendOtHead(bytes, OtForm::kSubmission);
  AppendVarint(bytes, submission.client.value);
  AppendVarint(bytes, submission.seq);
  AppendVarint(bytes, submission.base);
  AppendOperation(bytes, submission.operation);
  return bytes;
}

std::string EncodeLogEntry(const OtLogEntry& entry) {
  if (const auto* submission = std::get_if<OtSubmission>(&entry)) {
    return EncodeSubmission(*submission);
  }
  const uint64_t revision = std::get<OtTruncation>(entry).revision;
  COTEXT_CHECK(revision < kOtNumberLimit);
  std::string bytes;
  AppendOtHead(bytes, OtForm::kTruncation);
  AppendVarint(bytes, revision);
  return bytes;
}

Expected<OtSubmission> DecodeSubmission(std::string_view bytes) {
  OtReader reader = ReaderOf(bytes);
  COTEXT_RETURN_IF_ERROR(reader.Head(OtForm::kSubmission));
  return ReadSubmission(reader);
}

Expected<OtLogEntry> DecodeLogEntry(std::string_view bytes) {
  OtReader reader = ReaderOf(bytes);
  COTEXT_OT_READ(form, reader.Head());
  if (form == OtForm::kSubmission) return ReadSubmission(reader);
  if (form != OtForm::kTruncation) return reader.Malformed("is no entry of a log");
  COTEXT_OT_READ(revision, reader.Number());
  COTEXT_RETURN_IF_ERROR(reader.End());
  return OtTruncation{revision};
}

}  // namespace cotext
