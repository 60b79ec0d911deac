#include "tools/store/store_access.h"

#include <chrono>
#include <iostream>
#include <utility>

#include "storage/store_schema.h"
#include "tools/terminal_text.h"

namespace cotext {

uint64_t NowMs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

ExitCode ReportStoreError(const Error& error) {
  const ExitCode code = ReportError(error);
  return error.code == ErrorCode::kMalformedFile ? ExitCode::kCheckFailed : code;
}

Expected<SqliteDatabase> OpenStoreToRead(const std::string& folder) {
  return OpenStoreDatabase(StoreDatabasePath(folder), {.access = SqliteAccess::kRead});
}

Expected<OwnStore> OpenOwnStore(const std::string& folder) {
  if (const auto there = OpenStoreToRead(folder); !there && there.error().code == ErrorCode::kIo) {
    return std::unexpected(there.error());
  }
  Expected<StoreFolder> own = StoreFolder::Open(folder);
  if (!own) return std::unexpected(std::move(own).error());
  auto engine = StoreEngine::Open({.path = StoreDatabasePath(folder), .now_ms = NowMs});
  if (!engine) return std::unexpected(std::move(engine).error());
  return OwnStore{.folder = *std::move(own), .engine = *std::move(engine)};
}

nlohmann::ordered_json ProblemFields(const std::vector<DocumentProblem>& problems) {
  auto fields = nlohmann::ordered_json::array();
  for (const DocumentProblem& problem : problems) {
    fields.push_back({{"document", problem.document},
                      {"code", ErrorName(problem.error.code)},
                      {"error", problem.error.message}});
  }
  return fields;
}

void PrintProblems(const std::vector<DocumentProblem>& problems) {
  for (const DocumentProblem& problem : problems) {
    std::cout << "document " << Quoted(problem.document) << ": "
              << WithoutControls(problem.error.message) << '\n';
  }
}

}  // namespace cotext
