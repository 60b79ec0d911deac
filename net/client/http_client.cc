#include "net/client/http_client.h"

#include <curl/curl.h>
#include <strings.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <future>
#include <map>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>

#include "sync/slow_line.h"

namespace cotext::net {
namespace {

// Wakes come by curl_multi_wakeup; this is for libcurl's own timers only.
constexpr int kPollMs = 1'000;

uint64_t NowMs() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

struct Transfer {
  explicit Transfer(HttpCall what) : call(std::move(what)) {}
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer() {
    curl_slist_free_all(headers);
    if (easy != nullptr) curl_easy_cleanup(easy);
  }

  uint64_t number = 0;
  HttpCall call;
  HttpClient::Done done = {};
  HttpAnswer answer = {};
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  uint64_t due_ms = 0;  // When it is given up.
  std::array<char, CURL_ERROR_SIZE> failure = {};
};

size_t OnAnswerBytes(char* bytes, size_t one, size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const size_t size = one * count;
  if (transfer.answer.body.size() + size > transfer.call.answer_bytes_max) return 0;
  transfer.answer.body.append(bytes, size);
  transfer.due_ms = NowMs() + transfer.call.timeout_ms;
  if (transfer.call.on_piece) transfer.call.on_piece();
  return size;
}

// Of all header fields only one is wanted.
size_t OnHeaderLine(char* bytes, size_t one, size_t count, void* user) {
  constexpr std::string_view kTag = "etag:";
  constexpr size_t kTagBytesMax = 4096;
  std::string_view line(bytes, one * count);
  const bool is_tag = line.size() <= kTagBytesMax && line.size() > kTag.size() &&
                      strncasecmp(line.data(), kTag.data(), kTag.size()) == 0;
  if (is_tag) {
    const size_t begin = line.find('"');
    const size_t end = line.rfind('"');
    if (begin < end)
      static_cast<Transfer*>(user)->answer.tag = line.substr(begin + 1, end - begin - 1);
  }
  return one * count;
}

// Returns whether libcurl took all that was set.
bool SetUp(Transfer& transfer, const TlsOptions& tls) {
  CURL* const easy = transfer.easy = curl_easy_init();
  if (easy == nullptr) return false;
  const HttpCall& call = transfer.call;
  // libwebsockets answers no "Expect: 100-continue".
  transfer.headers = curl_slist_append(nullptr, "Expect:");
  for (const std::string& header : call.headers) {
    transfer.headers = curl_slist_append(transfer.headers, header.c_str());
  }
  bool is_fine = true;
  const auto set = [&](CURLoption option, auto value) {
    is_fine &= curl_easy_setopt(easy, option, value) == CURLE_OK;
  };
  set(CURLOPT_URL, call.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  set(CURLOPT_NOSIGNAL, 1L);
  // A call that ends while its name is looked up does not wait for that.
  set(CURLOPT_QUICK_EXIT, 1L);
  set(CURLOPT_HTTPHEADER, transfer.headers);
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(call.connect_ms_max));
  set(CURLOPT_ERRORBUFFER, transfer.failure.data());
  set(CURLOPT_WRITEFUNCTION, &OnAnswerBytes);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&transfer));
  set(CURLOPT_HEADERFUNCTION, &OnHeaderLine);
  set(CURLOPT_HEADERDATA, static_cast<void*>(&transfer));
  set(CURLOPT_PRIVATE, static_cast<void*>(&transfer));
  set(CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  if (!tls.ca_file.empty()) {
    set(CURLOPT_CAINFO, tls.ca_file.c_str());
    // Or the system's authorities would be trusted beside those.
    set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
  if (call.method == "POST") {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
    set(CURLOPT_POSTFIELDS, call.body.data());
  } else if (call.method != "GET") {
    set(CURLOPT_CUSTOMREQUEST, call.method.c_str());
  }
  return is_fine;
}

}  // namespace

struct HttpClient::Parts {
  TlsOptions tls;
  CURLM* multi = nullptr;
  std::thread thread;

  std::mutex mutex;  // Of what follows.
  std::vector<std::unique_ptr<Transfer>> to_start;
  std::vector<uint64_t> to_cancel;
  uint64_t next_number = 1;
  bool is_ending = false;

  // Of the thread.
  std::map<uint64_t, std::unique_ptr<Transfer>> transfers;

