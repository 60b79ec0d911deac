// A second reader, written from docs/FORMAT.md alone, understands what the codec writes, and
// refuses what the codec refuses.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>

#include "crdt/change.h"
#include "crdt/codec/document_file.h"
#include "crdt/codec/named_versions.h"
#include "crdt/codec/packed_update.h"
#include "crdt/codec/replica_table.h"
#include "crdt/codec/section.h"
#include "crdt/codec/update_codec.h"
#include "crdt/codec/update_packing.h"
#include "crdt/ids.h"
#include "crdt/rga.h"
#include "crdt/version_vector.h"
#include "document/document_id.h"
#include "document/error.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/naive_history.h"
#include "tests/support/random_text.h"
#include "tests/support/rga_testing.h"
#include "tests/support/twin_replicas.h"

namespace cotext {
namespace {

// The reader's own limit.
constexpr uint32_t kOperationsMax = uint32_t{1} << 20U;

std::string Hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const char byte : bytes) {
    hex.push_back(kDigits[static_cast<unsigned char>(byte) >> 4U]);
    hex.push_back(kDigits[static_cast<unsigned char>(byte) & 0x0fU]);
  }
  return hex;
}

std::string NameOf(OpId id) {
  if (id == kRoot) return "root";
  return std::to_string(id.counter) + "@" + std::to_string(id.replica.value);
}

// Returns what the reader is to print.
std::string MeaningOf(const PackedUpdate& packed) {
  std::string lines;
  const Update update = Unpack(packed);
  for (size_t i = 0; i < update.size(); ++i) {
    const ChangeView change = update[i];
    lines += "change " + NameOf(OpId{.counter = change.first_counter, .replica = change.replica}) +
             " after";
    for (const OpId parent : change.parents) lines += " " + NameOf(parent);
    lines += "\n";
    for (const auto& [id, atom] : AtomsOf(change)) {
      lines += NameOf(id) + (atom.is_insert ? " + " + Hex(atom.character) : " -") + " " +
               NameOf(atom.reference) + "\n";
    }
  }
  return lines;
}

// What the reader is asked, and what it is to answer.
struct Questions {
  std::string input;
  std::string answers;

  void Ask(std::string_view kind, std::string_view bytes, std::string_view answer) {
    ((input += kind) += " ") += Hex(bytes) + "\n";
    (answers += answer) += ".\n";
  }
};

