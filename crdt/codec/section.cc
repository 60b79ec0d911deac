#include "crdt/codec/section.h"

#include "document/varint.h"

// Only the functions that are used are compiled, into this file.
#define XXH_INLINE_ALL  // NOLINT(readability-identifier-naming)
#define XXH_NO_XXH3     // NOLINT(readability-identifier-naming)
#include "xxhash.h"

namespace cotext {
namespace {

// A byte that is no text and no UTF-8, a name, and what a transfer as text would spoil.
constexpr std::string_view kMagic{"\xc0text\r\n\x01", 8};

constexpr size_t kChecksumBytes = 4;

// The most bytes that one can become, by the format of each compression: a zstd block of 128 kB is
// four bytes if it repeats one, deflate's longest match of 258 takes two bits at best, and a byte
// of an LZ4 length adds 255.
uint64_t MaxRatio(Compression compression) {
  switch (compression) {
    case Compression::kNone: return 1;
    case Compression::kDeflate: return 1032;
    case Compression::kZstd: return 32768;
    case Compression::kLz4: return 255;
  }
  return 0;
}

uint32_t ChecksumOf(std::string_view frame) {
  return static_cast<uint32_t>(XXH64(frame.data(), frame.size(), 0));
}

void AppendChecksum(std::string& bytes, uint32_t checksum) {
  for (unsigned i = 0; i < kChecksumBytes; ++i) {
    bytes.push_back(static_cast<char>(checksum >> (8U * i)));
  }
}

uint32_t ChecksumAt(std::string_view bytes) {
  uint32_t checksum = 0;
  for (unsigned i = 0; i < kChecksumBytes; ++i) {
    checksum |= uint32_t{static_cast<unsigned char>(bytes[i])} << (8U * i);
  }
  return checksum;
}

// Returns a kind's name, empty for an unknown one.
std::string_view NameOf(SectionKind kind) {
  switch (kind) {
    case SectionKind::kIdentity: return "identity";
    case SectionKind::kForm: return "form";
    case SectionKind::kReplicas: return "replicas";
    case SectionKind::kChanges: return "changes";
    case SectionKind::kLengths: return "lengths";
    case SectionKind::kReferences: return "references";
    case SectionKind::kDistances: return "distances";
    case SectionKind::kInsertedText: return "inserted text";
    case SectionKind::kCurrentText: return "current text";
    case SectionKind::kDeletedText: return "deleted text";
    case SectionKind::kUpdate: return "update";
    case SectionKind::kNamedVersions: return "named versions";
    case SectionKind::kBase: return "base";
    case SectionKind::kUndo: return "undo";
  }
  return "";
}

std::unexpected<Error> Malformed(std::string message) {
  return MakeError(ErrorCode::kMalformedFile, std::move(message));
}

// Reads one section's frame; returns it without its checksum being compared.
std::optional<Section> NextSection(ByteReader& reader) {
  const ByteReader begin = reader;
  const std::optional<std::string_view> head = reader.Bytes(2);
  if (!head) return std::nullopt;
  Section section;
  section.kind = static_cast<SectionKind>((*head)[0]);
  section.compression = static_cast<Compression>((*head)[1]);
  const std::optional<uint64_t> raw_size = reader.Varint();
  const std::optional<uint64_t> stored_size =
      section.compression == Compression::kNone || !raw_size ? raw_size : reader.Varint();
  const auto stored = stored_size ? reader.Bytes(*stored_size) : std::nullopt;
  if (!stored) return std::nullopt;
  section.raw_size = *raw_size;
  section.stored = *stored;
  section.frame = begin.Until(reader);
  const std::optional<std::string_view> checksum = reader.Bytes(kChecksumBytes);
  if (!checksum) return std::nullopt;
  section.checksum = ChecksumAt(*checksum);
  return section;
}

}  // namespace

std::optional<Section> SectionAt(std::string_view bytes) {
  ByteReader reader(bytes);
  return NextSection(reader);
}

bool IsKnown(SectionKind kind) { return !NameOf(kind).empty(); }

std::string SectionName(SectionKind kind) {
  return IsKnown(kind) ? std::string(NameOf(kind))
                       : "number " + std::to_string(static_cast<unsigned>(kind));
}

std::string_view SectionMagic() { return kMagic; }

void AppendSection(std::string& bytes, SectionKind kind, std::string_view raw,
                   const Compressor& compressor) {
  std::string packed;
  Compression compression = compressor.method;
  if (compression != Compression::kNone) {
    packed = compressor.compress(raw);
    std::string size;
    AppendVarint(size, packed.size());
    if (packed.size() + size.size() >= raw.size()) compression = Compression::kNone;
  }
  const std::string_view stored = compression == Compression::kNone ? raw : packed;
  const size_t begin = bytes.size();
  bytes.push_back(static_cast<char>(kind));
  bytes.push_back(static_cast<char>(compression));
  AppendVarint(bytes, raw.size());
  if (compression != Compression::kNone) AppendVarint(bytes, stored.size());
  bytes += stored;
  AppendChecksum(bytes, ChecksumOf(std::string_view(bytes).substr(begin)));
}

Expected<std::vector<Section>> FindSections(std::string_view bytes) {
  if (!bytes.starts_with(kMagic)) {
    return Malformed(bytes.starts_with(kMagic.substr(0, 7))
                         ? "the file is of another version of the format"
                         : "the bytes do not begin like a file of cotext");
  }
  std::vector<Section> sections;
  ByteReader reader(bytes.substr(kMagic.size()));
  while (!reader.done()) {
    const size_t at = bytes.size() - reader.remaining();
    const std::optional<Section> section = NextSection(reader);
    if (!section) {
      return Malformed("section " + std::to_string(sections.size() + 1) + ", at byte " +
                       std::to_string(at) + ", is cut off");
    }
    sections.push_back(*section);
  }
  return sections;
}

bool IsIntact(const Section& section) { return ChecksumOf(section.frame) == section.checksum; }

Expected<std::string> ReadSection(const Section& section, const Decompressor& decompressor,
                                  uint64_t limit) {
  const std::string name = "the section of " + SectionName(section.kind);
  if (!IsIntact(section)) return Malformed(name + " is damaged");
  const uint64_t ratio = MaxRatio(section.compression);
  if (ratio == 0) {
    return MakeError(ErrorCode::kUnsupported, name + " is compressed in an unknown way");
  }
  if (section.raw_size / ratio > section.stored.size()) {
    return Malformed(name + " claims a size that it cannot have");
  }
  if (section.raw_size > limit) {
    return MakeError(ErrorCode::kTooLarge, name + " is larger than " + std::to_string(limit) +
                                               " bytes, which is the limit");
  }
  if (section.compression == Compression::kNone) return std::string(section.stored);
  if (!decompressor) return MakeError(ErrorCode::kUnsupported, name + " is compressed");
  auto raw =
      decompressor(section.compression, section.stored, static_cast<size_t>(section.raw_size));
  if (raw) return raw;
  return MakeError(raw.error().code == ErrorCode::kUnsupported ? ErrorCode::kUnsupported
                                                               : ErrorCode::kMalformedFile,
                   name + ": " + raw.error().message);
}

}  // namespace cotext
