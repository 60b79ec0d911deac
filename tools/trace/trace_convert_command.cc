#include "tools/trace/trace_convert_command.h"

#include <cstddef>
#include <cstdint>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <string>

#include "crdt/codec/document_file.h"
#include "crdt/codec/packed_update.h"
#include "crdt/rga.h"
#include "crdt/rga_text.h"
#include "document/document_id.h"
#include "document/error.h"
#include "document/random.h"
#include "simulation/replay/replay.h"
#include "simulation/trace/trace.h"
#include "simulation/trace/trace_history.h"
#include "simulation/trace/trace_reader.h"
#include "storage/compression.h"
#include "storage/file.h"
#include "storage/file_encoding.h"
#include "tools/progress_bar.h"
#include "tools/trace/profile_option.h"

namespace cotext {
namespace {

struct Options {
  std::string trace;
  std::string file;
  std::string profile = "fast";
  bool compact = false;
  std::string id;  // Empty: a random one.
  std::optional<uint64_t> seed;
  bool json = false;
};

// Returns what CLI11 shows: nothing for an id, or what is wrong.
std::string CheckId(const std::string& hex) {
  const bool is_id = hex.size() == 2 * DocumentId{}.bytes.size() &&
                     hex.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
  return is_id ? "" : "is not 32 hexadecimal digits";
}

DocumentId ParseId(const std::string& hex) {
  DocumentId id;
  for (size_t i = 0; i < id.bytes.size(); ++i) {
    id.bytes[i] = static_cast<uint8_t>(std::stoul(hex.substr(2 * i, 2), nullptr, 16));
  }
  return id;
}

DocumentId RandomId(const std::optional<uint64_t>& seed) {
  std::random_device device;
  Random random(seed.value_or(0));
  DocumentId id;
  for (uint8_t& byte : id.bytes) {
    byte = static_cast<uint8_t>(seed ? random.Next() : device());
  }
  return id;
}

Expected<Rga> BuildWithBar(const Trace& trace) {
  ProgressBar bar(trace.name());
  return BuildPeer(trace, bar.Callback());
}

// Returns where the document's text differs from the trace's, and says so.
std::optional<uint64_t> NoteDifference(const Options& options, const Trace& trace,
                                       const std::string& text) {
  const auto difference = FirstDifference(text, trace.end_content());
  if (difference) {
    std::cerr << "cotext: " << options.trace << ": note: the document's text differs from "
              << "endContent from code point " << *difference << " on\n";
  }
  return difference;
}

ExitCode Run(const Options& options) {
  const auto trace = ReadTrace(options.trace);
  if (!trace) return ReportError(trace.error());
  const auto rga = BuildWithBar(*trace);
  if (!rga) return ReportError(rga.error());

  FileEncoding encoding = EncodingFor(ProfileNamed(options.profile));
  encoding.drops_deleted_text = options.compact;
  const DocumentId id = options.id.empty() ? RandomId(options.seed) : ParseId(options.id);
  const std::string bytes = EncodeDocumentFile(*rga, id, encoding);
  if (const auto written = WriteFileAtomically(options.file, bytes); !written) {
    return ReportError(written.error());
  }

  const PackedUpdate history = rga->PackedSince({});
  nlohmann::ordered_json fields;
  fields["file"] = options.file;
  fields["id"] = id.ToHex();
  fields["profile"] = options.profile;
  fields["bytes"] = bytes.size();
  fields["changes"] = history.changes.size();
  fields["operations"] = history.operations.size();
  fields["final_chars"] = rga->sequence().metrics().code_points;
  if (const auto difference = NoteDifference(options, *trace, VisibleText(*rga))) {
    fields["end_content_differs_at"] = *difference;
  }
  WriteReport(std::cout, fields, options.json);
  return ExitCode::kDone;
}

}  // namespace

void AddTraceConvertCommand(CLI::App& parent, ExitCode& exit_code) {
  CLI::App& command =
      AddCommand(parent, "convert", "A trace to a stored document with its whole history");
  const auto options = std::make_shared<Options>();
  command.add_option("TRACE", options->trace, "A trace, .json or .json.gz")->required();
  command.add_option("-o,--out", options->file, "Where to write the document")->required();
  AddProfileOption(command, options->profile);
  command.add_flag("--compact", options->compact, "Leave out the text of what is deleted");
  CLI::Option* const id =
      command.add_option("--id", options->id, "The document's id, 32 hexadecimal digits")
          ->check(CLI::Validator(CheckId, "HEX"));
  command.add_option("--seed", options->seed, "Draw the id from a seed, not from the system")
      ->excludes(id);
  command.add_flag("--json", options->json, "Report one JSON object");
  command.footer(
      "Agent i of the trace is replica i + 1. Except for a random id, the same trace and options "
      "give the same\nbytes. Where the RGA orders concurrent inserts otherwise than the trace's "
      "author, the document's text\ndiffers from endContent, and the report says from where on.");
  command.callback([options, &exit_code] { exit_code = Run(*options); });
}

}  // namespace cotext
