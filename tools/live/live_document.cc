#include "tools/live/live_document.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <iostream>
#include <map>
#include <string_view>
#include <utility>
#include <variant>

#include "document/anchor.h"
#include "document/document_id.h"
#include "document/offset.h"
#include "net/client/transport_choice.h"
#include "tools/terminal_text.h"

namespace cotext {
namespace {

using Json = nlohmann::ordered_json;

sigset_t EndingSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

net::TransportMode ModeNamed(const std::string& name) {
  if (name == "websocket") return net::TransportMode::kWebSocket;
  return name == "poll" ? net::TransportMode::kPoll : net::TransportMode::kAuto;
}

std::string ToHex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    hex += kDigits[value >> 4U];
    hex += kDigits[value & 0x0fU];
  }
  return hex;
}

std::optional<std::string> FromHex(std::string_view hex) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    const size_t high = kDigits.find(hex[i]);
    const size_t low = kDigits.find(hex[i + 1]);
    if (high == kDigits.npos || low == kDigits.npos) return std::nullopt;
    bytes += static_cast<char>(high << 4U | low);
  }
  return bytes;
}

}  // namespace

void AddLiveOptions(CLI::App& command, LiveOptions& options) {
  AddServerOption(command, options.server);
  command.add_option("DOCUMENT", options.document, "The document's name")->required();
  command.add_option("--engine", options.engine, "The document's engine, if it is a new one")
      ->check(CLI::IsMember({"auto", "rga", "ot"}))
      ->capture_default_str();
  command.add_option("--transport", options.transport, "How the server is reached")
      ->check(CLI::IsMember({"auto", "websocket", "poll"}))
      ->capture_default_str();
}

LiveDocument::LiveDocument(const LiveOptions& options, OnEvent on_event)
    : options_(options), on_event_(std::move(on_event)) {}

Expected<std::unique_ptr<LiveDocument>> LiveDocument::Open(const LiveOptions& options,
                                                           OnEvent on_event) {
  std::unique_ptr<LiveDocument> live(new LiveDocument(options, std::move(on_event)));
  // The client's threads inherit the mask.
  const sigset_t signals = EndingSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  live->wake_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  live->signals_ = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
  if (live->wake_ < 0 || live->signals_ < 0) {
    return MakeError(ErrorCode::kIo, "the system has no events left");
  }
  // A token that cannot be read is found out before anything is waited for.
  auto token = TokenOf(options.server);
  if (!token) return std::unexpected(std::move(token).error());
  COTEXT_RETURN_IF_ERROR(live->OpenClient(*std::move(token)));
  COTEXT_RETURN_IF_ERROR(live->OpenDocument());
  live->client_->Start();
  return live;
}

LiveDocument::~LiveDocument() {
  client_.reset();
  if (wake_ >= 0) close(wake_);
  if (signals_ >= 0) close(signals_);
}

Expected<void> LiveDocument::OpenClient(std::string token) {
  // While its file is written anew the former one holds, rather than none.
  const auto renewed = [server = options_.server, last = std::move(token)]() mutable {
    if (auto now = TokenOf(server)) last = *std::move(now);
    return last;
  };
  net::ClientOptions client{
      .url = options_.server.url,
      .tls = {.ca_file = options_.server.ca_file},
      .choice = {.mode = ModeNamed(options_.transport)},
      .token = renewed,
      .on_wake =
          [wake = wake_] {
            const uint64_t one = 1;
            [[maybe_unused]] const ssize_t written = write(wake, &one, sizeof(one));
          },
      .on_event = [this](const sync::ClientEvent& event) { NoteEvent(event); },
      // What cannot be saved is not sent, and is told by an event.
      .before_send = [this] { return Save(); },
  };
  client.sync.agent = "cotext";
  auto made = net::Client::Create(std::move(client));
  if (!made) return std::unexpected(std::move(made).error());
  client_ = *std::move(made);
  return {};
}

Expected<void> LiveDocument::OpenDocument() {
  if (options_.save_file.empty()) {
    options_.engine == "ot" ? OpenOt() : OpenRga();
    return {};
  }
  if (options_.engine == "ot") {
    return MakeError(ErrorCode::kUnsupported, "--save takes a document of the RGA");
  }
  auto saved = SavedReplica::Open(options_.save_file, net::RandomReplicaId());
  if (!saved) return std::unexpected(std::move(saved).error());
  saved_ = *std::move(saved);
  key_ = client_->Open(options_.document, saved_->document(), saved_->former_replicas());
  return {};
}

void LiveDocument::OpenRga() {
  rga_ = std::make_unique<RgaDocument>(net::RandomReplicaId());
  key_ = client_->Open(options_.document, *rga_);
}

void LiveDocument::OpenOt() {
  // An empty text fits any document.
  ot_ = *OtReplica::FromText(net::RandomOtClientId(), 0, "");
  key_ = client_->Open(options_.document, *ot_);
}

Document& LiveDocument::document() {
  if (saved_) return saved_->document();
  if (rga_) return *rga_;
  return ot_->document();
}

