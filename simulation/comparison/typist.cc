// A Room is a server and two clients on one line; what differs between the engines is what a client
// sends and what it does with what it hears. A message carries, for the notes alone, when the keys
// in it were pressed.
#include "simulation/comparison/typist.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crdt/codec/replica_table.h"
#include "crdt/codec/update_codec.h"
#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/check.h"
#include "document/random.h"
#include "document/varint.h"
#include "ot/client_state.h"
#include "ot/ot_document.h"
#include "ot/server_state.h"
#include "ot/submission.h"
#include "simulation/comparison/branch_edits.h"
#include "simulation/comparison/ot_message.h"
#include "simulation/comparison/timeline.h"

namespace cotext {
namespace {

constexpr uint64_t kTextLength = 3000;
constexpr size_t kClients = 2;
constexpr uint64_t kMicroseconds = 1000;  // In a millisecond.

// When keys were pressed, in microseconds.
using Presses = std::vector<uint64_t>;

// Mean and maximum of some times.
class Times {
 public:
  void Add(const Presses& presses, uint64_t now) {
    for (const uint64_t press : presses) {
      const double ms = static_cast<double>(now - press) / kMicroseconds;
      ++count_;
      sum_ += ms;
      max_ = std::max(max_, ms);
    }
  }
  uint64_t count() const { return count_; }
  double mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }
  double max() const { return max_; }

 private:
  uint64_t count_ = 0;
  double sum_ = 0;
  double max_ = 0;
};

// Keys pressed in one document.
class Fingers {
 public:
  Fingers(Document& document, uint64_t place, uint64_t seed)
      : document_(document), random_(seed), caret_(At(place)) {}

  void Press() {
    const uint64_t place = document_.ResolveAnchor(caret_)->value;
    if (typed_ > 0 && random_.Chance(10)) {
      --typed_;
      COTEXT_CHECK(document_.Erase(CodePointOffset{place - 1}, CodePointOffset{place}));
      caret_ = At(place - 1);
      return;
    }
    ++typed_;
    const char letter = static_cast<char>('a' + random_.Below(26));
    COTEXT_CHECK(document_.Insert(CodePointOffset{place}, std::string(1, letter)));
    caret_ = At(place + 1);
  }
  uint64_t PauseMicroseconds() { return kMicroseconds * random_.Between(50, 110); }

 private:
  Anchor At(uint64_t place) const {
    return *document_.CreateAnchor(CodePointOffset{place}, Bias::kBefore);
  }

  Document& document_;
  Random random_;
  Anchor caret_;
  uint64_t typed_ = 0;  // Since the last backspaces, as far as they reached.
};

class Room {
 public:
  explicit Room(const TypistOptions& options)
      : options_(options), one_way_(options.round_trip_ms * kMicroseconds / 2) {}
  virtual ~Room() = default;
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

  TypistResult Run();

 protected:
  virtual Document& DocumentOf(size_t client) = 0;
  virtual bool AllIsAcknowledged() const = 0;
  // Sends what the client's last key did, if it may.
  virtual void OnKey(size_t client) = 0;

  // Lets something happen at the other end of the line.
  void Send(Timeline::Event event) { queue_.After(one_way_, std::move(event)); }
  uint64_t now() const { return queue_.now(); }
  // Note what becomes of the first typist's keys, and what he hears.
  void NoteSent(size_t client, uint64_t keys, uint64_t bytes);
  void NoteHeard(size_t client, uint64_t bytes) {
    if (client == 0) result_.bytes_heard += bytes;
  }
  void NoteSeen(size_t author, const Presses& presses) {
    if (author == 0) seen_.Add(presses, now());
  }
  void NoteAcknowledged(size_t author, const Presses& presses) {
    if (author == 0) acknowledged_.Add(presses, now());
  }
  // Notes keys that took each other back before they could be sent.
  void NoteUndone(size_t author, uint64_t keys) {
    if (author == 0) undone_ += keys;
  }

  TypistResult result_;

 private:
  void Type(size_t client, uint64_t keys_left);

