// What happened in a simulated world, in lines for people: who sent what to whom, what was lost on
// the way, who was let in. What the scenario says itself (what users do, what goes wrong) is not in
// it.
#ifndef COTEXT_SIMULATION_WORLD_WORLD_LOG_H_
#define COTEXT_SIMULATION_WORLD_WORLD_LOG_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulation/check/check_durability.h"
#include "simulation/world/virtual_network.h"
#include "sync/message.h"

namespace cotext {

// What a line is about, for whoever wants to leave some out.
enum class LogTopic : uint8_t {
  kEdits,     // Edits, versions, acknowledgements; stores; what the network did to packets.
  kSessions,  // Connections, hellos, opens.
  kPresence,  // Who is there.
  kUpkeep,    // Pings, packets without messages.
};

struct LogLine {
  uint64_t at_us = 0;
  LogTopic topic{};
  std::string text;
  friend bool operator==(const LogLine&, const LogLine&) = default;
};

class WorldLog {
 public:
  void Note(uint64_t at_us, LogTopic topic, std::string text) {
    lines_.push_back({.at_us = at_us, .topic = topic, .text = std::move(text)});
  }
  // What a node sees.
  void NoteEvent(const NetworkEvent& event, uint64_t at_us);
  // What became of a packet on its way.
  void NoteFate(const PacketFate& fate);
  // What a store, or a copy of the document, has.
  void NoteExtent(uint64_t node, const EditExtent& extent, uint64_t at_us);

  // By time, those of one time as they came.
  std::vector<LogLine> Take();

 private:
  struct Described {
    LogTopic topic = LogTopic::kUpkeep;
    std::string text;
  };

  Described DescribePacket(std::string_view bytes, NodeNumber from);
  std::string DescribeMessage(const sync::Message& message, NodeNumber from);
  std::string DescribeSession(const sync::Message& message, NodeNumber from);
  std::string DescribeEdit(const sync::Message& message);
  std::string NameOf(uint64_t writer);
  std::string DescribeUpdate(std::string_view update);
  std::string DescribeVersion(std::string_view bytes);
  std::string DescribeExtent(const EditExtent& extent);

  std::vector<LogLine> lines_;
  std::map<uint64_t, std::string> writers_;  // How they are called here.
  std::map<NodeNumber, uint64_t> lives_;     // Writers that a node has had.
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_WORLD_LOG_H_
