#include "tools/info_command.h"

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "crdt/compression.h"
#include "crdt/packed_update.h"
#include "crdt/section.h"
#include "tools/stored_document.h"

namespace cotext {
namespace {

using Fields = nlohmann::ordered_json;

struct Options {
  std::vector<std::string> files;
  bool json = false;
};

std::string NameOf(Compression compression) {
  switch (compression) {
    case Compression::kNone: return "none";
    case Compression::kDeflate: return "deflate";
    case Compression::kZstd: return "zstd";
    case Compression::kLz4: return "lz4";
  }
  return "number " + std::to_string(static_cast<unsigned>(compression));
}

// Returns the bytes that a section takes in the file, its frame and its checksum included.
uint64_t StoredBytes(const Section& section) {
  return section.frame.size() + sizeof(section.checksum);
}

Fields ToFields(const std::string& path, const StoredDocument& document) {
  const PackedUpdate history = document.rga.PackedSince({});
  const uint64_t visible = document.rga.sequence().metrics().code_points;
  Fields fields;
  fields["file"] = path;
  fields["id"] = document.file.id().ToHex();
  fields["engine"] = "rga";  // No other one can be opened.
  fields["bytes"] = document.bytes->size();
  fields["changes"] = history.changes.size();
  fields["operations"] = history.operations.size();
  fields["replicas"] = document.rga.history().graph.replica_count();
  fields["visible_chars"] = visible;
  fields["deleted_chars"] = history.end.element - visible;
  fields["lacks_deleted_text"] = document.file.lacks_deleted_text();
  fields["appended_updates"] =
      std::ranges::count(document.file.sections(), SectionKind::kUpdate, &Section::kind);
  return fields;
}

Fields ToFields(const Section& section) {
  Fields fields;
  fields["name"] = SectionName(section.kind);
  fields["raw_bytes"] = section.raw_size;
  fields["stored_bytes"] = StoredBytes(section);
  fields["compression"] = NameOf(section.compression);
  fields["known"] = IsKnown(section.kind);
  return fields;
}

void PrintSection(const Section& section) {
  std::cout << "section " << SectionName(section.kind) << ": " << section.raw_size
            << " bytes, stored " << StoredBytes(section) << ", " << NameOf(section.compression)
            << (IsKnown(section.kind) ? "\n" : ", unknown\n");
}

ExitCode Describe(const std::string& path, bool as_json) {
  const auto document = ReadStoredDocument(path);
  if (!document) return ReportStoredError(document.error());
  Fields fields = ToFields(path, *document);
  if (as_json) {
    fields["sections"] = Fields::array();
    for (const Section& section : document->file.sections()) {
      fields["sections"].push_back(ToFields(section));
    }
  }
  WriteReport(std::cout, fields, as_json);
  if (as_json) return ExitCode::kDone;
  for (const Section& section : document->file.sections()) PrintSection(section);
  return ExitCode::kDone;
}

}  // namespace

void AddInfoCommand(CLI::App& root, ExitCode& exit_code) {
  CLI::App& command =
      AddCommand(root, "info", "What is in stored documents, and whether it is whole");
  const auto options = std::make_shared<Options>();
  command.add_option("FILE", options->files, "Stored documents")->required();
  command.add_flag("--json", options->json, "Report one JSON object per document and line");
  command.footer(
      "A section's bytes are those of its content; stored, those that it takes in the file with "
      "its "
      "frame and\nits checksum. Eight bytes come before the first one. Sections of unknown kinds "
      "are of a later version.\noperations are runs of inserts and deletes, as `cotext replay` "
      "counts them. appended_updates come\nbehind the document as it was written last.\n"
      "Exit code: 0 if all documents are whole, 1 if one is damaged (the message names the "
      "section), 2 if\none cannot be read.");
  command.callback([options, &exit_code] {
    for (const std::string& file : options->files) {
      exit_code = std::max(exit_code, Describe(file, options->json));
    }
  });
}

}  // namespace cotext
