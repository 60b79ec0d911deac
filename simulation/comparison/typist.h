// One fast typist on a slow line, in virtual time: how often he is heard, what that costs, and when
// others see what he typed.
//
// Two clients of a server are `round_trip_ms` from it, half of that each way. Keys come every 50 to
// 110 ms, one in ten is backspace. The other client only reads, or types as fast somewhere else in
// the text. Nothing takes time but the line, and nothing is lost. So all numbers follow from the
// seed.
//   OT    OtClientState and OtServerState: one submission in flight, what is typed meanwhile goes
//         into the next one. Keys that took each other back meanwhile are never sent.
//   RGA   each key is a change, which is sent at once; the server hands on what it gets.
// Bytes are those of the messages (ot_message.h; updates with a table of replicas),
// acknowledgements with a varint for each number in them, without any frame.
#ifndef COTEXT_SIMULATION_COMPARISON_TYPIST_H_
#define COTEXT_SIMULATION_COMPARISON_TYPIST_H_

#include <cstdint>

#include "document/document.h"

namespace cotext {

struct TypistOptions {
  uint64_t round_trip_ms = 100;
  uint32_t typists = 1;  // Or 2.
  uint64_t keys = 2000;  // Of each.
  uint64_t seed = 1;
};

// What the first typist sent and got, and what became of it.
struct TypistResult {
  bool ok = false;  // All texts are the same in the end, and all was acknowledged.
  uint64_t keys = 0;
  uint64_t messages_sent = 0;
  uint64_t bytes_sent = 0;
  uint64_t bytes_heard = 0;  // Of others' edits, and acknowledgements.
  uint64_t keys_per_message_max = 0;
  uint64_t client_transforms = 0;  // Of a commit past something pending.
  uint64_t server_transforms = 0;  // Of a submission past a revision; of all clients.
  // From a key to its being seen by the other client, and to its acknowledgement.
  double seen_ms_mean = 0;
  double seen_ms_max = 0;
  double acknowledged_ms_mean = 0;
  double acknowledged_ms_max = 0;

  friend bool operator==(const TypistResult&, const TypistResult&) = default;
};

// REQUIRES: typists is 1 or 2; there are keys.
TypistResult SimulateTypist(Engine engine, const TypistOptions& options);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_COMPARISON_TYPIST_H_
