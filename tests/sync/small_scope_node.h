// The ends of a small-scope walk, each as a machine that is given one input at a time: a client
// with its document, and a server with its store.
//
// A machine is deterministic: how time passes, its randomness and its packets are arguments. What
// it is can be described (sync/description.h): two with the same description, after whatever
// inputs, are one state. Times in it are from now on, and its store's calls and its connections are
// told by what they are, not by their numbers.
#ifndef COTEXT_TESTS_SYNC_SMALL_SCOPE_NODE_H_
#define COTEXT_TESTS_SYNC_SMALL_SCOPE_NODE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "crdt/rga_document.h"
#include "sync/client.h"
#include "sync/description.h"
#include "sync/memory_store.h"
#include "sync/packet.h"
#include "sync/server.h"
#include "sync/store.h"

namespace cotext::sync {

inline constexpr size_t kScopeClients = 2;
// No timer of a node that is due in more than that is waited for.
inline constexpr uint64_t kScopeNever = Description::kNeverMs;

enum class ScopeInputKind : uint8_t {
  kConnect,
  kDisconnect,
  kPacket,  // `value` is which (PacketTable).
  kEdit,    // `value` is which; 0 makes the text that the others begin with.
  kAnswer,  // The store answers its oldest call.
  kCrash,   // Of the calls that were not answered, the first `value` are kept.
  kPass     // Time passes, `value` milliseconds of it.
};

struct ScopeInput {
  ScopeInputKind kind{};
  uint32_t client = 0;  // Of a server: whose connection it is about.
  uint32_t value = 0;

  friend bool operator==(const ScopeInput&, const ScopeInput&) = default;
};

// What a node begins with, after a crash too: all that it is.
struct ScopeRoot {
  uint32_t number = 0;  // Of a client; of a server, how often it has crashed.
  std::vector<Record> log = {};
  bool is_lossy = false;  // Connections lose packets.

  friend bool operator==(const ScopeRoot&, const ScopeRoot&) = default;
};

struct ScopeOutput {
  std::array<std::vector<Packet>, kScopeClients> packets = {};  // A client's are the first.
  bool disconnects = false;                                     // A client does.
  std::optional<ScopeRoot> restart = {};                        // The node goes on as that.
};

// What is looked at.
struct ScopeFacts {
  std::string text = {};     // Of a client's document; of the store, as after a crash now.
  std::string version = {};  // Of the same.
  std::array<uint64_t, kScopeClients> operations = {};  // In it, by who made them.
  uint64_t durable = 0;            // Of a client's own operations: how many it was told are safe.
  bool is_settled = false;         // Nothing is under way, as far as the node knows.
  size_t outstanding = 0;          // Calls of the store that were not answered.
  uint64_t wait_ms = kScopeNever;  // Until a timer is due.
  std::string failure = {};        // What must not happen has.

  friend bool operator==(const ScopeFacts&, const ScopeFacts&) = default;
};

class ScopeClient {
 public:
  explicit ScopeClient(const ScopeRoot& root);
  ScopeClient(const ScopeClient&) = delete;
  ScopeClient& operator=(const ScopeClient&) = delete;
  ~ScopeClient() = default;

  // `packet` is the input's; any, if that is none.
  ScopeOutput Take(const ScopeInput& input, const Packet& packet);
  ScopeFacts Look() const;
  std::string Describe() const;

 private:
  void Input(const ScopeInput& input, const Packet& packet);
  ScopeOutput TakeOutput();
  void TakeEvents();
  void Edit(uint32_t which);
  void LookAtDocument();

  uint32_t number_;
  uint64_t now_ms_;
  RgaDocument document_;
  Client client_;
  DocumentKey key_;
  ScopeFacts seen_;             // Of the document.
  bool is_to_connect_ = false;  // It asked for that.
  std::string failure_;
};

class ScopeServer {
 public:
  explicit ScopeServer(const ScopeRoot& root);
  ScopeServer(const ScopeServer&) = delete;
  ScopeServer& operator=(const ScopeServer&) = delete;
  ~ScopeServer() = default;

  ScopeOutput Take(const ScopeInput& input, const Packet& packet);
  ScopeFacts Look();
  std::string Describe() const;

 private:
  void Input(const ScopeInput& input, const Packet& packet);
  // Has the store do what it was asked for the longest, and returns its answer.
  StoreAnswer TakeAnswer();
  ScopeOutput Crash(uint32_t kept);
  ScopeOutput TakeOutput();
  ScopeFacts LookAtStore() const;

  ScopeRoot root_;
  uint64_t now_ms_;
  MemoryStore store_;            // Has what was answered.
  std::deque<CallStore> calls_;  // Were not.
  uint64_t random_ = 0;          // How often it was asked for.
  Server server_;
  std::array<std::optional<ConnectionId>, kScopeClients> connections_;
  std::array<ConnectionId, kScopeClients> next_connections_{};
  // As of the last answer; nothing until somebody looks.
  std::optional<ScopeFacts> stored_;
  std::string failure_;
};

}  // namespace cotext::sync

#endif  // COTEXT_TESTS_SYNC_SMALL_SCOPE_NODE_H_
