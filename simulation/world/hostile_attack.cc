#include "simulation/world/hostile_attack.h"

#include <algorithm>
#include <array>
#include <utility>

#include "crdt/codec/update_tools.h"
#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/delta.h"
#include "document/offset.h"
#include "ot/operation_codec.h"
#include "proto/wire.h"
#include "simulation/check/check_hostile.h"
#include "sync/packet.h"

namespace cotext {
namespace {

using sync::ToMessage;

const std::set<ErrorCode> kBad = {ErrorCode::kBadMessage};

std::set<ErrorCode> AllCodes() {
  std::set<ErrorCode> codes;
  for (unsigned code = 0; code < 256; ++code) {
    if (IsOfProtocol(static_cast<ErrorCode>(code))) codes.insert(static_cast<ErrorCode>(code));
  }
  return codes;
}

class Attacker {
 public:
  Attacker(HostileState& state, const WorldContext& context, Random& random)
      : state_(state), context_(context), random_(random) {}

  std::optional<HostileAttack> Draw() {
    if (random_.Chance(30)) return NoPacket();
    switch (state_.stage) {
      case HostileStage::kConnected: return BeforeHello();
      case HostileStage::kGreeted: return random_.Chance(30) ? Replay() : InSession();
      case HostileStage::kOpened: break;
    }
    if (random_.Chance(20)) return Replay();
    if (random_.Chance(30)) return Forgery();
    return random_.Chance(20) ? InSession() : InDocument();
  }

 private:
  std::string Bytes(uint64_t most) {
    std::string bytes;
    for (uint64_t count = random_.Between(1, most); count > 0; --count) {
      bytes.push_back(static_cast<char>(random_.Below(256)));
    }
    return bytes;
  }

  // LEB128 without an end: nothing that begins with a number begins so.
  static std::string NoNumber() { return std::string(12, '\xff'); }

  static std::string Control(const sync::Message& message) {
    return proto::EncodePacket({.head = {}, .messages = {message}});
  }

  std::string Numbered(std::vector<sync::Message> messages) {
    const uint64_t first = state_.next_number;
    state_.next_number += messages.size();
    return proto::EncodePacket(
        {.head = {.first = first, .received = state_.received}, .messages = std::move(messages)});
  }
  std::string Numbered(sync::Message message) {
    return Numbered(std::vector<sync::Message>{std::move(message)});
  }

  sync::Message OpenOf(std::string name) {
    return ToMessage(sync::Open{.request = state_.next_request++,
                                .engine = state_.engine,
                                .writer = 1,
                                .name = std::move(name)});
  }

  HostileAttack NoPacket() {
    switch (random_.Below(20)) {
      case 0: return {"an oversize packet", std::string(proto::kPacketBytesMax + 1, 'x'), kBad};
      case 1: return {"an empty packet", "", kBad};
      default: break;
    }
    if (random_.Chance(50)) return {"random bytes", Bytes(300), kBad};
    std::string packet = Control(ToMessage(sync::Hello{.agent = Bytes(40)}));
    packet.resize(random_.Below(packet.size()));
    return {"a cut packet", std::move(packet), kBad};
  }

  HostileAttack BeforeHello() {
    switch (random_.Below(4)) {
      case 0: return {"an open before hello", Numbered(OpenOf("doc")), kBad};
      case 1: return {"a ping before hello", Control(ToMessage(sync::Ping{})), kBad};
      case 2:
        return {"a hello of a version to come",
                Control(ToMessage(sync::Hello{.oldest_version = 2, .newest_version = 9})),
                {ErrorCode::kUnsupportedProtocol}};
      default: break;
    }
    sync::Hello hello;
    if (!context_.tokens.empty()) {
      auto token = context_.tokens.begin();
      std::advance(token, random_.Below(context_.tokens.size()));
      hello.token = *token;
      hello.received = random_.Below(10);
    }
    state_.is_spent = true;
    return {"the token of somebody else",
            Control(ToMessage(hello)),
            {ErrorCode::kTooManySessions},
            true};
  }

