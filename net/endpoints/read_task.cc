#include "net/endpoints/read_task.h"

#include <memory>
#include <utility>
#include <variant>

#include "document/error.h"
#include "net/driver/document_reader.h"
#include "net/http/http_message.h"

namespace cotext::net {
namespace {

constexpr uint64_t kRetryMs = 1'000;

class ReadTask final : public HttpTask, public ReaderListener {
 public:
  using Read = std::function<HttpReply(const DocumentReader&)>;

  ReadTask(HttpOutput& output, DocumentReaders& readers, Schedule& schedule,
           const std::string& document, Read read)
      : output_(&output), schedule_(&schedule), read_(std::move(read)) {
    Expected<ReaderLease> lease = readers.Read(document, *this);
    if (!lease) {
      OnFailed(lease.error());
      return;
    }
    lease_ = *std::move(lease);
    if (lease_->state() == DocumentReader::State::kReady) {
      OnReady();
      return;
    }
    late_ = schedule_->After(kLoadMsMax, [this] {
      late_ = 0;
      OnFailed({ErrorCode::kStorageFailed, "the document takes too long to load"});
    });
  }
  ~ReadTask() override { schedule_->Cancel(late_); }

  void OnReady() override {
    schedule_->Cancel(late_);
    HttpReply reply = read_(*lease_);
    if (auto* const start = std::get_if<HttpStart>(&reply.what)) {
      next_ = (*start)(*output_);
      return;
    }
    output_->Answer(std::get<HttpResponse>(std::move(reply.what)));
    Stop();
  }
  void OnFailed(const Error& error) override {
    if (next_ != nullptr) return;
    output_->Answer(ErrorResponse(error, StatusOf(error.code) == kBusy ? kRetryMs : 0));
    Stop();
  }

 private:
  static constexpr int kBusy = 503;

  void Stop() {
    schedule_->Cancel(late_);
    lease_.Release();
  }

  HttpOutput* output_;
  Schedule* schedule_;
  Read read_;
  ReaderLease lease_;
  Schedule::TaskId late_ = 0;
  std::unique_ptr<HttpTask> next_;  // That answers later.
};

}  // namespace

HttpReply ReadDocument(DocumentReaders& readers, Schedule& schedule, const std::string& document,
                       std::function<HttpReply(const DocumentReader&)> read) {
  return HttpStart([&readers, &schedule, document, read = std::move(read)](HttpOutput& output) {
    return std::make_unique<ReadTask>(output, readers, schedule, document, read);
  });
}

}  // namespace cotext::net