  void Run();
  bool TakeOrders();
  void Begin(std::unique_ptr<Transfer> transfer);
  void Cancel(uint64_t number);
  void FinishDone();
  void Finish(Transfer& transfer, HttpAnswer answer);
  void GiveUpLate();
  int PollMs() const;
  void Drop(std::map<uint64_t, std::unique_ptr<Transfer>>::iterator at);
};

// Returns whether it goes on.
bool HttpClient::Parts::TakeOrders() {
  std::vector<std::unique_ptr<Transfer>> starts;
  std::vector<uint64_t> cancels;
  {
    const std::lock_guard lock(mutex);
    if (is_ending) return false;
    starts.swap(to_start);
    cancels.swap(to_cancel);
  }
  for (auto& transfer : starts) Begin(std::move(transfer));
  for (const uint64_t number : cancels) Cancel(number);
  return true;
}

void HttpClient::Parts::Begin(std::unique_ptr<Transfer> transfer) {
  if (!SetUp(*transfer, tls) || curl_multi_add_handle(multi, transfer->easy) != CURLM_OK) {
    return transfer->done(
        {.status = 0, .body = {}, .tag = {}, .failure = "the request cannot be made"});
  }
  transfer->due_ms =
      NowMs() + transfer->call.timeout_ms + sync::SlowLineMs(transfer->call.body.size());
  const uint64_t number = transfer->number;
  transfers.emplace(number, std::move(transfer));
}

void HttpClient::Parts::Cancel(uint64_t number) {
  const auto found = transfers.find(number);
  if (found != transfers.end()) Drop(found);
}

void HttpClient::Parts::Drop(std::map<uint64_t, std::unique_ptr<Transfer>>::iterator at) {
  curl_multi_remove_handle(multi, at->second->easy);
  transfers.erase(at);
}

void HttpClient::Parts::FinishDone() {
  int left = 0;
  while (const CURLMsg* const message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode result = message->data.result;
    char* user = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &user);
    auto& transfer = *reinterpret_cast<Transfer*>(user);
    HttpAnswer answer = std::move(transfer.answer);
    if (result == CURLE_OK) {
      long status = 0;
      curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
      answer.status = static_cast<int>(status);
    } else {
      answer = {.status = 0,
                .body = {},
                .tag = {},
                .failure = transfer.failure[0] != '\0' ? std::string(transfer.failure.data())
                                                       : std::string(curl_easy_strerror(result)),
                .has_timed_out = result == CURLE_OPERATION_TIMEDOUT};
    }
    Finish(transfer, std::move(answer));
  }
}

void HttpClient::Parts::Finish(Transfer& transfer, HttpAnswer answer) {
  const Done done = std::move(transfer.done);
  Drop(transfers.find(transfer.number));
  done(std::move(answer));
}

// A time-out of libcurl's is for all of a call: whatever takes longer would never arrive.
void HttpClient::Parts::GiveUpLate() {
  const uint64_t now_ms = NowMs();
  for (auto at = transfers.begin(); at != transfers.end();) {
    Transfer& transfer = *(at++)->second;
    if (now_ms < transfer.due_ms) continue;
    Finish(transfer, {.status = 0,
                      .body = {},
                      .tag = {},
                      .failure = "no answer in time",
                      .has_timed_out = true});
  }
}

int HttpClient::Parts::PollMs() const {
  const uint64_t now_ms = NowMs();
  uint64_t wait_ms = kPollMs;
  for (const auto& [number, transfer] : transfers) {
    wait_ms = std::min(wait_ms, transfer->due_ms - std::min(transfer->due_ms, now_ms));
  }
  return static_cast<int>(wait_ms);
}

void HttpClient::Parts::Run() {
  while (TakeOrders()) {
    int running = 0;
    curl_multi_perform(multi, &running);
    FinishDone();
    GiveUpLate();
    curl_multi_poll(multi, nullptr, 0, PollMs(), nullptr);
  }
  while (!transfers.empty()) Drop(transfers.begin());
}

Expected<std::unique_ptr<HttpClient>> HttpClient::Create(const TlsOptions& tls) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) return MakeError(ErrorCode::kIo, "libcurl does not start");
  auto parts = std::make_unique<Parts>();
  parts->tls = tls;
  parts->multi = curl_multi_init();
  if (parts->multi == nullptr) return MakeError(ErrorCode::kIo, "libcurl does not start");
  parts->thread = std::thread([all = parts.get()] { all->Run(); });
  return std::unique_ptr<HttpClient>(new HttpClient(std::move(parts)));
}

HttpClient::HttpClient(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

HttpClient::~HttpClient() {
  {
    const std::lock_guard lock(parts_->mutex);
    parts_->is_ending = true;
  }
  curl_multi_wakeup(parts_->multi);
  parts_->thread.join();
  curl_multi_cleanup(parts_->multi);
}

uint64_t HttpClient::Start(HttpCall call, Done done) {
  auto transfer = std::make_unique<Transfer>(std::move(call));
  transfer->done = std::move(done);
  uint64_t number = 0;
  {
    const std::lock_guard lock(parts_->mutex);
    number = transfer->number = parts_->next_number++;
    parts_->to_start.push_back(std::move(transfer));
  }
  curl_multi_wakeup(parts_->multi);
  return number;
}

void HttpClient::Cancel(uint64_t call) {
  {
    const std::lock_guard lock(parts_->mutex);
    parts_->to_cancel.push_back(call);
  }
  curl_multi_wakeup(parts_->multi);
}

HttpAnswer HttpClient::Fetch(HttpCall call) {
  std::promise<HttpAnswer> promise;
  std::future<HttpAnswer> answer = promise.get_future();
  Start(std::move(call), [&promise](HttpAnswer got) { promise.set_value(std::move(got)); });
  return answer.get();
}

}  // namespace cotext::net
