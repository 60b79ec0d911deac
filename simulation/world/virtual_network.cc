#include "simulation/world/virtual_network.h"

#include <algorithm>

#include "document/check.h"

// Everything that travels, control included, is an Item with the end that it comes from. What keeps
// its order arrives no earlier than what was sent before it; blocks are looked at on arrival. A
// connection is forgotten once both ends are closed, and then whatever is still on its way.
namespace cotext {

VirtualNetwork::Connection* VirtualNetwork::Find(ConnectionNumber number) {
  const auto found = connections_.find(number);
  return found == connections_.end() ? nullptr : &found->second;
}

ConnectionNumber VirtualNetwork::Connect(NodeNumber from, NodeNumber to, ConnectionKind kind,
                                         uint64_t now_us) {
  COTEXT_CHECK(from != to);
  const ConnectionNumber number = next_connection_++;
  Connection& connection = connections_[number];
  connection.kind = kind;
  connection.sides[0].node = from;
  connection.sides[1].node = to;
  Dispatch(connection, Item{.connection = number, .from = 0, .cargo = Cargo::kConnect}, now_us);
  queue_.Add(now_us + options_.connect_timeout_us,
             Item{.connection = number, .from = 1, .cargo = Cargo::kTimeout});
  return number;
}

void VirtualNetwork::Send(ConnectionNumber connection, NodeNumber from, std::string packet,
                          uint64_t now_us) {
  Connection* const found = Find(connection);
  if (found == nullptr) return;
  const uint8_t end = found->sides[0].node == from ? 0 : 1;
  COTEXT_CHECK(found->sides[end].node == from);
  if (found->sides[end].state != EndState::kOpen) return;
  ++counts_.sent;
  counts_.sent_bytes += packet.size();
  if (found->is_reset) return;
  found->sides[end].backlog_bytes += packet.size();
  Dispatch(*found,
           Item{.connection = connection,
                .from = end,
                .cargo = Cargo::kPacket,
                .packet = std::move(packet)},
           now_us);
}

void VirtualNetwork::Close(ConnectionNumber connection, NodeNumber by, uint64_t now_us,
                           std::string reason) {
  Connection* const found = Find(connection);
  if (found == nullptr) return;
  const uint8_t end = found->sides[0].node == by ? 0 : 1;
  COTEXT_CHECK(found->sides[end].node == by);
  if (found->sides[end].state == EndState::kClosed) return;
  CloseEnd(*found, connection, end, now_us, std::move(reason));
}

void VirtualNetwork::Reset(ConnectionNumber connection, uint64_t now_us) {
  Connection* const found = Find(connection);
  if (found == nullptr || found->is_reset) return;
  found->is_reset = true;
  ++counts_.resets;
  for (const uint8_t from : {uint8_t{0}, uint8_t{1}}) {
    const Direction direction{found->sides[from].node, found->sides[1U - from].node};
    queue_.Add(now_us + DrawLatency(PathOf(direction).latency, random_),
               Item{.connection = connection, .from = from, .cargo = Cargo::kReset});
  }
}

void VirtualNetwork::Stop(NodeNumber node) {
  hosts_[node] = Host::kStopped;
  for (auto& [number, connection] : connections_) {
    for (Side& side : connection.sides) {
      if (side.node == node) side.state = EndState::kClosed;
    }
  }
  std::erase_if(connections_, [](const auto& entry) {
    return std::ranges::all_of(entry.second.sides,
                               [](const Side& side) { return side.state == EndState::kClosed; });
  });
}

void VirtualNetwork::Kill(NodeNumber node, uint64_t now_us) {
  hosts_[node] = Host::kKilled;
  // Closing may forget a connection.
  for (auto next = connections_.begin(); next != connections_.end();) {
    const auto current = next++;
    Connection& connection = current->second;
    const uint8_t end = connection.sides[0].node == node ? 0 : 1;
    const Side& side = connection.sides[end];
    if (side.node != node || side.state == EndState::kClosed) continue;
    CloseEnd(connection, current->first, end, now_us);
  }
}

// Closes an end that is not closed, and tells the other one if that is not closed either.
void VirtualNetwork::CloseEnd(Connection& connection, ConnectionNumber number, uint8_t end,
                              uint64_t now_us, std::string reason) {
  connection.sides[end].state = EndState::kClosed;
  connection.sides[end].has_told = true;
  if (connection.sides[1U - end].state == EndState::kClosed) {
    connections_.erase(number);
    return;
  }
  if (connection.is_reset) return;
  Dispatch(
      connection,
      Item{.connection = number, .from = end, .cargo = Cargo::kClose, .packet = std::move(reason)},
      now_us);
}

void VirtualNetwork::Free(NodeNumber from, NodeNumber to, uint64_t now_us) {
  const auto block = blocks_.find({from, to});
  COTEXT_CHECK(block != blocks_.end());
  if (--block->second > 0) return;
  blocks_.erase(block);
  const auto held = held_.find({from, to});
  if (held == held_.end()) return;
  std::move(held->second.begin(), held->second.end(), std::back_inserter(released_));
  released_us_ = now_us;
  held_.erase(held);
}

const NetworkPath& VirtualNetwork::PathOf(Direction direction) const {
  const auto found = paths_.find(direction);
  return found == paths_.end() ? options_.path : found->second;
}

VirtualNetwork::Host VirtualNetwork::HostOf(NodeNumber node) const {
  const auto found = hosts_.find(node);
  return found == hosts_.end() ? Host::kUp : found->second;
}

// Returns how many bytes per second leave an end; 0 if there is no limit.
uint64_t VirtualNetwork::RateOf(const Connection& connection, uint8_t from) const {
  const NodeNumber to = connection.sides[1U - from].node;
  const uint64_t rate = PathOf({connection.sides[from].node, to}).bytes_per_second;
  const auto reads = read_rates_.find(to);
  if (reads == read_rates_.end() || reads->second == 0) return rate;
  return rate == 0 ? reads->second : std::min(rate, reads->second);
}

uint64_t VirtualNetwork::TravelTime(const NetworkPath& path, ConnectionKind kind) {
  uint64_t time_us = DrawLatency(path.latency, random_);
  if (kind == ConnectionKind::kLossy) return time_us;
  // Whoever waits twice for the same packet waits twice as long.
  const uint64_t spoilt_ppm = std::min(path.loss_ppm + path.corrupt_ppm, kMillion / 2);
  for (uint64_t wait_us = options_.retransmit_us; Happens(random_, spoilt_ppm); wait_us *= 2) {
    ++counts_.lost;
    time_us += wait_us;
  }
  return time_us;
}

void VirtualNetwork::AddInOrder(Side& from, Item item, uint64_t arrival_us) {
  from.last_arrival_us = std::max(from.last_arrival_us, arrival_us);
  queue_.Add(from.last_arrival_us, std::move(item));
}

void VirtualNetwork::Dispatch(Connection& connection, Item item, uint64_t now_us) {
  std::deque<Item>& waiting = connection.sides[item.from].waiting;
  if (waiting.empty() && RateOf(connection, item.from) == 0) {
    Depart(connection, std::move(item), now_us);
    return;
  }
  waiting.push_back(std::move(item));
  if (waiting.size() == 1) ScheduleDeparture(connection, waiting.front(), now_us);
}

// Says when all of an item has left.
void VirtualNetwork::ScheduleDeparture(Connection& connection, const Item& item, uint64_t now_us) {
  const uint64_t rate = RateOf(connection, item.from);
  const uint64_t time_us = rate == 0 ? 0 : item.packet.size() * kMillion / rate;
  queue_.Add(now_us + time_us,
             Item{.connection = item.connection, .from = item.from, .cargo = Cargo::kDeparture});
}

void VirtualNetwork::OnDeparture(Connection& connection, const Item& item, uint64_t now_us) {
  std::deque<Item>& waiting = connection.sides[item.from].waiting;
  Item first = std::move(waiting.front());
  waiting.pop_front();
  Depart(connection, std::move(first), now_us);
  if (!waiting.empty()) ScheduleDeparture(connection, waiting.front(), now_us);
}

void VirtualNetwork::Depart(Connection& connection, Item item, uint64_t now_us) {
  if (item.cargo == Cargo::kPacket && connection.kind == ConnectionKind::kLossy) {
    DepartLossy(connection, std::move(item), now_us);
    return;
  }
  Side& from = connection.sides[item.from];
  const NetworkPath& path = PathOf({from.node, connection.sides[1U - item.from].node});
  const uint64_t travel_us = TravelTime(path, connection.kind);
  AddInOrder(from, std::move(item), now_us + travel_us);
}

void VirtualNetwork::DepartLossy(Connection& connection, Item item, uint64_t now_us) {
  Side& from = connection.sides[item.from];
  const NetworkPath& path = PathOf({from.node, connection.sides[1U - item.from].node});
  const auto draw = [&] { return now_us + TravelTime(path, connection.kind); };
  if (Happens(random_, path.duplicate_ppm)) {
    ++counts_.duplicated;
    Tell(PacketFate::Kind::kDuplicated, connection, item, now_us);
    Item copy = item;
    copy.cargo = Cargo::kCopy;
    queue_.Add(draw(), std::move(copy));
  }
  if (Happens(random_, path.loss_ppm)) {
    ++counts_.lost;
    Tell(PacketFate::Kind::kLost, connection, item, now_us);
    from.backlog_bytes -= item.packet.size();
    return;
  }
  if (Happens(random_, path.corrupt_ppm)) {
    ++counts_.corrupted;
    Tell(PacketFate::Kind::kCorrupted, connection, item, now_us);
    Corrupt(item.packet, random_);
  }
  if (Happens(random_, path.reorder_ppm)) {
    ++counts_.reordered;
    Tell(PacketFate::Kind::kReordered, connection, item, now_us);
    const uint64_t held_back_us = DrawLatency(path.latency, random_);
    queue_.Add(draw() + held_back_us, std::move(item));
    return;
  }
  AddInOrder(from, std::move(item), draw());
}

void VirtualNetwork::Tell(PacketFate::Kind kind, const Connection& connection, const Item& item,
                          uint64_t now_us) const {
  if (!observer_) return;
  observer_({.kind = kind,
             .at_us = now_us,
             .from = connection.sides[item.from].node,
             .to = connection.sides[1U - item.from].node,
             .packet = item.packet});
}

std::optional<NetworkEvent> VirtualNetwork::TakeEvent(uint64_t now_us) {
  while (!released_.empty()) {
    Item item = std::move(released_.front());
    released_.pop_front();
    if (auto event = Arrive(std::move(item), now_us)) return event;
  }
  while (queue_.NextTimeUs().value_or(UINT64_MAX) <= now_us) {
    auto entry = queue_.Take();
    if (auto event = Arrive(std::move(entry.event), entry.at_us)) return event;
  }
  return std::nullopt;
}

std::optional<NetworkEvent> VirtualNetwork::Arrive(Item item, uint64_t now_us) {
  Connection* const connection = Find(item.connection);
  if (connection == nullptr) return std::nullopt;
  if (item.cargo == Cargo::kDeparture) {
    OnDeparture(*connection, item, now_us);
    return std::nullopt;
  }
  if (HoldIfBlocked(*connection, item, now_us)) return std::nullopt;
  if (item.cargo == Cargo::kPacket) {
    connection->sides[item.from].backlog_bytes -= item.packet.size();
  }
  if (connection->is_reset && item.cargo != Cargo::kReset) return std::nullopt;
  return ArriveAt(*connection, std::move(item), now_us);
}

// Keeps what a blocked direction keeps, or loses it; a reset and a time-out need no way.
bool VirtualNetwork::HoldIfBlocked(const Connection& connection, Item& item, uint64_t now_us) {
  if (item.cargo == Cargo::kReset || item.cargo == Cargo::kTimeout) return false;
  const Direction direction{connection.sides[item.from].node,
                            connection.sides[1U - item.from].node};
  if (!blocks_.contains(direction)) return false;
  const bool is_lost = connection.kind == ConnectionKind::kLossy &&
                       (item.cargo == Cargo::kPacket || item.cargo == Cargo::kCopy);
  if (!is_lost) {
    held_[direction].push_back(std::move(item));
    return true;
  }
  ++counts_.lost;
  Tell(PacketFate::Kind::kLost, connection, item, now_us);
  if (item.cargo == Cargo::kPacket) {
    Find(item.connection)->sides[item.from].backlog_bytes -= item.packet.size();
  }
  return true;
}

std::optional<NetworkEvent> VirtualNetwork::ArriveAt(Connection& connection, Item item,
                                                     uint64_t now_us) {
  NetworkEvent event{.connection = item.connection,
                     .node = connection.sides[1U - item.from].node,
                     .peer = connection.sides[item.from].node};
  std::optional<NetworkEvent::Kind> seen;
  switch (item.cargo) {
    case Cargo::kConnect:
    case Cargo::kAccept: seen = Open(connection, item, now_us); break;
    case Cargo::kPacket:
    case Cargo::kCopy: seen = Unpack(connection, item, now_us); break;
    case Cargo::kClose:
    case Cargo::kReset:
    case Cargo::kTimeout: seen = Shut(connection, item, now_us); break;
    case Cargo::kDeparture: break;  // It has not arrived yet.
  }
  if (!seen) return std::nullopt;
  event.kind = *seen;
  event.packet = std::move(item.packet);
  return event;
}

std::optional<NetworkEvent::Kind> VirtualNetwork::Open(Connection& connection, const Item& item,
                                                       uint64_t now_us) {
  const auto end = static_cast<uint8_t>(1U - item.from);
  Side& side = connection.sides[end];
  if (side.state != EndState::kConnecting) return std::nullopt;
  if (item.cargo == Cargo::kConnect) {
    const Host host = HostOf(side.node);
    if (host == Host::kStopped) return std::nullopt;
    if (host == Host::kKilled) {
      CloseEnd(connection, item.connection, end, now_us);
      return std::nullopt;
    }
    Dispatch(connection, Item{.connection = item.connection, .from = end, .cargo = Cargo::kAccept},
             now_us);
  }
  side.state = EndState::kOpen;
  return NetworkEvent::Kind::kOpened;
}

std::optional<NetworkEvent::Kind> VirtualNetwork::Unpack(Connection& connection, const Item& item,
                                                         uint64_t now_us) {
  const auto end = static_cast<uint8_t>(1U - item.from);
  Side& side = connection.sides[end];
  if (side.state == EndState::kOpen) {
    ++counts_.delivered;
    return NetworkEvent::Kind::kPacket;
  }
  const bool answers = side.state == EndState::kClosed && !side.has_told &&
                       connection.kind == ConnectionKind::kOrdered &&
                       HostOf(side.node) == Host::kUp;
  if (answers) CloseEnd(connection, item.connection, end, now_us);
  return std::nullopt;
}

std::optional<NetworkEvent::Kind> VirtualNetwork::Shut(Connection& connection, const Item& item,
                                                       uint64_t now_us) {
  const auto end = static_cast<uint8_t>(1U - item.from);
  Side& side = connection.sides[end];
  const EndState before = side.state;
  if (item.cargo == Cargo::kTimeout) {
    if (before != EndState::kConnecting) return std::nullopt;
    CloseEnd(connection, item.connection, end, now_us);
    return NetworkEvent::Kind::kClosed;
  }
  side.state = EndState::kClosed;
  if (connection.sides[item.from].state == EndState::kClosed) connections_.erase(item.connection);
  // An acceptor that has not seen the connection open does not see it close.
  const bool has_seen = before == EndState::kOpen || (before == EndState::kConnecting && end == 0);
  return has_seen ? std::optional(NetworkEvent::Kind::kClosed) : std::nullopt;
}

bool VirtualNetwork::IsOpen(ConnectionNumber connection, NodeNumber end) const {
  const auto found = connections_.find(connection);
  if (found == connections_.end()) return false;
  return std::ranges::any_of(found->second.sides, [&](const Side& side) {
    return side.node == end && side.state == EndState::kOpen;
  });
}

uint64_t VirtualNetwork::BacklogBytes(ConnectionNumber connection, NodeNumber from) const {
  const auto found = connections_.find(connection);
  if (found == connections_.end()) return 0;
  uint64_t bytes = 0;
  for (const Side& side : found->second.sides) {
    if (side.node == from) bytes += side.backlog_bytes;
  }
  return bytes;
}

std::vector<ConnectionNumber> VirtualNetwork::OpenConnections() const {
  std::vector<ConnectionNumber> open;
  for (const auto& [number, connection] : connections_) {
    if (connection.sides[0].state == EndState::kOpen ||
        connection.sides[1].state == EndState::kOpen) {
      open.push_back(number);
    }
  }
  return open;
}

}  // namespace cotext
