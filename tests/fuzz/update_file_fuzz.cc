// Bytes as an update in a file, checksums put right: decoded, encoded in every way.
#include <string>
#include <string_view>

#include "crdt/codec/document_file.h"
#include "crdt/codec/packed_update.h"
#include "crdt/codec/update_codec.h"
#include "document/error.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/rga_checks.h"
#include "tests/fuzz/right_checksums.h"

namespace cotext {
namespace {

constexpr FileLimits kLimits{.section_bytes = 8192, .update = kFuzzUpdateLimits};

void CheckAsFile(const PackedUpdate& update, const UpdateEncoding& encoding) {
  const FileEncoding as_file{.neighbours = encoding.neighbours,
                             .drops_deleted_text = encoding.drops_deleted_text};
  CheckComesBack(
      update, encoding,
      [&as_file](const PackedUpdate& written) { return EncodeUpdateFile(written, as_file); },
      [](std::string_view bytes) { return DecodeUpdateFile(bytes, DecompressForFuzz); });
}

}  // namespace

bool TryInput(std::string_view input) noexcept {
  const auto update = DecodeUpdateFile(WithRightChecksums(input), DecompressForFuzz, kLimits);
  if (!update) return false;
  for (const UpdateEncoding& encoding : kAllEncodings) CheckAsFile(*update, encoding);
  CheckRoundTrips(*update);
  return true;
}

}  // namespace cotext
