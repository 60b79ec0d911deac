// How commands come at a store's folder, and what all of them say about it.
#ifndef COTEXT_TOOLS_STORE_STORE_ACCESS_H_
#define COTEXT_TOOLS_STORE_STORE_ACCESS_H_

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "document/error.h"
#include "storage/check_store.h"
#include "storage/sqlite_database.h"
#include "storage/store_engine.h"
#include "storage/store_folder.h"
#include "tools/command.h"
#include "tools/progress_bar.h"

namespace cotext {

// Ends of --help.
inline constexpr std::string_view kAloneHelp = "No server may have the store open.\n";
inline constexpr std::string_view kBesideHelp = "A server may have the store open, and go on.\n";
inline constexpr std::string_view kStoreExitCodesHelp =
    "Exit code: 0 done, 1 if something is damaged, 2 if something cannot be read or written.";

// In milliseconds since 1970.
uint64_t NowMs();

// Writes an error's line. Damage is what a check is for; everything else is input that cannot be
// read.
ExitCode ReportStoreError(const Error& error);

Expected<SqliteDatabase> OpenStoreToRead(const std::string& folder);

// A store that nobody else writes to.
struct OwnStore {
  StoreFolder folder;
  std::unique_ptr<StoreEngine> engine;
};
// kIo if there is none: asking does not make one.
Expected<OwnStore> OpenOwnStore(const std::string& folder);

nlohmann::ordered_json ProblemFields(const std::vector<DocumentProblem>& problems);
void PrintProblems(const std::vector<DocumentProblem>& problems);

// Runs work on many documents with a bar that counts them.
template <typename Work>
auto WithBar(const std::string& folder, uint64_t total, const Work& work) {
  ProgressBar bar(folder);
  const auto show = bar.Callback();
  return work([&](uint64_t done) {
    if (show) show(done, total);
  });
}

}  // namespace cotext

#endif  // COTEXT_TOOLS_STORE_STORE_ACCESS_H_
