// What the encodings of OT have in common (docs/FORMAT.md §9): a head byte, and numbers below 2^53,
// exact in JavaScript.
#ifndef COTEXT_OT_OT_FORMAT_H_
#define COTEXT_OT_OT_FORMAT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "document/error.h"
#include "document/varint.h"
#include "ot/submission.h"

namespace cotext {

// Numbers in the encodings stay below this, as ids do.
inline constexpr uint64_t kOtNumberLimit = kOtIdLimit;

enum class OtForm : uint8_t {
  kSubmission = 1,
  kTruncation = 2,
  kCommits = 3,
  kSnapshot = 4,
  kClient = 5,
  kReplica = 6
};

// Appends the head byte: the version, 1, in bits 0 to 2, and the form.
void AppendOtHead(std::string& bytes, OtForm form);
// Appends what Fixed64 and Sized read.
void AppendFixed64(std::string& bytes, uint64_t value);
void AppendSized(std::string& bytes, std::string_view content);

// Reads an encoding, and says what is wrong with it.
class OtReader {
 public:
  // `what` begins the messages: "the submission".
  // REQUIRES: it outlives the reader.
  OtReader(std::string_view bytes, ErrorCode malformed, std::string_view what)
      : reader_(bytes), malformed_(malformed), what_(what) {}

  bool done() const { return reader_.done(); }
  std::string_view Rest() const { return reader_.Rest(); }

  // kUnsupported for another version.
  Expected<OtForm> Head();
  Expected<void> Head(OtForm form);
  Expected<uint64_t> Number();
  // A number that is not 0.
  Expected<uint64_t> Positive();
  // A count of things that take `least_bytes` each, for which there are bytes.
  Expected<uint64_t> Count(uint64_t least_bytes);
  // Eight bytes, the lowest first.
  Expected<uint64_t> Fixed64();
  // A size and so many bytes.
  Expected<std::string_view> Sized();
  Expected<void> End();

  std::unexpected<Error> Malformed(std::string_view problem) const;

 private:
  ByteReader reader_;
  ErrorCode malformed_;
  std::string_view what_;
};

}  // namespace cotext

// Declares `name` as the value of `expression` (an Expected), or returns its error.
#define COTEXT_OT_READ(name, expression)     \
  const auto name##_or_error = (expression); \
  COTEXT_RETURN_IF_ERROR(name##_or_error);   \
  const auto& name = *name##_or_error

#endif  // COTEXT_OT_OT_FORMAT_H_
