#include "net/endpoints/document_endpoint.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "document/check.h"
#include "document/document_id.h"
#include "document/error.h"
#include "net/driver/version_token.h"
#include "net/endpoints/read_task.h"
#include "net/http/http_error.h"
#include "net/http/later_answer.h"
#include "storage/compression.h"
#include "storage/document_list.h"
#include "storage/file_encoding.h"
#include "storage/stored_content.h"
#include "sync/messages.h"

namespace cotext::net {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kFileType[] = "application/octet-stream";
constexpr uint64_t kRetryMs = 1'000;
constexpr int kOk = 200;
constexpr int kNotModified = 304;

bool WantsFile(const HttpRequest& request) {
  const auto as = request.target.Find("as");
  return as ? *as == "file" : request.accept.starts_with(kFileType);
}

HttpResponse ToResponse(Expected<std::string> text) {
  return text ? TextResponse(*std::move(text)) : ErrorResponse(text.error());
}

// Adds what lets a cache ask whether an answer is still right.
HttpResponse WithTag(HttpResponse response, const std::string& tag) {
  if (response.status != kOk && response.status != kNotModified) return response;
  response.headers.emplace_back("ETag", '"' + tag + '"');
  response.headers.emplace_back("Cache-Control", "no-cache");
  return response;
}

bool IsNumber(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Returns the version that `at` names. Of OT it may be a revision: no version begins with a digit,
// as the first byte of each is small (version_token.h).
std::string VersionOf(std::string_view at, const DocumentReader& reader) {
  uint64_t revision = 0;
  if (reader.ot() == nullptr || !IsNumber(at)) return std::string(at);
  const auto [end, error] = std::from_chars(at.data(), at.data() + at.size(), revision);
  if (error != std::errc()) return std::string(at);
  return TokenOf(reader.id(), revision);
}

// The name's engine, as clients know it; nothing if the log does not say.
Json ToJson(const DocumentSummary& summary) {
  Json json = {{"name", summary.name}};
  if (summary.identity) {
    json["engine"] = summary.identity->engine == Engine::kRga ? "rga" : "ot";
  }
  json["created_ms"] = summary.created_ms;
  json["modified_ms"] = summary.modified_ms;
  json["bytes"] = summary.snapshot_bytes + summary.tail_bytes;
  return json;
}

// A page of at most `limit`; if there are more documents than that, where to go on.
std::string ListJson(std::vector<DocumentSummary> documents, size_t limit) {
  const bool has_more = documents.size() > limit;
  if (has_more) documents.resize(limit);
  Json list = Json::array();
  for (const DocumentSummary& summary : documents) list.push_back(ToJson(summary));
  Json json = {{"documents", std::move(list)}};
  if (has_more) json["next"] = documents.back().name;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The names that may be read, in order and apart: names that may not be are not to show, not even
// as where to go on.
std::vector<NameRange> ReadableNames(const sync::Identity& identity) {
  std::vector<NameRange> all;
  for (const sync::Grant& grant : identity.grants) {
    if ((grant.rights & sync::kMayRead) == 0) continue;
    const std::string_view pattern = grant.documents;
    all.push_back(pattern.ends_with('*') ? NamesThatBeginWith(pattern.substr(0, pattern.size() - 1))
                                         : NameAlone(pattern));
  }
  std::ranges::sort(all, {}, &NameRange::from);
  std::vector<NameRange> apart;
  for (NameRange& range : all) {
    if (!apart.empty() && range.from <= apart.back().end) {
      apart.back().end = std::max(apart.back().end, std::move(range.end));
    } else {
      apart.push_back(std::move(range));
    }
  }
  return apart;
}

std::optional<size_t> LimitOf(const HttpRequest& request) {
  const auto digits = request.target.Find("limit");
  if (!digits) return kListDefault;
  size_t limit = 0;
  const auto [end, error] = std::from_chars(digits->data(), digits->data() + digits->size(), limit);
  if (error != std::errc() || end != digits->data() + digits->size()) return std::nullopt;
  if (limit == 0 || limit > kListMax) return std::nullopt;
  return limit;
}

HttpResponse InUse() {
  return ErrorResponse(HttpError{.status = 409,
                                 .code = "document_in_use",
                                 .message = "somebody has the document open",
                                 .retry_after_ms = kRetryMs});
}

}  // namespace

HttpReply DocumentEndpoint::Get(const HttpRequest& request, const std::string& document) {
  return ReadDocument(*readers_, *schedule_, document,
                      [this, request, document](const DocumentReader& reader) -> HttpReply {
                        return Read(request, document, reader);
                      });
}

HttpReply DocumentEndpoint::Read(const HttpRequest& request, const std::string& document,
                                 const DocumentReader& reader) {
  const bool wants_file = WantsFile(request);
  const auto at = request.target.Find("at");
  if (wants_file && at) {
    return ErrorResponse(Error{ErrorCode::kBadRequest, "a file has all versions, or the latest"});
  }
  const std::string version = at ? VersionOf(*at, reader) : reader.Version();
  // A condition is about what would be answered, so there has to be that.
  if (const Expected<void> is_its = reader.CheckToken(version); !is_its) {
    return ErrorResponse(is_its.error());
  }
  const std::string tag = wants_file ? version + ".file" : version;
  if (!request.if_match.empty() && !HasStrongTag(request.if_match, tag)) {
    return ErrorResponse(PreconditionFailed());
  }
  if (!request.if_none_match.empty() && HasTag(request.if_none_match, tag)) {
    return WithTag({.status = kNotModified}, tag);
  }
  if (wants_file) return WithTag(FileOf(document, reader), tag);
  return TextAt(version, document, reader);
}

HttpResponse DocumentEndpoint::FileOf(const std::string& document, const DocumentReader& reader) {
  if (reader.rga() == nullptr) {
    const std::string text = reader.document().Text();
    return JsonResponse(OtDocumentJson(reader.id(), reader.ot()->revision(), text));
  }
  const std::string version = reader.Version();
  if (const std::string* const kept = files_.Find(document, version)) {
    return {.content_type = kFileType, .body = *kept};
  }
  // Whoever wants it smaller saves it again; here others wait for it.
  Expected<std::string> file = reader.rga()->Save(EncodingFor(Profile::kFast));
  if (!file) return ErrorResponse(file.error());
  files_.Keep(document, version, *file);
  return {.content_type = kFileType, .body = *std::move(file)};
}

HttpReply DocumentEndpoint::TextAt(std::string version, const std::string& document,
                                   const DocumentReader& reader) {
  Expected<std::string> text = reader.TextAt(version);
  if (text || reader.ot() == nullptr || text.error().code != ErrorCode::kTooOld) {
    return WithTag(ToResponse(std::move(text)), version);
  }
  const Expected<TokenVersion> revision = ReadToken(reader.id(), version);
  COTEXT_CHECK(revision.has_value());
  return AnswerLater([this, version = std::move(version), document,
                      revision = std::get<uint64_t>(*revision)](const GiveAnswer& answer) {
    catalog_->TextAt(document, revision, [answer, version](Expected<std::string> earlier) {
      answer(WithTag(ToResponse(std::move(earlier)), version));
    });
  });
}

HttpReply DocumentEndpoint::List(const HttpRequest& request, const sync::Identity& identity) {
  const std::optional<size_t> limit = LimitOf(request);
  if (!limit) return ErrorResponse(Error{ErrorCode::kBadRequest, "limit is from 1 to 1000"});
  const std::string after(request.target.Find("after").value_or(""));
  return AnswerLater(
      [this, after, names = ReadableNames(identity), limit = *limit](const GiveAnswer& answer) {
        catalog_->List(after, limit + 1, names,
                       [answer, limit](Expected<std::vector<DocumentSummary>> found) {
                         if (!found) return answer(ErrorResponse(found.error(), kRetryMs));
                         answer(JsonResponse(ListJson(*std::move(found), limit)));
                       });
      });
}

// Finds the version of a document that is to be deleted only if it is that.
class DocumentEndpoint::DeleteTask final : public HttpTask, public ReaderListener {
 public:
  DeleteTask(DocumentEndpoint& endpoint, HttpOutput& output, std::string document,
             std::string if_match)
      : endpoint_(&endpoint),
        output_(&output),
        document_(std::move(document)),
        if_match_(std::move(if_match)) {
    Expected<ReaderLease> lease = endpoint_->readers_->Read(document_, *this);
    if (!lease) {
      OnFailed(lease.error());
      return;
    }
    lease_ = *std::move(lease);
    if (lease_->state() == DocumentReader::State::kReady) {
      OnReady();
      return;
    }
    turn_ = endpoint_->schedule_->After(kLoadMsMax, [this] {
      turn_ = 0;
      OnFailed({ErrorCode::kStorageFailed, "the document takes too long to load"});
    });
  }
  ~DeleteTask() override { endpoint_->schedule_->Cancel(turn_); }

  // Not inside this call of the reader, which is to go.
  void OnReady() override {
    endpoint_->schedule_->Cancel(turn_);
    turn_ = endpoint_->schedule_->Soon([this] {
      turn_ = 0;
      Decide();
    });
  }
  void OnFailed(const Error& error) override {
    if (is_decided_) return;
    endpoint_->schedule_->Cancel(turn_);
    lease_.Release();
    output_->Answer(ErrorResponse(error));
  }

 private:
  void Decide() {
    const bool is_meant = HasStrongTag(if_match_, lease_->Version());
    is_decided_ = true;
    lease_.Release();
    if (!is_meant) return output_->Answer(ErrorResponse(PreconditionFailed()));
    const HttpReply reply = endpoint_->Remove(document_);
    if (const auto* const response = std::get_if<HttpResponse>(&reply.what)) {
      return output_->Answer(*response);
    }
    next_ = std::get<HttpStart>(reply.what)(*output_);
  }

  DocumentEndpoint* endpoint_;
  HttpOutput* output_;
  std::string document_;
  std::string if_match_;
  ReaderLease lease_;
  bool is_decided_ = false;
  Schedule::TaskId turn_ = 0;
  std::unique_ptr<HttpTask> next_;
};

HttpReply DocumentEndpoint::Delete(const HttpRequest& request, const std::string& document) {
  if (request.if_match.empty()) return Remove(document);
  return HttpStart([this, document, if_match = request.if_match](HttpOutput& output) {
    return std::make_unique<DeleteTask>(*this, output, document, if_match);
  });
}

HttpReply DocumentEndpoint::Remove(const std::string& document) {
  // Whoever opens it from now on finds what the store has then.
  if (!readers_->Forget(document) || !driver_->Forget(document)) return InUse();
  files_.Drop(document);
  return AnswerLater([this, document](const GiveAnswer& answer) {
    catalog_->Remove(document, [answer](const Expected<bool>& removed) {
      if (!removed) return answer(ErrorResponse(removed.error()));
      if (!*removed) {
        return answer(ErrorResponse(Error{ErrorCode::kNotFound, "there is no such document"}));
      }
      answer(EmptyResponse());
    });
  });
}

}  // namespace cotext::net