  TypistOptions options_;
  uint64_t one_way_;
  Timeline queue_;
  std::vector<std::unique_ptr<Fingers>> fingers_;
  Times seen_;
  Times acknowledged_;
  uint64_t undone_ = 0;
};

void Room::Type(size_t client, uint64_t keys_left) {
  if (keys_left == 0) return;
  queue_.After(fingers_[client]->PauseMicroseconds(), [this, client, keys_left] {
    fingers_[client]->Press();
    OnKey(client);
    Type(client, keys_left - 1);
  });
}

void Room::NoteSent(size_t client, uint64_t keys, uint64_t bytes) {
  if (client != 0) return;
  ++result_.messages_sent;
  result_.bytes_sent += bytes;
  result_.keys_per_message_max = std::max(result_.keys_per_message_max, keys);
}

TypistResult Room::Run() {
  for (size_t client = 0; client < options_.typists; ++client) {
    const uint64_t place = kTextLength * (client + 1) / (kClients + 1);
    fingers_.push_back(
        std::make_unique<Fingers>(DocumentOf(client), place, options_.seed * kClients + client));
    Type(client, options_.keys);
  }
  queue_.Run();
  result_.ok = DocumentOf(0).Text() == DocumentOf(1).Text() && AllIsAcknowledged() &&
               seen_.count() + undone_ == options_.keys &&
               acknowledged_.count() + undone_ == options_.keys;
  result_.keys = options_.keys;
  result_.seen_ms_mean = seen_.mean();
  result_.seen_ms_max = seen_.max();
  result_.acknowledged_ms_mean = acknowledged_.mean();
  result_.acknowledged_ms_max = acknowledged_.max();
  return result_;
}

class OtRoom final : public Room {
 public:
  explicit OtRoom(const TypistOptions& options)
      : Room(options),
        server_(*OtServerState::FromSnapshot({.text = MakeBranchBase(kTextLength)})) {
    for (size_t i = 0; i < kClients; ++i) {
      clients_.push_back(std::make_unique<Client>(i));
      clients_[i]->document->Subscribe([this, i](const DeltaEvent& event) {
        if (event.origin == EditOrigin::kLocal) typed_[i] = event.delta;
      });
    }
  }

 protected:
  Document& DocumentOf(size_t client) override { return *clients_[client]->document; }
  bool AllIsAcknowledged() const override {
    return std::ranges::all_of(clients_, [](const auto& client) {
      return client->state.state() == OtClientState::State::kSynchronized;
    });
  }
  void OnKey(size_t client) override;

 private:
  struct Client {
    explicit Client(size_t number)
        : state(OtClientId{number + 1}, 0, kTextLength),
          document(*OtDocument::FromText(MakeBranchBase(kTextLength))) {}

    OtClientState state;
    std::unique_ptr<OtDocument> document;
    Presses in_flight = {};
    Presses unsent = {};
  };

  void SendSubmission(size_t client, const OtSubmission& submission);
  void OnSubmission(size_t author, const std::string& bytes, const Presses& presses);
  void OnCommit(size_t client, const std::string& bytes, const Presses& presses);
  void OnAcknowledged(size_t client, uint64_t seq, uint64_t revision);

