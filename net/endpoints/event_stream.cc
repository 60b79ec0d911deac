#include "net/endpoints/event_stream.h"

#include <optional>
#include <utility>
#include <vector>

#include "document/error.h"
#include "document/quill_delta.h"
#include "net/driver/document_reader.h"
#include "net/endpoints/feed_format.h"
#include "sync/grants.h"
#include "sync/messages.h"

namespace cotext::net {
namespace {

constexpr uint64_t kRetryMs = 2'000;  // Both for who is refused and for who lost his feed.

HttpResponse Head() {
  return {.content_type = "text/event-stream; charset=utf-8",
          .headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}}};
}

std::shared_ptr<const std::string> Share(std::string bytes) {
  return std::make_shared<const std::string>(std::move(bytes));
}

struct FeedRequest {
  std::string document;
  QuillUnit unit = QuillUnit::kCodePoints;
  std::string version;  // That the reader has; empty: none.
};

std::optional<FeedRequest> Read(const HttpRequest& request, const std::string& document) {
  const auto unit = UnitOf(request.target.Find("unit").value_or(""));
  if (!unit) return std::nullopt;
  std::string version = request.last_event_id;
  if (version.empty()) version = request.target.Find("last-event-id").value_or("");
  return FeedRequest{.document = document, .unit = *unit, .version = std::move(version)};
}

}  // namespace

class EventStreams::Stream final : public HttpTask, public ReaderListener {
 public:
  Stream(EventStreams& streams, HttpOutput& output, FeedRequest feed, Admission admission)
      : streams_(&streams), output_(&output), feed_(std::move(feed)) {
    streams_->streams_.insert(this);
    Expected<ReaderLease> lease = streams_->readers_->Read(feed_.document, *this);
    if (!lease) {
      output_->Answer(ErrorResponse(lease.error(), kRetryMs));
      return;
    }
    lease_ = *std::move(lease);
    watch_ = streams_->watch_->Add(
        std::move(admission),
        [this](Expected<std::vector<sync::Grant>> grants) { OnGrants(std::move(grants)); });
    if (lease_->state() == DocumentReader::State::kReady) Begin();
  }
  ~Stream() override {
    streams_->streams_.erase(this);
    streams_->watch_->Remove(watch_);
  }

  void OnReady() override { Begin(); }
  void OnFailed(const Error& error) override { End(error); }
  void OnDelta(const FeedDelta& delta) override { Write(Encode(delta, feed_.unit)); }
  void OnPresence(const FeedPresence& presence) override { Write(Encode(presence)); }

  void Beat(const std::shared_ptr<const std::string>& beat) {
    if (has_begun_) Write(beat);
  }

  void End(const Error& error) {
    if (has_begun_) {
      output_->Write(Share(EndedEvent(error)));
      output_->End();
    } else {
      output_->Answer(ErrorResponse(error));
    }
    Stop();
  }

 private:
  void Begin() {
    has_begun_ = true;
    if (feed_.unit == QuillUnit::kUtf16) lease_->WantUtf16();
    output_->Begin(Head());
    std::string first = "retry: " + std::to_string(kRetryMs) + "\n\n" + FirstEvent();
    for (const auto& [session, user] : lease_->present()) {
      FeedPresence presence;
      presence.session = session;
      presence.user = user;
      first += *Encode(presence);
    }
    allowance_ = first.size();
    output_->Write(Share(std::move(first)));
  }

  // What the reader lacks; empty if that is nothing.
  std::string FirstEvent() const {
    const std::string version = lease_->Version();
    if (feed_.version == version) return {};
    if (!feed_.version.empty()) {
      if (auto event = SinceEvent(version)) return *std::move(event);
    }
    return SnapshotEvent(version, lease_->document().Text(), feed_.unit);
  }

  std::optional<std::string> SinceEvent(const std::string& version) const {
    const Expected<Delta> delta = lease_->DeltaSince(feed_.version);
    if (!delta) return std::nullopt;
    std::string base;
    if (feed_.unit == QuillUnit::kUtf16) {
      Expected<std::string> text = lease_->TextAt(feed_.version);
      if (!text) return std::nullopt;
      base = *std::move(text);
    }
    const Expected<std::string> ops = DeltaToQuill(*delta, feed_.unit, base);
    if (!ops) return std::nullopt;
    return DeltaEventOf(version, *ops, feed_.unit);
  }

  void OnGrants(Expected<std::vector<sync::Grant>> grants) {
    if (!grants) return End(grants.error());
    const sync::Identity identity{.user = {}, .grants = *std::move(grants)};
    if ((sync::RightsOf(identity, feed_.document) & sync::kMayRead) != 0) return;
    End({ErrorCode::kForbidden, "this document may not be read any more"});
  }

  void Write(const std::shared_ptr<const std::string>& bytes) {
    if (!lease_) return;
    output_->Write(bytes);
    if (output_->waiting_bytes() <= allowance_ + streams_->options_.backlog_bytes_max) return;
    output_->Cut();
    Stop();
  }

  void Stop() {
    has_begun_ = false;
    lease_.Release();
  }

  EventStreams* streams_;
  HttpOutput* output_;
  FeedRequest feed_;
  ReaderLease lease_;
  AccessWatch::Id watch_ = 0;
  bool has_begun_ = false;
  size_t allowance_ = 0;  // Of what waits: the snapshot.
};

EventStreams::EventStreams(DocumentReaders& readers, AccessWatch& watch, Schedule& schedule,
                           const EventStreamOptions& options)
    : readers_(&readers),
      watch_(&watch),
      schedule_(&schedule),
      options_(options),
      beat_(Share(":\n\n")) {
  timer_ = schedule_->After(options_.heartbeat_ms, [this] { Beat(); });
}

EventStreams::~EventStreams() { schedule_->Cancel(timer_); }

HttpReply EventStreams::Open(const HttpRequest& request, const Admission& admission,
                             const std::string& document) {
  std::optional<FeedRequest> feed = Read(request, document);
  if (!feed) return ErrorResponse(Error{ErrorCode::kBadRequest, "unit is code_points or utf16"});
  if (streams_.size() >= options_.streams_max) {
    return ErrorResponse(Error{ErrorCode::kTooManySessions, "too many feeds are read"}, kRetryMs);
  }
  return HttpStart([this, feed = *std::move(feed), admission](HttpOutput& output) {
    return std::make_unique<Stream>(*this, output, feed, admission);
  });
}

void EventStreams::EndAll() {
  const std::set<Stream*> streams = streams_;
  for (Stream* const stream : streams) {
    stream->End({ErrorCode::kShuttingDown, "the server stops; come back later"});
  }
}

// None of these destroys a stream.
void EventStreams::Beat() {
  for (Stream* const stream : streams_) stream->Beat(beat_);
  timer_ = schedule_->After(options_.heartbeat_ms, [this] { Beat(); });
}

}  // namespace cotext::net
