#include "ot/client_codec.h"

#include <utility>

#include "document/check.h"
#include "document/delta.h"
#include "document/utf8.h"
#include "document/varint.h"
#include "ot/operation_codec.h"
#include "ot/ot_format.h"

namespace cotext {
namespace {

enum ClientFlag : uint8_t { kHasInFlight = 1, kIsAsSent = 2, kNeedsSnapshot = 4 };
constexpr uint64_t kClientFlags = kHasInFlight | kIsAsSent | kNeedsSnapshot;

enum ReplicaFlag : uint8_t { kHasReturned = 1, kFollowsInFlight = 2, kMayBeCommitted = 4 };
constexpr uint64_t kReplicaFlags = kHasReturned | kFollowsInFlight | kMayBeCommitted;

void AppendNumber(std::string& bytes, uint64_t number) {
  COTEXT_CHECK(number < kOtNumberLimit);
  AppendVarint(bytes, number);
}

void AppendSizedOperation(std::string& bytes, const Delta& operation) {
  AppendVarint(bytes, OperationBytes(operation));
  AppendOperation(bytes, operation);
}

Expected<Delta> ReadSizedOperation(OtReader& reader) {
  COTEXT_OT_READ(bytes, reader.Sized());
  return DecodeOperation(bytes);
}

Expected<uint64_t> ReadFlags(OtReader& reader, uint64_t known) {
  COTEXT_OT_READ(flags, reader.Number());
  if ((flags & ~known) != 0) return reader.Malformed("has an unknown flag");
  return flags;
}

// In flight is what has the number before the next one.
Expected<void> ReadInFlight(OtReader& reader, bool is_as_sent, OtSavedClient& saved) {
  COTEXT_OT_READ(base, reader.Number());
  Expected<Delta> sent = ReadSizedOperation(reader);
  COTEXT_RETURN_IF_ERROR(sent);
  saved.in_flight_now = *sent;
  if (!is_as_sent) {
    Expected<Delta> now = ReadSizedOperation(reader);
    COTEXT_RETURN_IF_ERROR(now);
    if (*now == *sent) return reader.Malformed("has one operation twice");
    saved.in_flight_now = *std::move(now);
  }
  saved.in_flight = OtSubmission{.client = saved.client,
                                 .seq = saved.next_seq - 1,
                                 .base = base,
                                 .operation = *std::move(sent)};
  COTEXT_OT_READ(edits_in_flight, reader.Number());
  COTEXT_OT_READ(edits_unsent, reader.Number());
  saved.edits_in_flight = edits_in_flight;
  saved.edits_unsent = edits_unsent;
  Expected<Delta> buffer = ReadSizedOperation(reader);
  COTEXT_RETURN_IF_ERROR(buffer);
  saved.buffer = *std::move(buffer);
  return {};
}

uint64_t FlagsOf(const OtReturned& returned) {
  return kHasReturned | (returned.follows_in_flight ? kFollowsInFlight : 0U) |
         (returned.may_be_committed ? kMayBeCommitted : 0U);
}

Expected<void> ReadReturned(OtReader& reader, uint64_t flags, OtSavedReplica& replica) {
  Expected<Delta> operation = ReadSizedOperation(reader);
  COTEXT_RETURN_IF_ERROR(operation);
  COTEXT_OT_READ(revision, reader.Number());
  COTEXT_OT_READ(edits, reader.Number());
  replica.returned = OtReturned{.operation = *std::move(operation),
                                .revision = revision,
                                .follows_in_flight = (flags & kFollowsInFlight) != 0,
                                .may_be_committed = (flags & kMayBeCommitted) != 0};
  replica.returned_edits = edits;
  return {};
}

}  // namespace

std::string EncodeOtClient(const OtSavedClient& client) {
  const bool has_in_flight = client.in_flight.has_value();
  const bool is_as_sent = has_in_flight && client.in_flight->operation == client.in_flight_now;
  std::string bytes;
  AppendOtHead(bytes, OtForm::kClient);
  AppendNumber(bytes, (has_in_flight ? kHasInFlight : 0U) | (is_as_sent ? kIsAsSent : 0U) |
                          (client.needs_snapshot ? kNeedsSnapshot : 0U));
  AppendNumber(bytes, client.client.value);
  AppendNumber(bytes, client.next_seq);
  AppendNumber(bytes, client.revision);
  AppendNumber(bytes, client.text_length);
  if (!has_in_flight) return bytes;
  COTEXT_CHECK(client.in_flight->client == client.client);
  COTEXT_CHECK(client.in_flight->seq + 1 == client.next_seq);
  AppendNumber(bytes, client.in_flight->base);
  AppendSizedOperation(bytes, client.in_flight->operation);
  if (!is_as_sent) AppendSizedOperation(bytes, client.in_flight_now);
  AppendNumber(bytes, client.edits_in_flight);
  AppendNumber(bytes, client.edits_unsent);
  AppendSizedOperation(bytes, client.buffer);
  return bytes;
}

Expected<OtSavedClient> DecodeOtClient(std::string_view bytes) {
  OtReader reader(bytes, ErrorCode::kMalformedState, "the saved client");
  COTEXT_RETURN_IF_ERROR(reader.Head(OtForm::kClient));
  COTEXT_OT_READ(flags, ReadFlags(reader, kClientFlags));
  COTEXT_OT_READ(client, reader.Positive());
  COTEXT_OT_READ(next_seq, reader.Positive());
  COTEXT_OT_READ(revision, reader.Number());
  COTEXT_OT_READ(text_length, reader.Number());
  OtSavedClient saved{.client = OtClientId{client},
                      .next_seq = next_seq,
                      .revision = revision,
                      .text_length = text_length,
                      .in_flight = {},
                      .in_flight_now = {},
                      .buffer = {},
                      .needs_snapshot = (flags & kNeedsSnapshot) != 0};
  const bool is_as_sent = (flags & kIsAsSent) != 0;
  if ((flags & kHasInFlight) != 0) {
    COTEXT_RETURN_IF_ERROR(ReadInFlight(reader, is_as_sent, saved));
  } else if (is_as_sent) {
    return reader.Malformed("has sent nothing as it is");
  }
  COTEXT_RETURN_IF_ERROR(reader.End());
  return saved;
}

std::string EncodeOtReplica(const OtSavedReplica& replica) {
  std::string bytes;
  AppendOtHead(bytes, OtForm::kReplica);
  AppendSized(bytes, EncodeOtClient(replica.client));
  AppendNumber(bytes, replica.returned ? FlagsOf(*replica.returned) : 0);
  if (replica.returned) {
    AppendSizedOperation(bytes, replica.returned->operation);
    AppendNumber(bytes, replica.returned->revision);
    AppendNumber(bytes, replica.returned_edits);
  }
  bytes += replica.text;
  return bytes;
}

Expected<OtSavedReplica> DecodeOtReplica(std::string_view bytes) {
  OtReader reader(bytes, ErrorCode::kMalformedState, "the saved document");
  COTEXT_RETURN_IF_ERROR(reader.Head(OtForm::kReplica));
  COTEXT_OT_READ(client_bytes, reader.Sized());
  Expected<OtSavedClient> client = DecodeOtClient(client_bytes);
  COTEXT_RETURN_IF_ERROR(client);
  OtSavedReplica replica{.client = *std::move(client)};
  COTEXT_OT_READ(flags, ReadFlags(reader, kReplicaFlags));
  if ((flags & kHasReturned) != 0) {
    COTEXT_RETURN_IF_ERROR(ReadReturned(reader, flags, replica));
  } else if (flags != 0) {
    return reader.Malformed("says how what it has not was returned");
  }
  if (!IsValidUtf8(reader.Rest())) {
    return MakeError(ErrorCode::kInvalidUtf8, "the saved document's text is not valid UTF-8");
  }
  replica.text = reader.Rest();
  return replica;
}

}  // namespace cotext