  HostileAttack InSession() {
    switch (random_.Below(9)) {
      case 0: return {"a second hello", Control(ToMessage(sync::Hello{}))};
      case 1:
        return {"an unknown channel",
                Numbered(ToMessage(sync::Close{.channel = 1'000'000})),
                {ErrorCode::kUnknownChannel}};
      case 2: return {"no channel", Numbered(ToMessage(sync::Close{})), kBad};
      case 3:
        return {"thanks for what was never sent",
                proto::EncodePacket({.head = {.received = 1'000'000}, .messages = {}}), kBad};
      case 4:
        return {"a gap", proto::EncodePacket({.head = {.first = state_.next_number + 5,
                                                       .received = state_.received},
                                              .messages = {OpenOf("gap")}})};
      case 5: return {"an open without a number", Control(OpenOf("doc")), kBad};
      case 6:
        return {"a name that is too long",
                Numbered(OpenOf(std::string(sync::kDocumentNameMax + 1, 'n'))), kBad};
      case 7: {
        sync::Open open{.request = state_.next_request++,
                        .engine = state_.engine,
                        .writer = 1,
                        .name = "nonsense",
                        .version = NoNumber()};
        return {"a version that is none", Numbered(ToMessage(open))};
      }
      default: return Flood();
    }
  }

  HostileAttack Flood() {
    std::vector<sync::Message> opens;
    for (uint64_t i = random_.Between(10, 100); i > 0; --i) {
      opens.push_back(OpenOf("flood " + std::to_string(random_.Below(1000))));
    }
    return {"a flood of opens", Numbered(std::move(opens))};
  }

  HostileAttack InDocument() {
    const sync::Channel channel = state_.channel;
    switch (random_.Below(7)) {
      case 0: return {"the same document again", Numbered(OpenOf("doc"))};
      case 1: return {"a message that only servers send", Numbered(FromServer()), kBad};
      case 2: return {"an edit of the other engine", Numbered(OfOtherEngine()), kBad};
      case 3: return {"an edit that is none", Numbered(NoEdit()), EditCodes()};
      case 4:
        return {"a state that is too large",
                Numbered(ToMessage(sync::Presence{
                    .channel = channel, .state = std::string(sync::kPresenceStateMax + 1, 's')})),
                kBad};
      case 5:
        return {"a request for no version",
                Numbered(ToMessage(sync::Request{.channel = channel, .version = NoNumber()})),
                {ErrorCode::kInvalidVersion}};
      default: return {"a submission for a revision to come", Numbered(ToCome()), ToComeCodes()};
    }
  }

  sync::Message FromServer() {
    const sync::Channel channel = state_.channel;
    switch (random_.Below(4)) {
      case 0: return ToMessage(sync::Commit{.channel = channel, .revision = 1});
      case 1: return ToMessage(sync::Part{.channel = channel, .session = 1});
      case 2: return ToMessage(sync::RightsMessage{.channel = channel, .rights = 15});
      default: return ToMessage(sync::Ack{.channel = channel, .writer = 1, .upto = 1});
    }
  }

  sync::Message OfOtherEngine() {
    if (state_.engine == Engine::kOt) {
      return ToMessage(sync::UpdateMessage{.channel = state_.channel, .update = Bytes(20)});
    }
    return ToMessage(sync::Submit{.channel = state_.channel, .client = 1, .seq = 1});
  }

  sync::Message NoEdit() {
    if (state_.engine == Engine::kOt) {
      return ToMessage(sync::Submit{
          .channel = state_.channel, .client = 1, .seq = 1, .operation = NoNumber() + Bytes(20)});
    }
    return ToMessage(
        sync::UpdateMessage{.channel = state_.channel, .update = NoNumber() + Bytes(20)});
  }

  std::set<ErrorCode> EditCodes() const {
    if (state_.engine == Engine::kOt) return {ErrorCode::kInvalidDelta, ErrorCode::kTooLarge};
    return {ErrorCode::kMalformedUpdate, ErrorCode::kUnsupported};
  }