void ExpectAnswers(const Questions& questions) {
  const std::string input = testing::TempDir() + "/questions";
  const std::string output = testing::TempDir() + "/answers";
  std::ofstream(input, std::ios::binary) << questions.input;
  const std::string command =
      "python3 tests/docs/format_reader.py < '" + input + "' > '" + output + "'";
  ASSERT_EQ(std::system(command.c_str()), 0);
  std::ifstream file(output, std::ios::binary);
  const std::string answers{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (answers == questions.answers) return;
  const auto differs = std::ranges::mismatch(answers, questions.answers);
  const auto context = [](const std::string& text, size_t at) {
    return text.substr(at < 200 ? 0 : at - 200, 300);
  };
  const auto at = static_cast<size_t>(differs.in1 - answers.begin());
  FAIL() << "the reader says\n"
         << context(answers, at) << "\nnot\n"
         << context(questions.answers, at);
}

UpdateEncoding RandomEncoding(Random& random) {
  return UpdateEncoding{.neighbours = random.Chance(50), .drops_deleted_text = random.Chance(30)};
}

TEST(FormatReaderTest, Updates) {
  Questions questions;
  ForEachSeed(100, [&questions](Random& random) {
    TwinReplicas replicas(random, 3);
    replicas.Run(40);
    const VersionVector known =
        random.Chance(50) ? replicas.Any().rga.version_vector() : VersionVector{};
    const PackedUpdate update = replicas.Any().rga.PackedSince(known);
    ReplicaTable table;
    std::string kind = "update:";
    for (size_t i = 0; i < replicas.size(); ++i) {
      if (random.Chance(50)) continue;
      table.Add(replicas[i].rga.replica());
      kind += (table.size() == 1 ? "" : ",") + std::to_string(replicas[i].rga.replica().value);
    }
    UpdateEncoding encoding = RandomEncoding(random);
    encoding.known = &table;
    const std::string bytes = EncodePackedUpdate(update, encoding);
    const auto decoded = DecodePackedUpdate(bytes, {}, &table);
    ASSERT_TRUE(decoded.has_value());
    questions.Ask(kind, bytes, MeaningOf(*decoded));
  });
  ExpectAnswers(questions);
}

// Asks what some bytes are, unless they are more than the reader takes; returns whether they are an
// update.
bool AskWhatIs(Questions& questions, std::string_view bytes) {
  const auto decoded = DecodePackedUpdate(bytes);
  const bool is_large = decoded ? decoded->end.operation > kOperationsMax
                                : decoded.error().code == ErrorCode::kTooLarge;
  if (is_large) return false;
  questions.Ask("update", bytes, decoded ? MeaningOf(*decoded) : "refused\n");
  return decoded.has_value();
}

TEST(FormatReaderTest, SpoiledUpdates) {
  Questions questions;
  uint64_t accepted = 0;
  ForEachSeed(100, [&](Random& random) {
    TwinReplicas replicas(random, 2);
    replicas.Run(20);
    const VersionVector known =
        random.Chance(50) ? replicas.Any().rga.version_vector() : VersionVector{};
    const std::string whole =
        EncodePackedUpdate(replicas.Any().rga.PackedSince(known), RandomEncoding(random));
    for (int i = 0; i < 60; ++i) {
      std::string bytes = whole;
      const size_t at = random.Below(bytes.size());
      switch (random.Below(4)) {
        case 0: bytes.erase(at, random.Between(1, 3)); break;
        case 1: bytes.insert(at, 1, static_cast<char>(random.Below(256))); break;
        default: bytes[at] = static_cast<char>(random.Below(random.Chance(70) ? 16 : 256));
      }
      if (AskWhatIs(questions, bytes)) ++accepted;
    }
  });
  EXPECT_GT(accepted, 200U);
  ExpectAnswers(questions);
}

std::string RandomParent(Random& random) {
  const uint64_t form = random.Below(random.Chance(98) ? 3 : 4);
  std::string bytes(1, static_cast<char>(random.Below(2) << 2U | form));
  if (form > 0) bytes += static_cast<char>(random.Below(8));
  return bytes;
}

// Small updates of whatever rare things there are, as right as random numbers can be: two replicas,
// runs that add up to their changes, steps and distances just within and beyond their limits.
std::string RandomUpdateBytes(Random& random) {
  const uint64_t changes = random.Between(1, 3);
  std::string bytes(1, static_cast<char>(random.Below(4) << 5U | 1U));
  bytes += random.Chance(98) ? "\x02\x05\x04" : std::string("\x02\x05\x00", 3);
  bytes += static_cast<char>(changes);
  std::string lengths;
  uint64_t runs = 0;
  uint64_t elements = 0;
  bool was_there[2] = {};
  for (uint64_t i = 0; i < changes; ++i) {
    const uint64_t replica = random.Below(2);
    const uint64_t length = random.Chance(98) ? random.Between(1, 6) : 0;
    const uint64_t form = random.Below(random.Chance(98) ? 5 : 8);
    (bytes += static_cast<char>(replica)) += static_cast<char>(length << 3U | form);
    if (form == 2 && !was_there[replica]) bytes += static_cast<char>(random.Below(8));
    if (form == 3) bytes += RandomParent(random);
    if (form >= 4) ((bytes += '\x02') += RandomParent(random)) += RandomParent(random);
    was_there[replica] = true;
    for (uint64_t left = length; left > 0; ++runs) {
      const uint64_t run = random.Between(1, left);
      const uint64_t kind = random.Chance(50) ? 0 : std::min<uint64_t>(random.Below(6), 3);
      lengths += static_cast<char>((run - 1) << 2U | kind);
      if (kind == 0) elements += run;
      left -= run;
    }
  }
  bytes += lengths;
  uint64_t distances = 0;
  for (uint64_t i = 0; i < runs; ++i) {
    bytes += static_cast<char>(random.Chance(99) ? random.Below(6) : random.Between(0x40, 0x43));
    if (bytes.back() == 0) ++distances;
  }
  for (; distances > 0; --distances) bytes += static_cast<char>(random.Below(9));
  const uint64_t lacking = random.Chance(80) ? 0 : random.Below(3);
  return bytes + std::string(elements - std::min(elements, lacking), 'x');
}

TEST(FormatReaderTest, RandomUpdates) {
  Questions questions;
  uint64_t accepted = 0;
  ForEachSeed(1, [&](Random& random) {
    for (int i = 0; i < 60'000; ++i) {
      if (AskWhatIs(questions, RandomUpdateBytes(random))) ++accepted;
    }
  });
  EXPECT_GT(accepted, 1'000U);
  ExpectAnswers(questions);
}

// Returns a few names for versions; their operations need not be anywhere.
NamedVersions RandomNames(Random& random) {
  NamedVersions names;
  for (uint64_t left = random.Below(4); left > 0; --left) {
    std::set<OpId> heads;
    for (uint64_t i = random.Below(3); i > 0; --i) {
      heads.insert(
          OpId{.counter = random.Between(1, 300), .replica = ReplicaId{random.Next() >> 11U | 1U}});
    }
    EXPECT_TRUE(names.Set(RandomText(random, 5) + "!", {heads.begin(), heads.end()}).has_value());
  }
  return names;
}

std::string MeaningOf(const NamedVersions& names) {
  std::string lines;
  for (const auto& [name, heads] : names.versions()) {
    lines += "name " + Hex(name);
    for (const OpId head : heads) lines += " " + NameOf(head);
    lines += "\n";
  }
  return lines;
}

TEST(FormatReaderTest, SpoiledNames) {
  Questions questions;
  uint64_t accepted = 0;
  ForEachSeed(500, [&](Random& random) {
    std::string content = RandomNames(random).Encode();
    content[random.Below(content.size())] =
        static_cast<char>(random.Below(random.Chance(80) ? 8 : 256));
    std::string file = EncodeDocumentFile(Rga(ReplicaId{1}), DocumentId{}, {});
    AppendSection(file, SectionKind::kNamedVersions, content, {});
    const auto decoded = NamedVersions::Decode(content);
    questions.Ask("file", file, decoded ? "text \n" + MeaningOf(*decoded) : "refused\n");
    if (decoded) ++accepted;
  });
  EXPECT_GT(accepted, 50U);
  EXPECT_LT(accepted, 450U);
  ExpectAnswers(questions);
}

TEST(FormatReaderTest, Files) {
  Questions questions;
  ForEachSeed(100, [&questions](Random& random) {
    TwinReplicas replicas(random, 3);
    replicas.Run(30);
    const FileEncoding encoding{.neighbours = random.Chance(50),
                                .drops_deleted_text = random.Chance(30)};
    Rga rga = replicas.Any().rga;
    const PackedUpdate update = rga.PackedSince(replicas.Any().rga.version_vector());
    const std::string update_file = EncodeUpdateFile(update, encoding);
    questions.Ask("file", update_file, MeaningOf(DecodeUpdateFile(update_file, nullptr).value()));
    NamedVersions names = RandomNames(random);
    std::string file = EncodeDocumentFile(rga, DocumentId{}, encoding, names);
    std::string meaning = MeaningOf(
        DocumentFile::Open(file, nullptr)->Load(rga.replica())->PackedSince(VersionVector{}));
    for (int i = 0; i < 2; ++i) {
      const VersionVector saved = rga.version_vector();
      const Rga& other = replicas.Any().rga;
      ASSERT_TRUE(rga.IntegrateAll(other.ChangesSince(saved)).has_value());
      file += EncodeAppendix(rga, saved, {});
      meaning += MeaningOf(rga.PackedSince(saved));
    }
    if (random.Chance(30)) file += EncodeNamesAppendix(names = RandomNames(random), {});
    questions.Ask("file", file, meaning + "text " + Hex(TextOf(rga)) + "\n" + MeaningOf(names));
  });
  ExpectAnswers(questions);
}

}  // namespace
}  // namespace cotext
