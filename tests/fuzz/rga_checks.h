// What must hold of updates that were decoded and of replicas that took them in, whichever way they
// came. Each check stops the program if it does not.
#ifndef COTEXT_TESTS_FUZZ_RGA_CHECKS_H_
#define COTEXT_TESTS_FUZZ_RGA_CHECKS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "crdt/codec/compression.h"
#include "crdt/codec/packed_update.h"
#include "crdt/codec/update_codec.h"
#include "crdt/rga.h"
#include "document/error.h"

namespace cotext {

// A few bytes may say more than can be looked at character by character: of more operations than
// this, checks that do so are left out.
inline constexpr uint64_t kCheckedOperationsMax = 5000;

// Bounds what a few bytes can claim.
inline constexpr UpdateLimits kFuzzUpdateLimits{.left_out = 1000};

// All ways to encode that need no table.
inline constexpr std::array<UpdateEncoding, 4> kAllEncodings = {
    UpdateEncoding{.neighbours = false, .drops_deleted_text = false},
    UpdateEncoding{.neighbours = true, .drops_deleted_text = false},
    UpdateEncoding{.neighbours = false, .drops_deleted_text = true},
    UpdateEncoding{.neighbours = true, .drops_deleted_text = true}};

// Undoes every compression there is.
Expected<std::string> DecompressForFuzz(Compression method, std::string_view bytes,
                                        size_t raw_size);

std::string TextOf(const Rga& rga);

// Whether an update has the text of what it deletes itself.
enum class DeletedText : uint8_t { kIsThere, kIsLeftOut };

// `right` says what `left` says, however their operations are cut; if it lacks deleted text, up to
// that.
void CheckSameChanges(const PackedUpdate& left, const PackedUpdate& right, DeletedText in_right);

// Two replicas hold the same text, version and history, and keep their own invariants.
void CheckSameReplicas(const Rga& left, const Rga& right);

// An update comes back from an encoding. Deletes that run on from each other may come back as one,
// so only what came back once is then encoded to the same bytes.
using UpdateEncoder = std::function<std::string(const PackedUpdate&)>;
using UpdateDecoder = std::function<Expected<PackedUpdate>(std::string_view)>;
void CheckComesBack(const PackedUpdate& update, const UpdateEncoding& encoding,
                    const UpdateEncoder& encode, const UpdateDecoder& decode);

// An update comes back from every encoding.
void CheckRoundTrips(const PackedUpdate& update);

// A newcomer to whom all is sent, in every encoding, has the same text, and so has the RGA's
// definition. To a trimmed document newcomers come through a file only.
void CheckNewcomers(const Rga& rga);

}  // namespace cotext

#endif  // COTEXT_TESTS_FUZZ_RGA_CHECKS_H_
