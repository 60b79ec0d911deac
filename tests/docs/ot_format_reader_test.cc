// A second reader, written from docs/FORMAT.md §9 alone, understands what the codecs of OT write,
// and refuses what they refuse.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <sstream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "document/delta.h"
#include "document/error.h"
#include "document/random.h"
#include "ot/client_codec.h"
#include "ot/commit_codec.h"
#include "ot/log_codec.h"
#include "ot/log_entry.h"
#include "ot/server_snapshot.h"
#include "ot/snapshot_codec.h"
#include "ot/submission.h"
#include "tests/support/damaged_bytes.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/ot_values.h"
#include "tests/support/random_delta.h"
#include "tests/support/random_text.h"

namespace cotext {
namespace {

// Returns what all of them print, with something in between.
template <typename... Parts>
std::string Join(char between, const Parts&... parts) {
  std::ostringstream out;
  size_t count = 0;
  const auto add = [&](const auto& part) {
    if (count++ > 0) out << between;
    out << part;
  };
  (add(parts), ...);
  return out.str();
}

std::string Hex(std::string_view bytes) {
  std::ostringstream hex;
  hex << std::hex << std::setfill('0');
  for (const char byte : bytes) {
    hex << std::setw(2) << static_cast<unsigned>(static_cast<unsigned char>(byte));
  }
  return hex.str();
}

std::string Hex(uint64_t number) {
  std::ostringstream hex;
  hex << std::hex << std::setfill('0') << std::setw(16) << number;
  return hex.str();
}

std::string HexOrDash(std::string_view bytes) { return bytes.empty() ? "-" : Hex(bytes); }

std::string Show(const Delta& operation) {
  std::string shown;
  for (const Delta::Component& component : operation) {
    if (!shown.empty()) shown += ",";
    shown += "=+-"[static_cast<size_t>(component.kind)];
    if (component.kind == Delta::Kind::kDelete && component.has_text()) shown += "t";
    shown += component.has_text() ? Hex(component.text) : std::to_string(component.count);
  }
  return shown.empty() ? "nothing" : shown;
}

std::string Show(const OtLogEntry& entry) {
  if (const auto* truncation = std::get_if<OtTruncation>(&entry)) {
    return Join(' ', "truncation", truncation->revision);
  }
  const auto& submission = std::get<OtSubmission>(entry);
  return Join(' ', "submission", submission.client.value, submission.seq, submission.base,
              Show(submission.operation));
}

std::string ShowList(const std::vector<OtCommit>& commits) {
  std::string shown;
  for (const OtCommit& commit : commits) {
    shown +=
        " " + Join(':', commit.revision, commit.client.value, commit.seq, Show(commit.operation));
  }
  return shown;
}

std::string Show(const std::vector<OtCommit>& commits) { return "commits" + ShowList(commits); }

std::string Show(const OtSnapshot& snapshot) {
  std::string shown = Join(' ', "snapshot", snapshot.log_position, snapshot.revision,
                           snapshot.forgotten_below, HexOrDash(snapshot.text));
  for (const OtDecision& decision : snapshot.decisions) {
    shown += " " + Join(':', "decision", decision.client.value, decision.seq, decision.revision,
                        decision.refusal ? static_cast<int>(*decision.refusal) : 0,
                        Hex(decision.fingerprint));
  }
  for (const OtRevisionHash& hash : snapshot.hashes) {
    shown += " " + Join(':', "hash", hash.revision, Hex(hash.hash));
  }
  return shown + ShowList(snapshot.history);
}

std::string Show(const OtSavedClient& client) {
  std::string shown = Join(' ', "client", client.client.value, client.next_seq, client.revision,
                           client.text_length);
  if (client.in_flight) {
    shown += " " + Join(' ', client.in_flight->base, Show(client.in_flight->operation),
                        Show(client.in_flight_now), client.edits_in_flight, client.edits_unsent,
                        Show(client.buffer));
  }
  return client.needs_snapshot ? shown + " needs_snapshot" : shown;
}

std::string Show(const OtSavedReplica& replica) {
  std::string shown = "document " + Show(replica.client);
  if (replica.returned) {
    const OtReturned& returned = *replica.returned;
    shown += " " + Join(' ', "returned", Show(returned.operation), returned.revision,
                        replica.returned_edits,
                        (returned.follows_in_flight ? 1 : 0) + (returned.may_be_committed ? 2 : 0));
  }
  return shown + " " + HexOrDash(replica.text);
}

// What the codecs make of bytes of any form.
std::string MeaningOf(std::string_view bytes) {
  if (const auto entry = DecodeLogEntry(bytes)) return Show(*entry);
  if (const auto commits = DecodeCommits(bytes)) return Show(*commits);
  if (const auto snapshot = DecodeOtSnapshot(bytes)) return Show(*snapshot);
  if (const auto client = DecodeOtClient(bytes)) return Show(*client);
  if (const auto replica = DecodeOtReplica(bytes)) return Show(*replica);
  return "refused";
}

std::string RandomBytes(Random& random) {
  switch (random.Below(5)) {
    case 0: return EncodeLogEntry(RandomSubmission(random));
    case 1: return EncodeLogEntry(OtTruncation{random.Below(kOtIdLimit)});
    case 2: return EncodeOtSnapshot(RandomServerState(random).Snapshot());
    case 3: {
      const std::vector<OtCommit> history = RandomServerState(random).Snapshot().history;
      return history.empty() ? EncodeOtSnapshot({}) : EncodeCommits(history);
    }
    default: {
      OtSavedReplica replica{.client = RandomClientState(random).Save(),
                             .text = RandomText(random, 10)};
      if (random.Chance(40)) {
        replica.returned = OtReturned{.operation = RandomDelta(random, "text", DeletedText::kSome),
                                      .revision = random.Below(1000),
                                      .follows_in_flight = random.Chance(50),
                                      .may_be_committed = random.Chance(50)};
        replica.returned_edits = random.Below(5);
      }
      return random.Chance(50) ? EncodeOtClient(replica.client) : EncodeOtReplica(replica);
    }
  }
}

TEST(OtFormatReaderTest, BothReadersSeeTheSameInRightAndInDamagedBytes) {
  std::string questions;
  std::vector<std::string> inputs;
  size_t refused = 0;
  ForEachSeed(6000, [&](Random& random) {
    std::string bytes = RandomBytes(random);
    if (random.Chance(60)) bytes = Damage(random, bytes);
    questions += Hex(bytes) + "\n";
    inputs.push_back(bytes);
    refused += MeaningOf(bytes) == "refused";
  });
  EXPECT_GT(refused, 1000U);
  EXPECT_LT(refused, 4000U);
  const std::string input = testing::TempDir() + "/questions";
  const std::string output = testing::TempDir() + "/answers";
  std::ofstream(input) << questions;
  const std::string command =
      "python3 tests/docs/ot_format_reader.py < '" + input + "' > '" + output + "'";
  ASSERT_EQ(std::system(command.c_str()), 0);
  std::ifstream answers(output);
  std::string answer;
  for (const std::string& bytes : inputs) {
    ASSERT_TRUE(std::getline(answers, answer));
    ASSERT_EQ(answer, MeaningOf(bytes)) << Hex(bytes);
  }
}

}  // namespace
}  // namespace cotext
