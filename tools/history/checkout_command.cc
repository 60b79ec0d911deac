#include "tools/history/checkout_command.h"

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "crdt/checkout.h"
#include "crdt/known_version.h"
#include "crdt/version_vector.h"
#include "document/utf8.h"
#include "storage/file.h"
#include "tools/history/stored_document.h"
#include "tools/history/version_argument.h"

namespace cotext {
namespace {

using Fields = nlohmann::ordered_json;

struct Options {
  std::string file;
  std::string at = "now";
  std::string out;
  bool json = false;
};

void PrintJson(const Options& options, const StoredDocument& document, const VersionVector& version,
               const std::string& text) {
  Fields fields;
  fields["file"] = options.file;
  fields["version"] = ToArgument(FrontierOf(document.rga.history().graph, version));
  fields["chars"] = CountCodePoints(text);
  fields["bytes"] = text.size();
  if (options.out.empty()) {
    fields["text"] = text;
  } else {
    fields["out"] = options.out;
  }
  WriteReport(std::cout, fields, /*as_json=*/true);
}

ExitCode Run(const Options& options) {
  const auto document = ReadStoredDocument(options.file);
  if (!document) return ReportStoredError(document.error());
  const auto version = ParseVersion(options.at, *document);
  if (!version) return ReportError(version.error());
  const auto checkout = Checkout::At(document->rga, *version);
  if (!checkout) return ReportError(checkout.error());
  const std::string text = checkout->Text();
  if (!options.out.empty()) {
    const auto written = WriteFileAtomically(options.out, text);
    if (!written) return ReportError(written.error());
  }
  if (options.json) {
    PrintJson(options, *document, *version, text);
  } else if (options.out.empty()) {
    std::cout << text;
  }
  return ExitCode::kDone;
}

}  // namespace

void AddCheckoutCommand(CLI::App& root, ExitCode& exit_code) {
  CLI::App& command =
      AddCommand(root, "checkout", "The text of a stored document, now or at any version");
  const auto options = std::make_shared<Options>();
  command.add_option("FILE", options->file, "A stored document")->required();
  command.add_option("--at", options->at, "The version")->type_name("VERSION");
  command
      .add_option("-o,--out", options->out, "Write the text into this file, not to the terminal")
      ->type_name("FILE");
  command.add_flag("--json", options->json, "Report as one JSON object, with the text in it");
  command.footer(std::string(kVersionHelp) +
                 "The text is written as it is, byte for byte.\n"
                 "Exit code: 0 done, 1 if the document is damaged, 2 if it cannot be read or has "
                 "no such version.");
  command.callback([options, &exit_code] { exit_code = Run(*options); });
}

}  // namespace cotext
