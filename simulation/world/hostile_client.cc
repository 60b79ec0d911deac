#include "simulation/world/hostile_client.h"

#include <utility>

#include "document/error.h"
#include "proto/wire.h"
#include "simulation/check/violation.h"
#include "sync/messages.h"

namespace cotext {
namespace {

constexpr uint64_t kPauseUs = 1'000'000;
constexpr std::string_view kDocument = "doc";

}  // namespace

void HostileClient::OnTime() {
  act_at_us_.reset();
  if (context_->now_us >= options_.until_us) return GiveUp();
  if (!connection_) return Connect();
  if (!is_open_) return Wait(kPauseUs);
  Advance();
}

void HostileClient::Connect() {
  if (!std::exchange(has_started_, true)) context_->network.Start(options_.node);
  connection_ = context_->network.Connect(options_.node, options_.server, ConnectionKind::kOrdered,
                                          context_->now_us);
  is_open_ = false;
  has_asked_ = false;
  state_ = HostileState{.engine = context_->engine, .server = options_.server};
  state_.wanted = static_cast<HostileStage>(random_.Below(3));
  attacks_left_ = random_.Between(1, 4);
  Wait(kPauseUs);
}

void HostileClient::GiveUp() {
  NoteGone();
  if (connection_) context_->network.Close(*connection_, options_.node, context_->now_us);
  connection_.reset();
}

void HostileClient::NoteGone() {
  if (session_ != 0) context_->record.presence.gone_at_us[session_] = context_->now_us;
  session_ = 0;
}

void HostileClient::Advance() {
  Wait(kPauseUs);
  if (state_.is_spent) return GiveUp();
  if (state_.stage == state_.wanted) {
    if (attacks_left_ == 0) return GiveUp();
    --attacks_left_;
    return Attack();
  }
  if (state_.stage == HostileStage::kConnected) {
    if (!state_.has_greeted) SendControl(sync::ToMessage(sync::Hello{}));
    state_.has_greeted = true;
  } else if (!std::exchange(has_asked_, true)) {
    // Who may make documents can take a name before others; that is no attack on those who have it.
    SendNumbered(sync::ToMessage(sync::Open{.request = state_.next_request++,
                                            .engine = context_->engine,
                                            .writer = options_.node,
                                            .id = context_->document_id,
                                            .name = std::string(kDocument)}));
  }
}

void HostileClient::Attack() {
  std::optional<HostileAttack> attack = DrawAttack(state_, *context_, random_);
  if (!attack) return;
  context_->coming_attacks[*connection_].emplace_back(attack->packet,
                                                      context_->record.attacks.size());
  context_->record.attacks.push_back({.at_us = context_->now_us,
                                      .node = options_.node,
                                      .what = std::move(attack->what),
                                      .codes = std::move(attack->codes),
                                      .may_go_on = attack->may_go_on});
  context_->network.Send(*connection_, options_.node, std::move(attack->packet), context_->now_us);
}

void HostileClient::OnNetwork(const NetworkEvent& event) {
  if (event.connection != connection_) return;
  switch (event.kind) {
    case NetworkEvent::Kind::kOpened: is_open_ = true; break;
    case NetworkEvent::Kind::kPacket: OnPacket(event); break;
    case NetworkEvent::Kind::kClosed:
      NoteGone();
      connection_.reset();
      if (context_->now_us < options_.until_us) Wait(kPauseUs);
      break;
  }
}

void HostileClient::OnPacket(const NetworkEvent& event) {
  const auto packet = proto::DecodePacket(event.packet);
  if (!packet) return;
  if (packet->head.first == state_.received + 1) state_.received += packet->messages.size();
  for (const sync::Message& message : packet->messages) OnMessage(message, event.connection);
}

void HostileClient::OnMessage(const sync::Message& message, ConnectionNumber connection) {
  switch (message.kind) {
    case sync::MessageKind::kWelcome: {
      const auto welcome = sync::ReadWelcome(message);
      if (!welcome) return;
      if (state_.stage == HostileStage::kConnected) state_.stage = HostileStage::kGreeted;
      session_ = (context_->connection_lives.at(connection) << 32U) + welcome->session;
      if (context_->tokens.contains(welcome->token)) {
        context_->record.refusals.Add(AtTime(context_->now_us) + " " + NodeName(options_.node) +
                                      " was given the session of somebody else");
      }
      return;
    }
    case sync::MessageKind::kOpened:
      // Those of a flood are not the document.
      if (!has_asked_ || state_.stage == HostileStage::kOpened) return;
      state_.channel = message.channel;
      state_.stage = HostileStage::kOpened;
      return;
    case sync::MessageKind::kUpdate:
    case sync::MessageKind::kCommit: state_.seen.push_back(message); return;
    default: return;
  }
}

void HostileClient::SendControl(const sync::Message& message) {
  context_->network.Send(*connection_, options_.node,
                         proto::EncodePacket({.head = {}, .messages = {message}}),
                         context_->now_us);
}

void HostileClient::SendNumbered(const sync::Message& message) {
  context_->network.Send(
      *connection_, options_.node,
      proto::EncodePacket({.head = {.first = state_.next_number++, .received = state_.received},
                           .messages = {message}}),
      context_->now_us);
}

}  // namespace cotext
