#include "tests/net/served_documents.h"

#include <algorithm>
#include <variant>

#include "document/check.h"
#include "document/offset.h"

namespace cotext::net {

ServedDocuments::ServedDocuments(uint64_t seed) : random_(seed) {
  schedule_ = std::make_unique<Schedule>(
      Schedule::Options{.now_ms = [this] { return now_ms_; },
                        .wake_at = [this](uint64_t at_ms) { wake_schedule_ms_ = at_ms; }});
  ServerDriverOptions options;
  options.now_ms = [this] { return now_ms_; };
  options.wake_at = [this](uint64_t at_ms) { wake_driver_ms_ = at_ms; };
  options.random = random();
  driver_ = std::make_unique<ServerDriver>(store_, std::move(options));
}

ServedDocuments::~ServedDocuments() = default;

void ServedDocuments::Run(uint64_t ms) {
  for (const uint64_t end = now_ms_ + ms; now_ms_ <= end; ++now_ms_) {
    store_.SetTime(now_ms_);
    const auto answer_ms = store_.NextTimeMs();
    if (answer_ms && *answer_ms <= now_ms_) driver_->OnStoreAnswers();
    while (true) {
      if (wake_driver_ms_ && *wake_driver_ms_ <= now_ms_) {
        wake_driver_ms_.reset();
        driver_->OnTime();
      } else if (wake_schedule_ms_ && *wake_schedule_ms_ <= now_ms_) {
        wake_schedule_ms_.reset();
        schedule_->OnTime();
      } else {
        break;
      }
    }
  }
}

bool ServedDocuments::RunUntil(const std::function<bool()>& is_so) {
  constexpr int kLong = 10'000;
  for (int ms = 0; ms < kLong; ++ms) {
    if (is_so()) return true;
    Run(0);
  }
  return is_so();
}

ServedUser::ServedUser(ServedDocuments& served, const std::string& user,
                       const std::string& document, Engine engine, sync::Rights rights)
    : served_(&served) {
  const uint64_t id = 1 + served.random()() % (kIdLimit - 1);
  InProcessConnection::Options options;
  options.identity = {.user = user, .grants = {{.documents = "*", .rights = rights}}};
  options.random = served.random();
  options.on_turn = [this](const std::vector<sync::ClientEvent>& events) {
    for (const sync::ClientEvent& event : events) {
      if (const auto* failed = std::get_if<sync::DocumentFailed>(&event)) error_ = failed->error;
    }
  };
  connection_ =
      std::make_unique<InProcessConnection>(served.driver(), served.schedule(), std::move(options));
  if (engine == Engine::kRga) {
    rga_ = std::make_unique<RgaDocument>(ReplicaId{id});
    key_ = client().Open(document, *rga_);
  } else {
    ot_ = OtReplica::FromText(OtClientId{id}, 0, {}).value();
    key_ = client().Open(document, *ot_);
  }
  Settle();
}

ServedUser::~ServedUser() = default;

void ServedUser::Insert(uint64_t at, std::string_view text) {
  COTEXT_CHECK(document().Insert(CodePointOffset{at}, text).has_value());
  Settle();
}

void ServedUser::Erase(uint64_t at, uint64_t count) {
  COTEXT_CHECK(document().Erase(CodePointOffset{at}, CodePointOffset{at + count}).has_value());
  Settle();
}

void ServedUser::Settle() {
  connection_->Touch();
  served_->Run(1);
  served_->RunUntil([this] {
    return error_.has_value() || (client().IsCaughtUp(key_) && client().Count(key_).all_durable());
  });
}

KeptRequest Begin(const HttpReply& reply) {
  KeptRequest request;
  request.output = std::make_unique<KeptOutput>();
  if (const auto* const response = std::get_if<HttpResponse>(&reply.what)) {
    request.output->Answer(*response);
  } else {
    request.task = std::get<HttpStart>(reply.what)(*request.output);
  }
  return request;
}

}  // namespace cotext::net
