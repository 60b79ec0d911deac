// Sections are walked from the first to the last. The tail begins at the first one that is cut off,
// or that is none of the document's own and has a wrong checksum. Damage that changed the size of a
// section leads the walk astray, so whether something intact is behind it is looked for at every
// byte.
#include "crdt/codec/file_extent.h"

#include <optional>
#include <string>
#include <utility>

#include "crdt/codec/compression.h"
#include "crdt/codec/section.h"

namespace cotext {
namespace {

// How often a byte of a tail may be hashed on the average while an intact update is looked for in
// it. Bytes that look like many long updates, one inside the other, would take quadratic time.
constexpr uint64_t kHashesPerByteMax = 256;

constexpr uint32_t Bit(SectionKind kind) { return uint32_t{1} << static_cast<unsigned>(kind); }

// What the document itself is made of; deleted text may be left out, and only a trimmed document
// has a base.
constexpr uint32_t kRequired = Bit(SectionKind::kIdentity) | Bit(SectionKind::kForm) |
                               Bit(SectionKind::kReplicas) | Bit(SectionKind::kChanges) |
                               Bit(SectionKind::kLengths) | Bit(SectionKind::kReferences) |
                               Bit(SectionKind::kDistances) | Bit(SectionKind::kCurrentText);

// The sections of the document itself that were there so far.
class OwnSections {
 public:
  // Returns whether a section is one of them; each is there once.
  bool Take(const Section& section) {
    if (static_cast<unsigned>(section.kind) > static_cast<unsigned>(SectionKind::kBase)) {
      return false;
    }
    const uint32_t bit =
        Bit(section.kind) & (kRequired | Bit(SectionKind::kDeletedText) | Bit(SectionKind::kBase));
    if ((seen_ & bit) == bit) return false;
    // Nothing else tells whether there should be one. A writer puts it in front of the columns.
    if (section.kind == SectionKind::kBase && are_complete()) return false;
    seen_ |= bit;
    if (section.kind == SectionKind::kForm) lacks_deleted_text_ = LacksDeletedText(section);
    return true;
  }

  bool are_complete() const {
    return (seen_ & kRequired) == kRequired &&
           (lacks_deleted_text_ || (seen_ & Bit(SectionKind::kDeletedText)) != 0);
  }

 private:
  static bool LacksDeletedText(const Section& form) {
    return form.compression == Compression::kNone && form.stored.size() == 1 &&
           (static_cast<unsigned char>(form.stored.front()) & 2U) != 0;
  }

  uint32_t seen_ = 0;
  bool lacks_deleted_text_ = false;
};

bool MayBeAppended(SectionKind kind) {
  return kind == SectionKind::kUpdate || kind == SectionKind::kNamedVersions;
}

// Returns whether there may be an intact section that was appended behind the beginning of a tail.
// "Maybe" where it takes too long to tell: an error loses less than a tail that is cut off.
bool MayHoldSaved(std::string_view tail) {
  uint64_t left = tail.size() * kHashesPerByteMax;
  for (size_t at = 1; at < tail.size(); ++at) {
    if (!MayBeAppended(static_cast<SectionKind>(tail[at]))) continue;
    const std::optional<Section> section = SectionAt(tail.substr(at));
    if (!section || section->compression > Compression::kLz4) continue;
    if (section->bytes() > left || IsIntact(*section)) return true;
    left -= section->bytes();
  }
  return false;
}

std::unexpected<Error> Damaged(uint64_t number, uint64_t at, std::string_view how) {
  return MakeError(ErrorCode::kMalformedFile, "section " + std::to_string(number) + ", at byte " +
                                                  std::to_string(at) + ", is " + std::string(how));
}

}  // namespace

Expected<FileExtent> FindFileExtent(std::string_view bytes) {
  if (!bytes.starts_with(SectionMagic())) return std::unexpected(FindSections(bytes).error());
  FileExtent extent;
  OwnSections own;
  bool has_names = false;
  uint64_t at = SectionMagic().size();
  for (uint64_t number = 1; at < bytes.size(); ++number) {
    const std::string_view rest = bytes.substr(static_cast<size_t>(at));
    const std::optional<Section> section = SectionAt(rest);
    if (!section || (!own.Take(*section) && !IsIntact(*section))) {
      const std::string_view how = section ? "damaged" : "cut off";
      if (!own.are_complete()) return Damaged(number, at, how);
      if (MayHoldSaved(rest)) return Damaged(number, at, "damaged, and something saved follows it");
      extent.torn_bytes = rest.size();
      break;
    }
    // The first list of names may be the document's own.
    const bool is_update = section->kind == SectionKind::kUpdate;
    const bool is_other_list = section->kind == SectionKind::kNamedVersions && has_names;
    if ((is_update || is_other_list) && extent.base_bytes == 0) extent.base_bytes = at;
    if (is_update) ++extent.appended_updates;
    has_names = has_names || section->kind == SectionKind::kNamedVersions;
    at += section->bytes();
  }
  if (extent.base_bytes == 0) extent.base_bytes = at;
  extent.appended_bytes = at - extent.base_bytes;
  return extent;
}

}  // namespace cotext
