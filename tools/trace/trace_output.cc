#include "tools/trace/trace_output.h"

#include <iostream>

#include "simulation/trace/trace_writer.h"

namespace cotext {

void AddTraceOutputOptions(CLI::App& command, TraceOutput& output) {
  command
      .add_option("-o,--out", output.file, "Where to write the trace; gzipped if it ends in .gz")
      ->required();
  command.add_flag("--json", output.json, "Report one JSON object");
}

ExitCode WriteAndReport(const Trace& trace, const TraceOutput& output,
                        const nlohmann::ordered_json& more) {
  if (const auto written = WriteTrace(trace, output.file); !written) {
    return ReportError(written.error());
  }
  nlohmann::ordered_json fields;
  fields["trace"] = output.file;
  fields["transactions"] = trace.transaction_count();
  fields["patches"] = trace.patch_count();
  fields.update(more);
  WriteReport(std::cout, fields, output.json);
  return ExitCode::kDone;
}

}  // namespace cotext
