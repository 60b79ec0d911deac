#include "benchmarks/support/trace_source.h"

#include <cstdlib>

#include "simulation/trace/trace_reader.h"

namespace cotext {

Expected<Trace> ReadNamedTrace(const std::string& name) {
  const char* const folder = std::getenv("COTEXT_DATA");
  if (folder == nullptr) return MakeError(ErrorCode::kIo, "COTEXT_DATA is not set");
  return ReadTrace(std::string(folder) + "/traces/" + name + ".json.gz");
}

}  // namespace cotext
