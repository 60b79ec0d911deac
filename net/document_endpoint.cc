#include "net/document_endpoint.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "document/document_id.h"
#include "document/error.h"
#include "net/document_reader.h"
#include "net/later_answer.h"
#include "net/read_task.h"
#include "storage/compression.h"
#include "storage/document_list.h"
#include "storage/file_encoding.h"
#include "sync/messages.h"

namespace cotext::net {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kFileType[] = "application/octet-stream";
constexpr uint64_t kRetryMs = 1'000;

bool WantsFile(const HttpRequest& request) {
  const auto as = request.target.Find("as");
  return as ? *as == "file" : request.accept.starts_with(kFileType);
}

HttpResponse FileResponse(const DocumentReader& reader) {
  if (reader.rga() == nullptr) {
    return ErrorResponse(
        Error{ErrorCode::kUnsupported, "there are no files of documents of this engine"});
  }
  Expected<std::string> file = reader.rga()->Save(EncodingFor(Profile::kSmall));
  if (!file) return ErrorResponse(file.error());
  return {.content_type = kFileType, .body = *std::move(file)};
}

HttpResponse TextOf(const DocumentReader& reader, std::string_view version) {
  Expected<std::string> text = reader.TextAt(version);
  if (!text) return ErrorResponse(text.error());
  return TextResponse(*std::move(text));
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

HttpResponse DocumentResponse(const HttpRequest& request, const DocumentReader& reader) {
  const bool wants_file = WantsFile(request);
  const auto at = request.target.Find("at");
  if (wants_file && at) {
    return ErrorResponse(Error{ErrorCode::kBadRequest, "a file has all versions"});
  }
  const std::string version = at ? std::string(*at) : reader.Version();
  const std::string tag = wants_file ? version + ".file" : version;
  HttpResponse response;
  if (!request.if_none_match.empty() && HasTag(request.if_none_match, tag)) {
    response.status = 304;
  } else {
    response = wants_file ? FileResponse(reader) : TextOf(reader, version);
    if (response.status != 200) return response;
  }
  response.headers.emplace_back("ETag", '"' + tag + '"');
  response.headers.emplace_back("Cache-Control", "no-cache");
  return response;
}

HttpReply DocumentEndpoint::Get(const HttpRequest& request, const std::string& document) {
  return ReadDocument(*readers_, *schedule_, document, [request](const DocumentReader& reader) {
    return DocumentResponse(request, reader);
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

HttpReply DocumentEndpoint::Delete(const std::string& document) {
  // Whoever opens it from now on finds what the store has then.
  if (!readers_->Forget(document) || !driver_->Forget(document)) return InUse();
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