Expected<void> LiveDocument::Save() { return saved_ ? saved_->Save() : Expected<void>(); }

// Events.

void LiveDocument::NoteEvent(const sync::ClientEvent& event) {
  if (const auto* const failed = std::get_if<sync::DocumentFailed>(&event)) {
    // A document that was known once has edits to lose: it was replaced.
    const bool may_be_other =
        options_.engine == "auto" && rga_ != nullptr && rga_->id() == DocumentId{};
    if (failed->error.code == ErrorCode::kWrongEngine && may_be_other) {
      is_other_engine_ = true;
      return;
    }
    failure_ = failed->error;
  }
  if (const auto* const changed = std::get_if<sync::StatusChanged>(&event)) {
    const bool is_refused = changed->status == sync::ConnectionStatus::kDisconnected &&
                            !changed->reason.message.empty();
    if (is_refused) failure_ = changed->reason;
    reason_ = changed->reason.message;
  }
  if (const auto* const held = std::get_if<sync::EditsHeld>(&event)) {
    // They are not to be somewhere else before they are in the file.
    if (held->document == 0) failure_ = held->reason;
  }
  if (on_event_) on_event_(event);
}

void LiveDocument::Pump() {
  client_->Pump();
  TakeSignals();
  if (!std::exchange(is_other_engine_, false)) return;
  client_->Close(key_);
  rga_.reset();
  OpenOt();
  client_->Pump();
}

bool LiveDocument::WaitUntil(const std::function<bool()>& predicate) {
  bool is_so = false;
  has_timed_out_ = false;
  const auto is_over = [&] {
    Pump();
    is_so = !failure_ && predicate();
    return is_so || failure_.has_value() || was_signalled_;
  };
  // A signal interrupts nothing, so it is looked for now and then.
  constexpr uint64_t kLookMs = 100;
  const uint64_t timeout_ms = options_.server.timeout_ms();
  for (uint64_t left_ms = timeout_ms; left_ms > 0; left_ms -= std::min(kLookMs, left_ms)) {
    if (client_->WaitUntil(is_over, std::min(kLookMs, left_ms))) return is_so;
    if (client_->status() == sync::ConnectionStatus::kDisconnected) return false;
  }
  has_timed_out_ = true;
  return false;
}

void LiveDocument::TakeSignals() {
  signalfd_siginfo signal{};
  if (read(signals_, &signal, sizeof(signal)) > 0) was_signalled_ = true;
}

bool LiveDocument::Sleep(int input) {
  std::array<pollfd, 3> watched = {pollfd{.fd = wake_, .events = POLLIN, .revents = 0},
                                   pollfd{.fd = signals_, .events = POLLIN, .revents = 0},
                                   pollfd{.fd = input, .events = POLLIN, .revents = 0}};
  if (poll(watched.data(), watched.size(), -1) < 0) return false;
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t taken = read(wake_, &count, sizeof(count));
  return watched[2].revents != 0;
}

// Carets.

Expected<void> LiveDocument::ShowCaret(uint64_t position, const Json& fields) {
  Json state = fields;
  if (ot_) {
    const auto at = ot_->FromLocal(CodePointOffset{position}, Bias::kBefore);
    if (at) state["caret"] = {{"revision", ot_->revision()}, {"position", at->value}};
  } else if (const auto anchor =
                 document().CreateAnchor(CodePointOffset{position}, Bias::kBefore)) {
    state["caret"] = ToHex(anchor->bytes());
  }
  return client_->SetPresence(key_, state.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::optional<uint64_t> LiveDocument::CaretOf(const sync::PresentUser& user) {
  const auto state = nlohmann::json::parse(user.state, nullptr, false);
  if (!state.is_object() || !state.contains("caret")) return std::nullopt;
  const auto& caret = state["caret"];
  if (caret.is_string() && !ot_) {
    const auto anchor = Anchor::FromBytes(FromHex(caret.get<std::string>()).value_or(""));
    if (!anchor) return std::nullopt;
    const auto at = document().ResolveAnchor(*anchor);
    return at ? std::optional(at->value) : std::nullopt;
  }
  if (!ot_ || !caret.is_object()) return std::nullopt;
  const auto number = [&](const char* name) {
    return caret.contains(name) && caret[name].is_number_unsigned()
               ? std::optional(caret[name].get<uint64_t>())
               : std::nullopt;
  };
  const auto revision = number("revision");
  const auto position = number("position");
  if (!revision || !position) return std::nullopt;
  const auto at = ot_->ToLocal(*revision, CodePointOffset{*position}, Bias::kBefore);
  return at ? std::optional(at->value) : std::nullopt;
}

ExitCode ReportFailure(const LiveDocument& live) {
  if (const auto& failure = live.failure()) return ReportError(*failure);
  const std::string when =
      live.has_timed_out() ? " within " + std::to_string(live.timeout_s()) + " s (--timeout)" : "";
  std::cerr << "cotext: the server does not answer" << when
            << (live.reason().empty() ? "" : ": " + WithoutControls(live.reason())) << '\n';
  return ExitCode::kNetworkFailed;
}

}  // namespace cotext