  OtServerState server_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::array<Delta, kClients> typed_;
};

void OtRoom::OnKey(size_t client) {
  Client& typist = *clients_[client];
  typist.unsent.push_back(now());
  const auto effects = typist.state.Edit(typed_[client]);
  COTEXT_CHECK(effects);
  const std::optional<OtSubmission>& next = effects->send;
  if (next) SendSubmission(client, *next);
}

void OtRoom::SendSubmission(size_t client, const OtSubmission& submission) {
  Client& author = *clients_[client];
  author.in_flight = std::exchange(author.unsent, {});
  std::string bytes = EncodeOtMessage(
      {.number = submission.seq, .revision = submission.base, .operation = submission.operation});
  NoteSent(client, author.in_flight.size(), bytes.size());
  Send([this, client, presses = author.in_flight, bytes = std::move(bytes)] {
    OnSubmission(client, bytes, presses);
  });
}

// Commits, acknowledges, tells the other client.
void OtRoom::OnSubmission(size_t author, const std::string& bytes, const Presses& presses) {
  const OtMessage message = *DecodeOtMessage(bytes);
  result_.server_transforms += server_.revision() - message.revision;
  const OtOutcome outcome = server_.Apply({.client = OtClientId{author + 1},
                                           .seq = message.number,
                                           .base = message.revision,
                                           .operation = message.operation});
  COTEXT_CHECK(outcome.revision);
  const uint64_t revision = *outcome.revision;
  Send([this, author, seq = message.number, revision] { OnAcknowledged(author, seq, revision); });
  std::string commit = EncodeOtMessage({.number = author + 1,
                                        .revision = revision,
                                        .operation = server_.CommitAt(revision).operation});
  Send([this, other = 1 - author, presses, commit = std::move(commit)] {
    OnCommit(other, commit, presses);
  });
}

void OtRoom::OnCommit(size_t client, const std::string& bytes, const Presses& presses) {
  Client& reader = *clients_[client];
  const OtMessage message = *DecodeOtMessage(bytes);
  NoteHeard(client, bytes.size());
  NoteSeen(1 - client, presses);
  if (client == 0) {
    const auto state = reader.state.state();
    if (state != OtClientState::State::kSynchronized) ++result_.client_transforms;
    if (state == OtClientState::State::kAwaitingWithBuffer) ++result_.client_transforms;
  }
  const auto effects = reader.state.OnCommitted({.revision = message.revision,
                                                 .client = OtClientId{message.number},
                                                 .seq = 1,
                                                 .operation = message.operation});
  COTEXT_CHECK(effects && !effects->missing);
  COTEXT_CHECK(reader.document->ApplyRemote(effects->change));
}

void OtRoom::OnAcknowledged(size_t client, uint64_t seq, uint64_t revision) {
  Client& author = *clients_[client];
  NoteHeard(client, VarintSize(seq) + VarintSize(revision));
  NoteAcknowledged(client, author.in_flight);
  const auto effects = author.state.OnAcknowledged(seq, revision);
  COTEXT_CHECK(effects && !effects->missing);
  const std::optional<OtSubmission>& next = effects->send;
  if (next) return SendSubmission(client, *next);
  NoteUndone(client, author.unsent.size());
  author.unsent.clear();
}

class RgaRoom final : public Room {
 public:
  explicit RgaRoom(const TypistOptions& options) : Room(options) {
    RgaDocument first(ReplicaId{kClients + 1});
    COTEXT_CHECK(first.Insert(CodePointOffset{0}, MakeBranchBase(kTextLength)));
    replicas_.Add(first.replica());
    for (uint64_t i = 0; i < kClients; ++i) {
      documents_.push_back(first.Fork(ReplicaId{i + 1}));
      replicas_.Add(documents_[i]->replica());
      sent_[i] = documents_[i]->next_counter();
    }
  }

 protected:
  Document& DocumentOf(size_t client) override { return *documents_[client]; }
  bool AllIsAcknowledged() const override { return unacknowledged_ == 0; }
  void OnKey(size_t client) override;

 private:
  ReplicaTable replicas_;
  std::vector<std::unique_ptr<RgaDocument>> documents_;
  std::array<uint64_t, kClients> sent_;  // Counters before these were sent.
  uint64_t unacknowledged_ = 0;
};

void RgaRoom::OnKey(size_t client) {
  const Update changes = documents_[client]->OwnChangesFrom(sent_[client]);
  sent_[client] = documents_[client]->next_counter();
  const std::string bytes = EncodeUpdate(changes, {.known = &replicas_});
  NoteSent(client, 1, bytes.size());
  ++unacknowledged_;
  Send([this, client, bytes, counter = sent_[client], presses = Presses{now()}] {
    Send([this, client, counter, presses] {
      NoteHeard(client, VarintSize(counter));
      NoteAcknowledged(client, presses);
      --unacknowledged_;
    });
    Send([this, client, bytes, presses] {
      const size_t other = 1 - client;
      NoteHeard(other, bytes.size());
      NoteSeen(client, presses);
      COTEXT_CHECK(documents_[other]->MergePacked(*DecodePackedUpdate(bytes, {}, &replicas_)));
    });
  });
}

}  // namespace

TypistResult SimulateTypist(Engine engine, const TypistOptions& options) {
  COTEXT_CHECK(options.typists >= 1 && options.typists <= kClients);
  COTEXT_CHECK(options.keys > 0);
  return engine == Engine::kOt ? OtRoom(options).Run() : RgaRoom(options).Run();
}

}  // namespace cotext
