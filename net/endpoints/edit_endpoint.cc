#include "net/endpoints/edit_endpoint.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "document/error.h"
#include "net/endpoints/edit_request.h"
#include "net/endpoints/feed_format.h"
#include "net/http/http_error.h"
#include "net/http/later_answer.h"
#include "sync/messages.h"

namespace cotext::net {
namespace {

constexpr uint64_t kRetryMs = 1'000;

std::string GrantsKey(const sync::Identity& identity) {
  std::string key;
  for (const sync::Grant& grant : identity.grants) {
    key += grant.is_read_only ? "read-only" : std::to_string(grant.rights);
    key += ' ' + grant.documents + '\n';
  }
  return key;
}

HttpResponse ToResponse(const EditOutcome& outcome, QuillUnit unit) {
  if (outcome.is_mismatch) return ErrorResponse(PreconditionFailed());
  nlohmann::ordered_json json = {{"version", outcome.version}};
  if (outcome.ops) {
    json["unit"] = NameOf(unit);
    json["ops"] = nlohmann::ordered_json::parse(*outcome.ops).at("ops");
  }
  HttpResponse response = JsonResponse(json.dump());
  response.headers.emplace_back("ETag", '"' + outcome.version + '"');
  return response;
}

HttpResponse ToResponse(const Error& error) {
  // Of the edit, not of HTTP: what the client sent is no request that can be made.
  if (error.code == ErrorCode::kTooSlow) {
    return ErrorResponse(Error{ErrorCode::kRateLimited, error.message}, kRetryMs);
  }
  return ErrorResponse(error);
}

// Whoever tried again might make it twice.
HttpResponse MayBeMade() {
  return ErrorResponse(HttpError{.status = 503,
                                 .code = "not_durable_yet",
                                 .message = "the edit is not durable yet, but may still be made"});
}

HttpResponse NotMade(const char* why) {
  return ErrorResponse(Error{ErrorCode::kStorageFailed, why}, kRetryMs);
}

size_t BytesOf(const EditRequest& edit) { return edit.ops.size() + edit.text.value_or("").size(); }

}  // namespace

EditEndpoint::~EditEndpoint() {
  for (auto& [key, entry] : writers_) schedule_->Cancel(entry.drop);
  writers_.clear();  // Their edits give back room.
}

HttpReply EditEndpoint::Post(const HttpRequest& request, const sync::Identity& identity,
                             const std::string& document) {
  Expected<EditRequest> edit = ReadEditRequest(request.body);
  if (!edit) return ErrorResponse(edit.error());
  edit->if_match = request.if_match;
  const Key key = {{document, identity.user}, GrantsKey(identity)};
  return AnswerLater([this, key, identity, edit = *std::move(edit)](const GiveAnswer& answer) {
    Write(key, identity, edit, answer);
  });
}

void EditEndpoint::Write(const Key& key, const sync::Identity& identity, const EditRequest& edit,
                         const GiveAnswer& answer) {
  const size_t bytes = BytesOf(edit);
  if (waiting_bytes_ + bytes > options_.waiting_bytes_max) {
    return answer(NotMade("too many edits wait for the store"));
  }
  Entry* const entry = FindOrMake(key, identity);
  if (entry == nullptr) {
    return answer(ErrorResponse(
        Error{ErrorCode::kTooManyDocuments, "too many documents are edited at once"}, kRetryMs));
  }
  const uint64_t job = ++jobs_;
  waiting_bytes_ += bytes;
  // Gives the room back, whichever way it ends.
  const std::shared_ptr<void> room(nullptr, [this, bytes](void*) { waiting_bytes_ -= bytes; });
  asked_.emplace(job, std::pair(key, answer));
  // An answer that comes second is passed over.
  auto late = std::make_shared<Schedule::TaskId>(
      schedule_->After(options_.answer_ms, [this, key, job, answer] { answer(GiveUp(key, job)); }));
  entry->writer->Write(
      job, edit,
      [this, key, job, answer, late, room, unit = edit.unit](const Expected<EditOutcome>& outcome) {
        schedule_->Cancel(*late);
        asked_.erase(job);
        answer(outcome ? ToResponse(*outcome, unit) : ToResponse(outcome.error()));
        Plan(key);
      });
}

void EditEndpoint::GiveUpAll() {
  const auto asked = asked_;
  for (const auto& [job, how] : asked) how.second(GiveUp(how.first, job));
}

HttpResponse EditEndpoint::GiveUp(const Key& key, uint64_t job) {
  asked_.erase(job);
  const auto found = writers_.find(key);
  if (found == writers_.end() || !found->second.writer->Withdraw(job)) return MayBeMade();
  Plan(key);
  return NotMade("the store was too slow; the edit was not made");
}

EditEndpoint::Entry* EditEndpoint::FindOrMake(const Key& key, const sync::Identity& identity) {
  const auto found = writers_.find(key);
  if (found != writers_.end() && !found->second.writer->has_failed()) {
    schedule_->Cancel(found->second.drop);
    return &found->second;
  }
  if (found != writers_.end()) Drop(found);
  if (writers_.size() >= options_.writers_max && !MakeRoom()) return nullptr;
  EditWriter::Options options{
      .identity = identity, .document = key.first.first, .random = random_, .former = {}};
  // It is a program that does not look: others need not see it come and go.
  for (sync::Grant& grant : options.identity.grants) grant.rights &= ~sync::kMayShow;
  // Nobody else goes on with it meanwhile.
  if (auto former = former_.extract(key.first)) options.former = former.mapped();
  Entry& entry = writers_[key];
  entry.writer = std::make_unique<EditWriter>(*driver_, *schedule_, *readers_, std::move(options));
  return &entry;
}

// Lets go of who has had nothing to do for longest. O(writers_max).
bool EditEndpoint::MakeRoom() {
  auto oldest = writers_.end();
  for (auto at = writers_.begin(); at != writers_.end(); ++at) {
    if (!at->second.writer->is_idle()) continue;
    if (oldest == writers_.end() || at->second.planned < oldest->second.planned) oldest = at;
  }
  if (oldest == writers_.end()) return false;
  Drop(oldest);
  return true;
}

// A writer calls this when an edit is done.
void EditEndpoint::Plan(const Key& key) {
  const auto found = writers_.find(key);
  if (found == writers_.end()) return;
  found->second.planned = ++plans_;
  schedule_->Cancel(found->second.drop);
  const uint64_t wait_ms = found->second.writer->has_failed() ? 0 : options_.idle_ms;
  found->second.drop = schedule_->After(wait_ms, [this, key] {
    const auto idle = writers_.find(key);
    idle->second.drop = 0;
    if (!idle->second.writer->is_idle()) return;
    Drop(idle);
  });
}

void EditEndpoint::Drop(std::map<Key, Entry>::iterator entry) {
  schedule_->Cancel(entry->second.drop);
  if (const auto former = entry->second.writer->Retire()) {
    if (former_.size() >= options_.former_max) former_.erase(former_.begin());
    former_.insert_or_assign(entry->first.first, *former);
  }
  writers_.erase(entry);
}

bool EditEndpoint::Forget(const std::string& document) {
  for (auto at = writers_.lower_bound({{document, ""}, ""}); at != writers_.end();) {
    if (at->first.first.first != document) break;
    if (!at->second.writer->is_idle()) return false;
    Drop(at++);
  }
  return true;
}

}  // namespace cotext::net
