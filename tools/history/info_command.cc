#include "tools/history/info_command.h"

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "crdt/base_ids.h"
#include "crdt/codec/compression.h"
#include "crdt/codec/file_extent.h"
#include "crdt/codec/packed_update.h"
#include "crdt/codec/section.h"
#include "crdt/ids.h"
#include "document/error.h"
#include "tools/history/stored_document.h"
#include "tools/history/version_argument.h"
#include "tools/terminal_text.h"

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
  fields["replicas"] = document.rga.version_vector().entries().size();
  fields["visible_chars"] = visible;
  fields["deleted_chars"] = document.rga.history().log.element_end().value - visible;
  if (!document.rga.horizon().empty()) {
    const BaseIds& base = document.rga.history().base;
    fields["horizon"] = ToArgument(document.rga.horizon().frontier);
    fields["horizon_chars"] = base.end().value;
    fields["horizon_id_runs"] = base.run_count();
  }
  fields["lacks_deleted_text"] = document.file.lacks_deleted_text();
  fields["base_bytes"] = document.extent.base_bytes;
  fields["appended_updates"] = document.extent.appended_updates;
  fields["appended_bytes"] = document.extent.appended_bytes;
  fields["torn_bytes"] = document.extent.torn_bytes;
  return fields;
}

Fields ToFields(const Section& section) {
  Fields fields;
  fields["name"] = SectionName(section.kind);
  fields["raw_bytes"] = section.raw_size;
  fields["stored_bytes"] = section.bytes();
  fields["compression"] = NameOf(section.compression);
  fields["known"] = IsKnown(section.kind);
  return fields;
}

Fields NamesOf(const StoredDocument& document) {
  Fields names = Fields::array();
  for (const auto& [name, heads] : document.file.names().versions()) {
    names.push_back({{"name", name}, {"version", ToArgument(heads)}});
  }
  return names;
}

void PrintName(const std::string& name, const std::vector<OpId>& heads) {
  std::cout << "version " << Quoted(name) << ": " << ToArgument(heads) << '\n';
}

void PrintSection(const Section& section) {
  std::cout << "section " << SectionName(section.kind) << ": " << section.raw_size
            << " bytes, stored " << section.bytes() << ", " << NameOf(section.compression)
            << (IsKnown(section.kind) ? "\n" : ", unknown\n");
}

Error TornAppend(const std::string& path, const FileExtent& extent) {
  return {.code = ErrorCode::kMalformedFile,
          .message = path + ": its last " + std::to_string(extent.torn_bytes) +
                     " bytes are what is left of a torn append, and are passed over"};
}

ExitCode Describe(const std::string& path, bool as_json) {
  const auto document = ReadStoredDocument(path);
  if (!document) return ReportStoredError(document.error());
  Fields fields = ToFields(path, *document);
  if (as_json) {
    fields["named_versions"] = NamesOf(*document);
    fields["sections"] = Fields::array();
    for (const Section& section : document->file.sections()) {
      fields["sections"].push_back(ToFields(section));
    }
  }
  WriteReport(std::cout, fields, as_json);
  if (!as_json) {
    for (const Section& section : document->file.sections()) PrintSection(section);
    for (const auto& [name, heads] : document->file.names().versions()) PrintName(name, heads);
  }
  if (document->extent.torn_bytes == 0) return ExitCode::kDone;
  ReportError(TornAppend(path, document->extent));
  return ExitCode::kCheckFailed;
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
      "counts them. Of a trimmed document, horizon is the version at which its history begins,\n"
      "horizon_chars and horizon_id_runs what it has of that. base_bytes are those\nof the "
      "document as it was written last, "
      "appended_updates come behind it. torn_bytes are left of an\nappend that a crash tore; they "
      "are no part of the document, and the next save cuts them off. Named\nversions come last, in "
      "the form that other commands take.\n"
      "Exit code: 0 if all documents are whole, 1 if one is damaged (the message names the "
      "section) or has\na torn append, 2 if one cannot be read.");
  command.callback([options, &exit_code] {
    for (const std::string& file : options->files) {
      exit_code = std::max(exit_code, Describe(file, options->json));
    }
  });
}

}  // namespace cotext
