// Connections between numbered nodes, in virtual time, with everything that goes wrong on real
// ones.
//
// A connection is ordered, like TCP or a WebSocket: what arrives is what was sent, in order and
// once, for loss and damage only cost time; or lossy: packets are lost, come twice, overtake each
// other and have wrong bits. Both ends of either see it open and close at their own times; no
// packet is delivered to an end before it has opened or after it has closed.
//
//     Connect -> kOpened at the acceptor -> kOpened at the connector -> kPacket ... -> kClosed
//
// Who closes sees nothing more, the other end sees kClosed behind what was sent before. A reset
// loses what is on its way, and both ends see kClosed. A connection that nobody accepts, or that
// takes longer than connect_timeout_us, ends in kClosed. A node that is stopped says nothing; when
// it was started again, it answers what comes on its old ordered connections with kClosed.
//
// A blocked direction holds up what arrives on ordered connections until it is free again, and
// loses the packets of lossy ones. Slow: a path has a number of bytes per second, and a node reads
// no more than so many from a connection; the rest waits in the network, see BacklogBytes.
//
// All that happens is decided by the seed and the calls. O(log n) per packet, but Free: O(what was
// held up). Times in microseconds. Thread-compatible.
#ifndef COTEXT_SIMULATION_WORLD_VIRTUAL_NETWORK_H_
#define COTEXT_SIMULATION_WORLD_VIRTUAL_NETWORK_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/random.h"
#include "simulation/world/event_queue.h"
#include "simulation/world/network_path.h"

namespace cotext {

using NodeNumber = uint32_t;
using ConnectionNumber = uint64_t;  // From 1.

enum class ConnectionKind : uint8_t { kOrdered, kLossy };

struct NetworkOptions {
  NetworkPath path;                          // Of every direction that has none of its own.
  uint64_t connect_timeout_us = 10'000'000;  // What browsers wait at least.
  // How much later an ordered packet comes that was lost once: TCP's least wait.
  uint64_t retransmit_us = 200'000;
};

struct NetworkEvent {
  enum class Kind : uint8_t { kOpened, kPacket, kClosed };

  Kind kind{};
  ConnectionNumber connection = 0;
  NodeNumber node = 0;  // Who sees it.
  NodeNumber peer = 0;
  std::string packet = {};  // Of kClosed: the reason that the other end gave, if it gave one.
};

// What happened to packets so far.
struct NetworkCounts {
  uint64_t sent = 0;
  uint64_t sent_bytes = 0;
  uint64_t delivered = 0;
  uint64_t lost = 0;  // Or, on ordered connections, delayed by that.
  uint64_t duplicated = 0;
  uint64_t reordered = 0;
  uint64_t corrupted = 0;
  uint64_t resets = 0;
  friend bool operator==(const NetworkCounts&, const NetworkCounts&) = default;
};

// Something went wrong with a packet. `at_us` is when it left.
struct PacketFate {
  enum class Kind : uint8_t { kLost, kDuplicated, kCorrupted, kReordered };

  Kind kind{};
  uint64_t at_us = 0;
  NodeNumber from = 0;
  NodeNumber to = 0;
  std::string_view packet = {};
};

class VirtualNetwork {
 public:
  using Observer = std::function<void(const PacketFate&)>;

  VirtualNetwork(uint64_t seed, const NetworkOptions& options) : random_(seed), options_(options) {}

  // REQUIRES, of all that take the time: it does not go back, and no event is due before it.

  ConnectionNumber Connect(NodeNumber from, NodeNumber to, ConnectionKind kind, uint64_t now_us);
  // Does nothing if this end of the connection is not open.
  void Send(ConnectionNumber connection, NodeNumber from, std::string packet, uint64_t now_us);
  void Close(ConnectionNumber connection, NodeNumber by, uint64_t now_us, std::string reason = {});
  void Reset(ConnectionNumber connection, uint64_t now_us);

  // Until Start the node has no connections. Stop: without a word, as if the power was off. Kill:
  // as the system does it for a process; the other ends see it, and new connections are refused.
  void Stop(NodeNumber node);
  void Kill(NodeNumber node, uint64_t now_us);
  void Start(NodeNumber node) { hosts_[node] = Host::kUp; }

  // Blocks count: a direction that was blocked twice is free when it was freed twice.
  void Block(NodeNumber from, NodeNumber to) { ++blocks_[{from, to}]; }
  // REQUIRES: it is blocked.
  void Free(NodeNumber from, NodeNumber to, uint64_t now_us);

