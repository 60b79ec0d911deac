// What goes over the wire: a keystroke for one receiver and for many, a packet of them, a large
// update. `bytes` is the packet's size.
#include "proto/wire.h"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "benchmarks/support/case_benchmark.h"
#include "document/check.h"
#include "document/error.h"
#include "sync/message.h"
#include "sync/packet.h"

namespace cotext::proto {
namespace {

constexpr size_t kKeystrokeBytes = 8;  // Of an update, see docs/FORMAT.md.
constexpr int64_t kPieceBytes = sync::kPieceBytesMax;

sync::PacketHead LiveHead() { return {.first = 100'000, .received = 40'000}; }

sync::Message Update(size_t size) {
  sync::Message message;
  message.kind = sync::MessageKind::kUpdate;
  message.channel = 300;
  message.bytes[0] = std::string(size, 'x');
  return message;
}

sync::Packet PacketOf(size_t messages, size_t size) {
  return {.head = LiveHead(), .messages = std::vector<sync::Message>(messages, Update(size))};
}

void Report(benchmark::State& state, size_t bytes) {
  state.counters["bytes"] = static_cast<double>(bytes);
  state.SetBytesProcessed(static_cast<int64_t>(bytes) * state.iterations());
}

// From the struct to the bytes of a packet.
void Encode(benchmark::State& state) {
  const sync::Message message = Update(static_cast<size_t>(state.range(0)));
  std::string bytes;
  for (auto _ : state) {
    const EncodedMessage encoded = EncodeMessage(message);
    const EncodedMessage* const pointer = &encoded;
    bytes = EncodePacket(LiveHead(), {&pointer, 1});
  }
  const Expected<sync::Packet> packet = DecodePacket(bytes);
  COTEXT_CHECK(packet && packet->messages[0] == message);
  Report(state, bytes.size());
}
BENCHMARK(Encode)->Arg(kKeystrokeBytes)->Arg(kPieceBytes);

// What each further receiver of a message costs.
void EncodeForAnother(benchmark::State& state) {
  const EncodedMessage encoded = EncodeMessage(Update(static_cast<size_t>(state.range(0))));
  const EncodedMessage* const pointer = &encoded;
  std::string bytes;
  for (auto _ : state) bytes = EncodePacket(LiveHead(), {&pointer, 1});
  COTEXT_CHECK(DecodePacket(bytes).has_value());
  Report(state, bytes.size());
}
BENCHMARK(EncodeForAnother)->Arg(kKeystrokeBytes)->Arg(kPieceBytes);

void Decode(benchmark::State& state) {
  const sync::Packet packet = PacketOf(1, static_cast<size_t>(state.range(0)));
  const std::string bytes = EncodePacket(packet);
  for (auto _ : state) {
    const Expected<sync::Packet> decoded = DecodePacket(bytes);
    COTEXT_CHECK(decoded && decoded->messages.size() == 1);
  }
  COTEXT_CHECK(DecodePacket(bytes) == packet);
  Report(state, bytes.size());
}
BENCHMARK(Decode)->Arg(kKeystrokeBytes)->Arg(kPieceBytes);

// Many keystrokes in a packet.
void DecodeMany(benchmark::State& state) {
  const sync::Packet packet = PacketOf(static_cast<size_t>(state.range(0)), kKeystrokeBytes);
  const std::string bytes = EncodePacket(packet);
  for (auto _ : state) COTEXT_CHECK(DecodePacket(bytes).has_value());
  COTEXT_CHECK(DecodePacket(bytes) == packet);
  Report(state, bytes.size());
  state.SetItemsProcessed(state.range(0) * state.iterations());
}
BENCHMARK(DecodeMany)->Arg(10)->Arg(100)->Arg(1000);

}  // namespace
}  // namespace cotext::proto

int main(int argc, char** argv) { return cotext::RunBenchmarks(argc, argv); }
