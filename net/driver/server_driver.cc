#include "net/driver/server_driver.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "document/check.h"
#include "proto/wire.h"
#include "sync/hub_output.h"

namespace cotext::net {

ServerDriver::ServerDriver(sync::Store& store, ServerDriverOptions options)
    : options_(std::move(options)), store_(&store), server_(options_.random, options_.server) {
  server_.SetFarewell([this](sync::MessageRef ref) { encoded_.Drop(ref); });
}

// Transports.

ServerDriver::Entry* ServerDriver::Find(sync::ConnectionId connection) {
  const auto found = entries_.find(connection);
  return found == entries_.end() ? nullptr : &found->second;
}

sync::ConnectionId ServerDriver::OnConnect(Transport& transport, sync::Identity identity) {
  const sync::ConnectionId connection = next_connection_++;
  entries_.emplace(connection, Entry{.transport = &transport, .is_local = transport.is_local()});
  ++counters_.connections;
  server_.OnConnect(connection, std::move(identity), options_.now_ms());
  NoteInput();
  return connection;
}

void ServerDriver::OnBytes(sync::ConnectionId connection, std::string_view bytes) {
  if (!entries_.at(connection).is_local) {
    ++counters_.packets_in;
    counters_.bytes_in += bytes.size();
  }
  auto packet = proto::DecodePacket(bytes);
  if (!packet) return OnGarbage(connection, std::move(packet).error());
  server_.OnPacket(connection, *packet, bytes.size(), options_.now_ms());
  NoteInput();
}

void ServerDriver::OnGarbage(sync::ConnectionId connection, Error error) {
  ++counters_.bad_packets;
  server_.OnGarbage(connection, std::move(error), options_.now_ms());
  NoteInput();
}

void ServerDriver::OnSignOfLife(sync::ConnectionId connection) {
  server_.OnSignOfLife(connection, options_.now_ms());
}

void ServerDriver::OnPiece(sync::ConnectionId connection) {
  server_.OnPiece(connection, options_.now_ms());
}

void ServerDriver::OnGone(sync::ConnectionId connection) {
  const auto found = entries_.find(connection);
  COTEXT_CHECK(found != entries_.end());
  Drop(found->second);
  entries_.erase(found);
  server_.OnDisconnect(connection, options_.now_ms());
  NoteInput();
}

std::optional<std::string> ServerDriver::TakePacket(sync::ConnectionId connection,
                                                    size_t headroom) {
  Entry& entry = entries_.at(connection);
  if (entry.packets.empty()) return std::nullopt;
  const Waiting packet = std::move(entry.packets.front());
  entry.packets.DropFront();
  scratch_.clear();
  for (const sync::MessageRef ref : packet.messages) {
    const sync::Message& message = server_.message(ref);
    entry.waiting_bytes -= CostOf(message);
    scratch_.push_back(&encoded_.Of(ref, message));
  }
  std::string bytes = proto::EncodePacket(packet.head, scratch_, headroom);
  Release(packet);
  if (entry.packets.empty()) {
    // Most connections are silent most of the time.
    entry.packets = {};
    entry.is_told = false;
  }
  if (!entry.is_local) {
    ++counters_.packets_out;
    counters_.bytes_out += bytes.size() - headroom;
  }
  return bytes;
}

void ServerDriver::Release(const Waiting& packet) {
  for (const sync::MessageRef ref : packet.messages) server_.Release(ref);
}

void ServerDriver::Drop(Entry& entry) {
  for (; !entry.packets.empty(); entry.packets.DropFront()) Release(entry.packets.front());
  entry.packets = {};
  entry.waiting_bytes = 0;
}

size_t ServerDriver::WaitingBytes(sync::ConnectionId connection) const {
  const auto found = entries_.find(connection);
  return found == entries_.end() ? 0 : found->second.waiting_bytes;
}

size_t ServerDriver::waiting_bytes() const {
  size_t bytes = 0;
  for (const auto& [id, entry] : entries_) bytes += entry.is_local ? 0 : entry.waiting_bytes;
  return bytes;
}

// What connections may do.

void ServerDriver::SetGrants(sync::ConnectionId connection, std::vector<sync::Grant> grants) {
  Entry& entry = entries_.at(connection);
  if (entry.session) {
    server_.SetGrants(*entry.session, std::move(grants));
    NoteInput();
  } else {
    entry.grants = std::move(grants);
  }
}

void ServerDriver::End(sync::ConnectionId connection, const CloseReason& reason) {
  SetGrants(connection, {});
  server_.OnDisconnect(connection, options_.now_ms());
  Finish(connection, reason);
  NoteInput();
}

// Time.

void ServerDriver::NoteInput() {
  const uint64_t now_ms = options_.now_ms();
  tick_at_ms_ = std::min(tick_at_ms_.value_or(UINT64_MAX), now_ms + kTickMs);
  if (!call_at_ms_) {
    call_at_ms_ = std::max(now_ms, called_at_ms_ + pause_ms_ / kCallsAPause);
    Wake();
  }
  WantFlush();
}

void ServerDriver::WantFlush() {
  if (flush_at_ms_) return;
  flush_at_ms_ = std::max(options_.now_ms(), flushed_at_ms_ + pause_ms_);
  Wake();
}

void ServerDriver::Wake() {
  std::optional<uint64_t> next = flush_at_ms_;
  const auto consider = [&](uint64_t at_ms) { next = std::min(next.value_or(UINT64_MAX), at_ms); };
  if (tick_at_ms_) consider(*tick_at_ms_);
  if (call_at_ms_) consider(*call_at_ms_);
  if (step_at_ms_) consider(*step_at_ms_);
  if (!finishing_.empty()) consider(finishing_.front().first);
  if (next) options_.wake_at(*next);
}

void ServerDriver::OnTime() {
  const uint64_t now_ms = options_.now_ms();
  if (tick_at_ms_ && now_ms >= *tick_at_ms_) {
    server_.OnTick(now_ms);
    tick_at_ms_.reset();
    WantFlush();
  }
  StepIfDue(now_ms);
  if (call_at_ms_ && now_ms >= *call_at_ms_) CallStore();
  if (flush_at_ms_ && now_ms >= *flush_at_ms_) Flush();
  if (server_.has_steps() && !step_at_ms_) step_at_ms_ = options_.now_ms() + kStepPauseMs;
  KillLate();
  TellTransports();
  if (!tick_at_ms_) {
    if (const auto next = server_.NextTimeMs()) tick_at_ms_ = std::max(*next, now_ms + kTickMs);
  }
  Wake();
}

void ServerDriver::StepIfDue(uint64_t now_ms) {
  if (!step_at_ms_ || now_ms < *step_at_ms_) return;
  step_at_ms_.reset();
  server_.Step(now_ms);
  WantFlush();
}

void ServerDriver::ShutDown(uint64_t retry_after_ms) {
  server_.ShutDown(retry_after_ms, options_.now_ms());
  Flush();
  TellTransports();
  Wake();
}

// What the server wants.

// Makes the calls that inputs led to.
void ServerDriver::CallStore() {
  call_at_ms_.reset();
  called_at_ms_ = options_.now_ms();
  for (sync::CallStore& call : server_.TakeStoreCalls()) Call(call);
}

// Returns whether there were any.
bool ServerDriver::TakeAnswers() {
  std::vector<sync::StoreAnswer> answers = store_->TakeAnswers();
  for (sync::StoreAnswer& answer : answers) {
    server_.OnStoreAnswer(std::move(answer), options_.now_ms());
  }
  return !answers.empty();
}

void ServerDriver::Flush() {
  constexpr uint64_t kUsPerMs = 1000;
  flush_at_ms_.reset();
  flush_sent_ = 0;
  ++counters_.flushes;
  TakeAnswers();
  while (true) {
    std::vector<sync::ServerAction> actions = server_.TakeActions(options_.now_ms());
    if (actions.empty()) break;
    for (sync::ServerAction& action : actions) Do(action);
  }
  TellUnreadable();
  flushed_at_ms_ = options_.now_ms();
  pause_ms_ =
      std::min(options_.flush_ms_max, flush_sent_ * options_.flush_us_per_packet / kUsPerMs);
  // What was answered meanwhile goes out with what will be until the next one: it may be for as
  // many.
  if (TakeAnswers()) WantFlush();
}

void ServerDriver::TellUnreadable() {
  for (const sync::UnreadableDocument& unreadable : server_.TakeUnreadable()) {
    if (options_.on_unreadable) options_.on_unreadable(unreadable);
  }
}

void ServerDriver::Do(sync::ServerAction& action) {
  if (auto* const send = std::get_if<sync::SendPacket>(&action)) {
    Send(*send);
  } else if (const auto* const close = std::get_if<sync::CloseConnection>(&action)) {
    Finish(close->connection, {.error = close->reason, .may_retry = close->may_retry});
  } else {
    Call(std::get<sync::CallStore>(action));
  }
}

void ServerDriver::Send(sync::SendPacket& packet) {
  Entry* const entry = Find(packet.connection);
  if (entry == nullptr || entry->is_ending) return;
  for (const sync::MessageRef ref : packet.messages) {
    server_.Hold(ref);
    entry->waiting_bytes += CostOf(server_.message(ref));
    if (server_.message(ref).kind == sync::MessageKind::kWelcome) OnWelcome(*entry, ref);
  }
  entry->packets.AddBack() = {.head = packet.head, .messages = std::move(packet.messages)};
  ++flush_sent_;
  if (entry->waiting_bytes > options_.waiting_bytes_max) {
    ++counters_.slow;
    return Kill(packet.connection);
  }
  if (!std::exchange(entry->is_told, true)) to_tell_.push_back(packet.connection);
}

void ServerDriver::OnWelcome(Entry& entry, sync::MessageRef ref) {
  const auto welcome = sync::ReadWelcome(server_.message(ref));
  COTEXT_CHECK(welcome.has_value());
  entry.session = welcome->session;
  if (!entry.grants) return;
  server_.SetGrants(welcome->session, *std::exchange(entry.grants, std::nullopt));
}

void ServerDriver::Call(sync::CallStore& call) {
  if (auto* const append = std::get_if<sync::HubAppend>(&call.call)) {
    store_->Append(call.document, call.ticket, std::move(append->records));
  } else if (auto* const compact = std::get_if<sync::HubCompact>(&call.call)) {
    store_->Compact(call.document, call.ticket, compact->up_to, std::move(compact->snapshot));
  } else {
    store_->Load(call.document, call.ticket);
  }
}

void ServerDriver::Finish(sync::ConnectionId connection, const CloseReason& reason) {
  Entry* const entry = Find(connection);
  if (entry == nullptr || std::exchange(entry->is_ending, true)) return;
  entry->session.reset();  // Another connection may have it by now.
  if (!entry->is_local) {
    ++counters_.closed[reason.error.code];
    if (reason.error.code == ErrorCode::kTooSlow) ++counters_.slow;
  }
  to_finish_.emplace_back(connection, reason);
  finishing_.emplace_back(options_.now_ms() + options_.close_ms, connection);
}

void ServerDriver::Kill(sync::ConnectionId connection) {
  Entry& entry = entries_.at(connection);
  entry.is_ending = true;
  entry.session.reset();
  Drop(entry);
  server_.OnDisconnect(connection, options_.now_ms());
  to_kill_.push_back(connection);
  ++counters_.killed;
}

void ServerDriver::KillLate() {
  const uint64_t now_ms = options_.now_ms();
  for (; !finishing_.empty() && finishing_.front().first <= now_ms; finishing_.pop_front()) {
    if (Find(finishing_.front().second) != nullptr) Kill(finishing_.front().second);
  }
}

// Transports may be gone, and take packets, while others are told.
void ServerDriver::TellTransports() {
  const auto to_tell = std::exchange(to_tell_, {});
  const auto to_finish = std::exchange(to_finish_, {});
  const auto to_kill = std::exchange(to_kill_, {});
  for (const sync::ConnectionId connection : to_tell) {
    Entry* const entry = Find(connection);
    if (entry != nullptr && !entry->packets.empty()) entry->transport->OnPacketsWait();
  }
  for (const auto& [connection, reason] : to_finish) {
    if (Entry* const entry = Find(connection)) entry->transport->Finish(reason);
  }
  for (const sync::ConnectionId connection : to_kill) {
    if (Entry* const entry = Find(connection)) entry->transport->Kill();
  }
}

ServerDriverCounters ServerDriver::counters() const {
  ServerDriverCounters counters = counters_;
  counters.encodings = encoded_.encodings();
  return counters;
}

}  // namespace cotext::net
