// An OT client as bytes (docs/FORMAT.md §9.5): kept where it runs, so that what it has not sent, or
// was not answered, outlives it.
//
// What was in flight comes back as it was sent. A value has one encoding. Decoding is total and
// linear. Errors: kUnsupported for another version, kMalformedState if the bytes are none,
// kInvalidUtf8 for the text, those of DecodeOperation. Whether the values contradict each other is
// for OtClientState::Restore and OtReplica::Load to find.
#ifndef COTEXT_OT_CLIENT_CODEC_H_
#define COTEXT_OT_CLIENT_CODEC_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "document/error.h"
#include "ot/client_state.h"

namespace cotext {

// A client with its text.
struct OtSavedReplica {
  OtSavedClient client;
  // What will not be committed and the application has not got yet, and of how many edits it is.
  std::optional<OtReturned> returned = {};
  uint64_t returned_edits = 0;
  std::string text = {};  // As its user sees it.

  friend bool operator==(const OtSavedReplica&, const OtSavedReplica&) = default;
};

// REQUIRES: the client is one that Restore takes, and its numbers are below 2^53.
std::string EncodeOtClient(const OtSavedClient& client);
std::string EncodeOtReplica(const OtSavedReplica& replica);

Expected<OtSavedClient> DecodeOtClient(std::string_view bytes);
Expected<OtSavedReplica> DecodeOtReplica(std::string_view bytes);

}  // namespace cotext

#endif  // COTEXT_OT_CLIENT_CODEC_H_
