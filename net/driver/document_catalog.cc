#include "net/driver/document_catalog.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "storage/stored_content.h"
#include "sync/store.h"

namespace cotext::net {

template <typename T>
void DocumentCatalog::Ask(Give give, std::function<Expected<T>(StoreEngine&)> question,
                          Done<T> done) {
  auto shared = std::make_shared<Done<T>>(std::move(done));
  const bool is_asked =
      (store_->*give)([post = post_, question = std::move(question), shared](StoreEngine& engine) {
        post([shared, answer = question(engine)]() mutable { (*shared)(std::move(answer)); });
      });
  if (!is_asked) (*shared)(MakeError(ErrorCode::kStorageFailed, "the store has too much to do"));
}

void DocumentCatalog::List(const std::string& after, size_t count, std::vector<NameRange> ranges,
                           Done<std::vector<DocumentSummary>> done) {
  using Page = std::vector<DocumentSummary>;
  Ask<Page>(
      &SqliteStore::Look,
      [after, count, ranges = std::move(ranges)](StoreEngine& engine) -> Expected<Page> {
        Page all;
        for (const NameRange& range : ranges) {
          if (all.size() == count) break;
          auto some = ListDocuments(engine.database(), after, count - all.size(), range);
          if (!some) return std::unexpected(some.error());
          std::ranges::move(*some, std::back_inserter(all));
        }
        return all;
      },
      std::move(done));
}

void DocumentCatalog::TextAt(const std::string& document, uint64_t revision,
                             Done<std::string> done) {
  Ask<std::string>(
      &SqliteStore::Look,
      [document, revision](StoreEngine& engine) -> Expected<std::string> {
        const sync::StoreAnswer answer = engine.Load({.document = document});
        if (!answer.position) return std::unexpected(answer.position.error());
        return OtTextAt(answer.log, revision);
      },
      std::move(done));
}

void DocumentCatalog::Remove(const std::string& document, Done<bool> done) {
  Ask<bool>(
      &SqliteStore::Do, [document](StoreEngine& engine) { return engine.Remove(document); },
      std::move(done));
}

void DocumentCatalog::Ping(Done<bool> done) {
  Ask<bool>(
      &SqliteStore::Do,
      [](StoreEngine& engine) -> Expected<bool> {
        COTEXT_RETURN_IF_ERROR(engine.CheckWrites());
        const auto found = ListDocuments(engine.database(), {}, 1);
        if (!found) return std::unexpected(found.error());
        return true;
      },
      std::move(done));
}

}  // namespace cotext::net
