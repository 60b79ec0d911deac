// Sequences of packets, each named by a number, as are the packets: those that are equal have the
// same. So a state of a small-scope walk has numbers for what is on its way.
//
// Complexity: that of maps for what is new, and of a look-up for what is known.
#ifndef COTEXT_TESTS_SYNC_PACKET_QUEUES_H_
#define COTEXT_TESTS_SYNC_PACKET_QUEUES_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sync/description.h"
#include "sync/packet.h"

namespace cotext::sync {

class PacketQueues {
 public:
  using PacketId = uint32_t;
  using QueueId = uint32_t;
  static constexpr QueueId kEmpty = 0;

  PacketQueues() { static_cast<void>(IdOf(std::vector<PacketId>())); }

  QueueId QueueOf(const std::vector<Packet>& packets) {
    std::vector<PacketId> ids;
    for (const Packet& packet : packets) ids.push_back(IdOf(packet));
    return IdOf(std::move(ids));
  }

  QueueId Join(QueueId queue, QueueId tail) {
    if (tail == kEmpty) return queue;
    const auto [at, is_new] = joined_.try_emplace(uint64_t{queue} << 32U | tail, kEmpty);
    if (!is_new) return at->second;
    std::vector<PacketId> ids = queues_[queue].packets;
    ids.insert(ids.end(), queues_[tail].packets.begin(), queues_[tail].packets.end());
    const QueueId joined = IdOf(std::move(ids));
    joined_[uint64_t{queue} << 32U | tail] = joined;
    return joined;
  }

  // REQUIRES, of both: the queue is not empty.
  PacketId Front(QueueId queue) const { return queues_[queue].packets.front(); }
  QueueId Rest(QueueId queue) const { return queues_[queue].rest; }

  const std::vector<PacketId>& PacketsOf(QueueId queue) const { return queues_[queue].packets; }
  const Packet& packet(PacketId id) const { return packets_[id]; }
  size_t size() const { return queues_.size(); }

 private:
  struct Queue {
    std::vector<PacketId> packets;
    QueueId rest = kEmpty;  // Without the first.
  };

  PacketId IdOf(const Packet& packet) {
    const auto next = static_cast<PacketId>(packets_.size());
    const auto [at, is_new] = packet_ids_.try_emplace(BytesOf(packet), next);
    if (is_new) packets_.push_back(packet);
    return at->second;
  }

  QueueId IdOf(std::vector<PacketId> ids) {
    if (const auto found = queue_ids_.find(ids); found != queue_ids_.end()) return found->second;
    QueueId rest = kEmpty;
    if (!ids.empty()) rest = IdOf(std::vector<PacketId>(ids.begin() + 1, ids.end()));
    const auto id = static_cast<QueueId>(queues_.size());
    queue_ids_.emplace(ids, id);
    queues_.push_back({.packets = std::move(ids), .rest = rest});
    return id;
  }

  static std::string BytesOf(const Packet& packet) {
    Description bytes(0);
    bytes.Number(packet.head.first);
    bytes.Number(packet.head.received);
    bytes.Number(packet.head.again ? 1 : 0);
    for (const Message& message : packet.messages) bytes.Add(message);
    return bytes.bytes();
  }

  std::map<std::string, PacketId> packet_ids_;
  std::deque<Packet> packets_;
  std::map<std::vector<PacketId>, QueueId> queue_ids_;
  std::deque<Queue> queues_;
  std::unordered_map<uint64_t, QueueId> joined_;
};

}  // namespace cotext::sync

#endif  // COTEXT_TESTS_SYNC_PACKET_QUEUES_H_