  void SetPath(const NetworkPath& path) { options_.path = path; }
  void SetPath(NodeNumber from, NodeNumber to, const NetworkPath& path) {
    paths_[{from, to}] = path;
  }
  // 0: as many as come.
  void SetReadRate(NodeNumber node, uint64_t bytes_per_second) {
    read_rates_[node] = bytes_per_second;
  }

  // Calls it whenever something goes wrong with a packet of a lossy connection.
  void SetObserver(Observer observer) { observer_ = std::move(observer); }

  // When TakeEvent may have something; nothing if never.
  std::optional<uint64_t> NextTimeUs() const {
    return released_.empty() ? queue_.NextTimeUs() : released_us_;
  }
  // Returns what happens next, if that is not later than `now_us`.
  std::optional<NetworkEvent> TakeEvent(uint64_t now_us);

  bool IsOpen(ConnectionNumber connection, NodeNumber end) const;
  // Returns the bytes that an end has sent and that have not arrived.
  uint64_t BacklogBytes(ConnectionNumber connection, NodeNumber from) const;
  // Returns the connections that are open at an end of theirs, in order.
  std::vector<ConnectionNumber> OpenConnections() const;
  const NetworkCounts& counts() const { return counts_; }

 private:
  enum class Host : uint8_t { kUp, kStopped, kKilled };
  enum class EndState : uint8_t { kConnecting, kOpen, kClosed };
  enum class Cargo : uint8_t {
    kConnect,
    kAccept,
    kPacket,
    kCopy,
    kClose,
    kReset,
    kTimeout,
    kDeparture
  };

  struct Item {
    ConnectionNumber connection = 0;
    uint8_t from = 0;  // Which end.
    Cargo cargo{};
    std::string packet = {};
  };
  // An end, and the direction away from it.
  struct Side {
    NodeNumber node = 0;
    EndState state = EndState::kConnecting;
    bool has_told = false;         // That it is closed.
    uint64_t last_arrival_us = 0;  // Of what keeps its order.
    uint64_t backlog_bytes = 0;
    std::deque<Item> waiting = {};  // To depart; the first one is on its way out.
  };
  struct Connection {
    ConnectionKind kind{};
    bool is_reset = false;
    std::array<Side, 2> sides = {};  // The connector and the acceptor.
  };
  using Direction = std::pair<NodeNumber, NodeNumber>;

  Connection* Find(ConnectionNumber number);
  void Dispatch(Connection& connection, Item item, uint64_t now_us);
  void ScheduleDeparture(Connection& connection, const Item& item, uint64_t now_us);
  void OnDeparture(Connection& connection, const Item& item, uint64_t now_us);
  void Depart(Connection& connection, Item item, uint64_t now_us);
  void DepartLossy(Connection& connection, Item item, uint64_t now_us);
  uint64_t RateOf(const Connection& connection, uint8_t from) const;
  uint64_t TravelTime(const NetworkPath& path, ConnectionKind kind);
  void AddInOrder(Side& from, Item item, uint64_t arrival_us);
  void CloseEnd(Connection& connection, ConnectionNumber number, uint8_t end, uint64_t now_us,
                std::string reason = {});
  std::optional<NetworkEvent> Arrive(Item item, uint64_t now_us);
  std::optional<NetworkEvent> ArriveAt(Connection& connection, Item item, uint64_t now_us);
  std::optional<NetworkEvent::Kind> Open(Connection& connection, const Item& item, uint64_t now_us);
  std::optional<NetworkEvent::Kind> Unpack(Connection& connection, const Item& item,
                                           uint64_t now_us);
  std::optional<NetworkEvent::Kind> Shut(Connection& connection, const Item& item, uint64_t now_us);
  bool HoldIfBlocked(const Connection& connection, Item& item, uint64_t now_us);
  const NetworkPath& PathOf(Direction direction) const;
  Host HostOf(NodeNumber node) const;

  void Tell(PacketFate::Kind kind, const Connection& connection, const Item& item,
            uint64_t now_us) const;

  Random random_;
  NetworkOptions options_;
  NetworkCounts counts_;
  Observer observer_;
  ConnectionNumber next_connection_ = 1;
  std::map<ConnectionNumber, Connection> connections_;
  EventQueue<Item> queue_;
  std::map<Direction, uint32_t> blocks_;
  std::map<Direction, std::vector<Item>> held_;  // In order of arrival.
  std::deque<Item> released_;                    // Held before, and in front of the queue.
  uint64_t released_us_ = 0;
  std::map<Direction, NetworkPath> paths_;
  std::map<NodeNumber, uint64_t> read_rates_;
  std::map<NodeNumber, Host> hosts_;
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_VIRTUAL_NETWORK_H_
