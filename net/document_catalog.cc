#include "net/document_catalog.h"

#include <memory>

namespace cotext::net {

template <typename T>
void DocumentCatalog::Ask(std::function<Expected<T>(StoreEngine&)> question, Done<T> done) {
  auto shared = std::make_shared<Done<T>>(std::move(done));
  const bool is_asked =
      store_->Do([post = post_, question = std::move(question), shared](StoreEngine& engine) {
        post([shared, answer = question(engine)]() mutable { (*shared)(std::move(answer)); });
      });
  if (!is_asked) (*shared)(MakeError(ErrorCode::kStorageFailed, "the store has too much to do"));
}

void DocumentCatalog::List(const std::string& after, size_t count,
                           Done<std::vector<DocumentSummary>> done) {
  Ask<std::vector<DocumentSummary>>(
      [after, count](StoreEngine& engine) {
        return ListDocuments(engine.database(), after, count);
      },
      std::move(done));
}

void DocumentCatalog::Remove(const std::string& document, Done<bool> done) {
  Ask<bool>([document](StoreEngine& engine) { return engine.Remove(document); }, std::move(done));
}

void DocumentCatalog::Ping(Done<bool> done) {
  Ask<bool>(
      [](StoreEngine& engine) -> Expected<bool> {
        const auto found = ListDocuments(engine.database(), {}, 1);
        if (!found) return std::unexpected(found.error());
        return true;
      },
      std::move(done));
}

}  // namespace cotext::net
