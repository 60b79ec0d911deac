#include "simulation/world/world_log.h"

#include <algorithm>

#include "crdt/codec/update_tools.h"
#include "crdt/version_vector.h"
#include "document/error.h"
#include "proto/wire.h"
#include "simulation/check/operation_records.h"
#include "simulation/check/violation.h"
#include "sync/messages.h"
#include "sync/packet.h"

namespace cotext {
namespace {

using sync::MessageKind;

// Kinds are numbered by what they are about (message.h).
LogTopic TopicOf(MessageKind kind) {
  switch (kind) {
    case MessageKind::kPing:
    case MessageKind::kPong:
    case MessageKind::kUnknown: return LogTopic::kUpkeep;
    case MessageKind::kJoin:
    case MessageKind::kPart:
    case MessageKind::kPresence:
    case MessageKind::kTyping: return LogTopic::kPresence;
    case MessageKind::kHello:
    case MessageKind::kWelcome:
    case MessageKind::kLeave:
    case MessageKind::kGoingAway:
    case MessageKind::kOpen:
    case MessageKind::kOpened:
    case MessageKind::kClose:
    case MessageKind::kRights:
    case MessageKind::kError: return LogTopic::kSessions;
    default: return LogTopic::kEdits;
  }
}

std::string FateName(PacketFate::Kind kind) {
  switch (kind) {
    case PacketFate::Kind::kLost: return "is lost";
    case PacketFate::Kind::kDuplicated: return "will come twice";
    case PacketFate::Kind::kCorrupted: return "is damaged";
    case PacketFate::Kind::kReordered: return "is held back";
  }
  return "";
}

std::string Quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

}  // namespace

void WorldLog::NoteEvent(const NetworkEvent& event, uint64_t at_us) {
  const std::string who = NodeName(event.node);
  const std::string peer = NodeName(event.peer);
  switch (event.kind) {
    case NetworkEvent::Kind::kOpened:
      return Note(at_us, LogTopic::kSessions, who + " is connected to " + peer);
    case NetworkEvent::Kind::kClosed:
      return Note(at_us, LogTopic::kSessions, who + " has lost its connection to " + peer);
    case NetworkEvent::Kind::kPacket: break;
  }
  Described packet = DescribePacket(event.packet, event.peer);
  Note(at_us, packet.topic, who + " gets from " + peer + ": " + packet.text);
}

void WorldLog::NoteFate(const PacketFate& fate) {
  Described packet = DescribePacket(fate.packet, fate.from);
  Note(fate.at_us, packet.topic,
       "from " + NodeName(fate.from) + " to " + NodeName(fate.to) + " " + FateName(fate.kind) +
           ": " + packet.text);
}

void WorldLog::NoteExtent(uint64_t node, const EditExtent& extent, uint64_t at_us) {
  Note(at_us, LogTopic::kEdits, "the disk of " + NodeName(node) + " has " + DescribeExtent(extent));
}

std::vector<LogLine> WorldLog::Take() {
  std::multimap<uint64_t, LogLine> by_time;
  for (LogLine& line : lines_) by_time.emplace(line.at_us, std::move(line));
  lines_.clear();
  std::vector<LogLine> lines;
  for (auto& [at_us, line] : by_time) lines.push_back(std::move(line));
  return lines;
}

WorldLog::Described WorldLog::DescribePacket(std::string_view bytes, NodeNumber from) {
  const auto packet = proto::DecodePacket(bytes);
  if (!packet) return {.topic = LogTopic::kEdits, .text = "what cannot be read"};
  Described described;
  if (packet->head.again)
    described.text = "send again from " + std::to_string(packet->head.received + 1);
  for (const sync::Message& message : packet->messages) {
    described.topic = std::min(described.topic, TopicOf(message.kind));
    if (!described.text.empty()) described.text += "; ";
    described.text += DescribeMessage(message, from);
  }
  if (described.text.empty()) described.text = "nothing but how much has come";
  return described;
}

std::string WorldLog::DescribeMessage(const sync::Message& message, NodeNumber from) {
  const LogTopic topic = TopicOf(message.kind);
  if (topic == LogTopic::kSessions) return DescribeSession(message, from);
  if (topic == LogTopic::kEdits) return DescribeEdit(message);
  switch (message.kind) {
    case MessageKind::kPing: return "ping";
    case MessageKind::kPong: return "pong";
    case MessageKind::kUnknown: return "a message of an unknown kind";
    case MessageKind::kJoin: return "somebody is there";
    case MessageKind::kPart: return "somebody is gone";
    case MessageKind::kPresence: return "where somebody is";
    default: return "whether somebody types";
  }
}

std::string WorldLog::DescribeSession(const sync::Message& message, NodeNumber from) {
  switch (message.kind) {
    case MessageKind::kHello: {
      const auto hello = sync::ReadHello(message);
      return hello && !hello->token.empty() ? "hello, once more" : "hello";
    }
    case MessageKind::kWelcome: {
      const auto welcome = sync::ReadWelcome(message);
      return "welcome to session " + std::to_string(welcome ? welcome->session : 0);
    }
    case MessageKind::kOpen: {
      const auto open = sync::ReadOpen(message);
      if (!open) return "open";
      // Whoever opens under a new writer has begun another life.
      if (!writers_.contains(open->writer)) {
        const uint64_t life = ++lives_[from];
        writers_[open->writer] =
            NodeName(from) + (life == 1 ? "" : " (life " + std::to_string(life) + ")");
      }
      return "open " + Quoted(open->name) + " as " + NameOf(open->writer) + ", here is " +
             (open->engine == Engine::kRga ? DescribeVersion(open->version) : "another revision");
    }
    case MessageKind::kOpened: {
      const auto opened = sync::ReadOpened(message);
      if (!opened || opened->engine != Engine::kRga) return "opened";
      return "opened, here is " + DescribeVersion(opened->version);
    }
    case MessageKind::kError: {
      const auto error = sync::ReadError(message);
      return "error: " + (error ? error->text : std::string("unreadable"));
    }
    case MessageKind::kGoingAway: return "going away";
    case MessageKind::kLeave: return "leave";
    case MessageKind::kRights: return "other rights";
    default: return "close";
  }
}

std::string WorldLog::DescribeEdit(const sync::Message& message) {
  switch (message.kind) {
    case MessageKind::kUpdate: {
      const auto update = sync::ReadUpdate(message);
      return update ? DescribeUpdate(update->update) : "an update";
    }
    case MessageKind::kVersion: {
      const auto version = sync::ReadVersion(message);
      return "here is " + (version ? DescribeVersion(version->version) : "");
    }
    case MessageKind::kRequest: {
      const auto request = sync::ReadRequest(message);
      return "send what is missing beyond " + (request ? DescribeVersion(request->version) : "");
    }
    case MessageKind::kAck: {
      const auto ack = sync::ReadAck(message);
      if (!ack) return "an acknowledgement";
      return std::string(ack->level == sync::AckLevel::kDurable ? "durable" : "received") + ": " +
             NameOf(ack->writer) + " up to " + std::to_string(ack->upto);
    }
    case MessageKind::kSubmit: {
      const auto submit = sync::ReadSubmit(message);
      if (!submit) return "a submission";
      return "submission " + std::to_string(submit->seq) + " of " + NameOf(submit->client) +
             " at revision " + std::to_string(submit->base);
    }
    case MessageKind::kCommit: {
      const auto commit = sync::ReadCommit(message);
      if (!commit) return "a commit";
      return "revision " + std::to_string(commit->revision) + " is submission " +
             std::to_string(commit->seq) + " of " + NameOf(commit->client);
    }
    case MessageKind::kRefusal: {
      const auto refusal = sync::ReadRefusal(message);
      if (!refusal) return "a refusal";
      return "refused: submission " + std::to_string(refusal->seq) + " of " +
             NameOf(refusal->client);
    }
    case MessageKind::kSnapshot: return "a piece of the text";
    case MessageKind::kBase: return "a piece of what is left of trimming";
    case MessageKind::kHash: return "the text's hash";
    default: return "message " + std::to_string(static_cast<int>(message.kind));
  }
}

std::string WorldLog::NameOf(uint64_t writer) {
  const auto found = writers_.find(writer);
  if (found != writers_.end()) return found->second;
  return writers_[writer] = "writer " + std::to_string(writers_.size() + 1);
}

std::string WorldLog::DescribeUpdate(std::string_view update) {
  const auto range = RangeOfUpdate(update);
  if (!range) return "an update that cannot be read";
  return "edits of " + DescribeExtent(ExtentOf(range->reaches));
}

std::string WorldLog::DescribeVersion(std::string_view bytes) {
  if (bytes.empty()) return "nothing";
  const auto version = VersionVector::Decode(bytes);
  if (!version) return "an unreadable version";
  return DescribeExtent(ExtentOf(*version));
}

std::string WorldLog::DescribeExtent(const EditExtent& extent) {
  std::string described;
  for (const auto& [writer, upto] : extent) {
    if (!described.empty()) described += ", ";
    described += NameOf(writer) + " up to " + std::to_string(upto);
  }
  return described.empty() ? "nothing" : described;
}

}  // namespace cotext