  // A refusal is all that comes of it. Each is a client of its own.
  sync::Message ToCome() {
    if (state_.engine == Engine::kRga) return OfOtherEngine();
    Delta operation;
    operation.Insert("?");
    return ToMessage(sync::Submit{.channel = state_.channel,
                                  .client = random_.Between(1, kIdLimit - 1),
                                  .seq = 1,
                                  .base = 1'000'000'000,
                                  .operation = EncodeOperation(operation)});
  }
  std::set<ErrorCode> ToComeCodes() const {
    return state_.engine == Engine::kRga ? kBad : std::set<ErrorCode>();
  }

  // An edit of one's own under the id of somebody whose it is.
  std::optional<HostileAttack> Forgery() {
    std::optional<sync::Message> edit =
        state_.engine == Engine::kOt ? ForgedSubmission() : ForgedUpdate();
    if (!edit) return std::nullopt;
    return HostileAttack{
        "a forged identity",
        Numbered(*std::move(edit)),
        // What its author has written meanwhile, and this one has not seen, is known.
        {ErrorCode::kForgedIdentity, ErrorCode::kReplicaConflict}};
  }

  std::optional<sync::Message> ForgedSubmission() {
    if (state_.seen.empty()) return std::nullopt;
    const auto commit = sync::ReadCommit(state_.seen[random_.Below(state_.seen.size())]);
    if (!commit) return std::nullopt;
    Delta operation;
    operation.Insert("forged");
    return ToMessage(sync::Submit{.channel = state_.channel,
                                  .client = commit->client,
                                  .seq = commit->seq + 1,
                                  .base = commit->revision,
                                  .operation = EncodeOperation(operation)});
  }

  std::optional<sync::Message> ForgedUpdate() {
    if (state_.seen.empty()) return std::nullopt;
    const auto first = sync::ReadUpdate(state_.seen[0]);
    if (!first) return std::nullopt;
    const auto range = RangeOfUpdate(first->update);
    if (!range || range->reaches.entries().empty()) return std::nullopt;
    const auto& writers = range->reaches.entries();
    RgaDocument document(writers[random_.Below(writers.size())].replica);
    for (const sync::Message& message : state_.seen) {
      const auto update = sync::ReadUpdate(message);
      if (!update || !document.Merge(update->update)) return std::nullopt;
    }
    const Version before = document.version();
    if (!document.Insert(CodePointOffset{0}, "forged")) return std::nullopt;
    const auto forged = document.EncodeSince(before);
    if (!forged) return std::nullopt;
    return ToMessage(sync::UpdateMessage{.channel = state_.channel, .update = *forged});
  }

  // What somebody else sent, as it was or with numbers that fit.
  std::optional<HostileAttack> Replay() {
    if (context_.overheard.empty()) return std::nullopt;
    std::string bytes = context_.overheard[random_.Below(context_.overheard.size())];
    const auto packet = proto::DecodePacket(bytes);
    if (!packet || !std::ranges::all_of(packet->messages, [&](const sync::Message& message) {
          return IsOfKnownWriters(message);
        })) {
      return std::nullopt;
    }
    if (packet->head.first != 0 && random_.Chance(70)) bytes = Numbered(packet->messages);
    state_.is_spent = true;
    return HostileAttack{"a packet of somebody else", std::move(bytes), AllCodes(), true};
  }

  bool IsOfKnownWriters(const sync::Message& message) const {
    const auto known = context_.known_writers.find(state_.server);
    const auto is_known = [&](uint64_t writer) {
      return known != context_.known_writers.end() && known->second.contains(writer);
    };
    if (message.kind == sync::MessageKind::kSubmit) {
      const auto submit = sync::ReadSubmit(message);
      return submit && is_known(submit->client);
    }
    if (message.kind != sync::MessageKind::kUpdate) return true;
    const auto update = sync::ReadUpdate(message);
    if (!update) return false;
    const auto range = RangeOfUpdate(update->update);
    return range && std::ranges::all_of(range->reaches.entries(), [&](const auto& entry) {
             return is_known(entry.replica.value);
           });
  }

  HostileState& state_;
  const WorldContext& context_;
  Random& random_;
};

}  // namespace

std::optional<HostileAttack> DrawAttack(HostileState& state, const WorldContext& context,
                                        Random& random) {
  return Attacker(state, context, random).Draw();
}

}  // namespace cotext
