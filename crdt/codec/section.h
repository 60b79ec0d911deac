// The frame of files and packed updates: a magic number, then sections, each with its kind, its
// compression, its sizes and a checksum; docs/FORMAT.md is normative.
//
// Sections are independent: a reader checks and unpacks those it wants. One of an unknown kind is
// passed over if it is intact, unless its kind is odd: those may not be. Appending a section to a
// file makes it a file with one section more.
//
// Reading is total. Sizes are checked before anything is allocated: against the bytes that are
// there, against what the compression can reach, and against the caller's limit. Errors are
// kMalformedFile, kUnsupported or kTooLarge and name the section.
#ifndef COTEXT_CRDT_CODEC_SECTION_H_
#define COTEXT_CRDT_CODEC_SECTION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/codec/compression.h"
#include "document/error.h"

namespace cotext {

// The numbers are part of the format. Odd ones must be understood; kBase is the greatest of them.
enum class SectionKind : uint8_t {
  kIdentity = 1,  // DocumentId, engine.
  kForm = 3,      // How the columns are to be read.
  kReplicas = 5,  // The columns of an update; see update_codec.h.
  kChanges = 7,
  kLengths = 9,
  kReferences = 11,
  kDistances = 13,
  kInsertedText = 15,  // In the order in which it was inserted.
  kCurrentText = 17,   // In document order.
  kDeletedText = 19,   // In the order in which it was inserted.
  kUpdate = 21,        // An update in its plain form, appended later.
  kNamedVersions = 22,
  kBase = 23,  // What a trimmed document begins with; see base_codec.h.
  kUndo = 24,  // The steps that a user can undo and redo; see undo_codec.h.
};

// Returns whether the kind is one of those above.
bool IsKnown(SectionKind kind);

// Returns a name for people.
std::string SectionName(SectionKind kind);

struct Section {
  SectionKind kind{};
  Compression compression = Compression::kNone;
  uint64_t raw_size = 0;
  std::string_view stored;  // As it is in the file.
  std::string_view frame;   // All of the section but its checksum.
  uint32_t checksum = 0;

  // What it takes in the file, its checksum included.
  uint64_t bytes() const { return frame.size() + sizeof(checksum); }
};

// Returns the magic number that everything begins with.
std::string_view SectionMagic();

// Appends a section with `raw` as its content, compressed if that makes it smaller.
void AppendSection(std::string& bytes, SectionKind kind, std::string_view raw,
                   const Compressor& compressor);

// Returns the section that `bytes` begin with, nothing if they end inside it. Neither its checksum
// nor whether anyone knows its kind is looked at.
std::optional<Section> SectionAt(std::string_view bytes);

// Returns the sections in their order. Their checksums are looked at by the functions below.
Expected<std::vector<Section>> FindSections(std::string_view bytes);

// Whether a section has its checksum.
bool IsIntact(const Section& section);

// Returns the content of a section of at most `limit` bytes.
Expected<std::string> ReadSection(const Section& section, const Decompressor& decompressor,
                                  uint64_t limit);

}  // namespace cotext

#endif  // COTEXT_CRDT_CODEC_SECTION_H_
