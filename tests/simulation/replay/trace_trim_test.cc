// What a recorded document takes in memory once it is finished and trimmed, and that it goes on.
#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "document/document.h"
#include "document/offset.h"
#include "document/random.h"
#include "simulation/replay/local_edits.h"
#include "simulation/trace/trace.h"
#include "simulation/trace/trace_reader.h"
#include "storage/compression.h"
#include "storage/file_encoding.h"

namespace {

// What is allocated and not freed, of the whole program.
int64_t live_bytes = 0;

}  // namespace

void* operator new(size_t size) {
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) std::abort();
  live_bytes += static_cast<int64_t>(malloc_usable_size(memory));
  return memory;
}
void operator delete(void* memory) noexcept {
  if (memory != nullptr) live_bytes -= static_cast<int64_t>(malloc_usable_size(memory));
  std::free(memory);
}
void operator delete(void* memory, size_t /*size*/) noexcept { operator delete(memory); }

namespace cotext {
namespace {

constexpr ReplicaId kAuthor{1};
constexpr ReplicaId kPeer{2};

// Asks all of a packed document that leaves it packed.
void AskPacked(const RgaDocument& document, const VersionVector& version) {
  EXPECT_EQ(document.version_vector(), version);
  EXPECT_EQ(document.horizon(), version);
  EXPECT_FALSE(document.frontier().empty());
  EXPECT_GT(document.next_counter(), version.entries()[0].counter);
  EXPECT_TRUE(document.EncodeSince(document.version()).has_value());
  for (const Profile profile : {Profile::kSmall, Profile::kFast}) {
    EXPECT_TRUE(document.Save(EncodingFor(profile)).has_value());
    EXPECT_EQ(document.SaveSince(version, CompressorFor(profile)), "");
  }
  EXPECT_TRUE(document.Save({.keeps_undo = true}).has_value());
  EXPECT_GT(document.EncodeUndo().size(), 0U);
}

// The most that a finished document may take is its text and a tenth; returns it packed.
void TrimAndPack(RgaDocument& document, const std::string& text, int64_t bytes_before) {
  const auto text_bytes = static_cast<int64_t>(text.size());
  const int64_t whole = live_bytes - bytes_before;
  const VersionVector version = document.version_vector();
  ASSERT_TRUE(document.Trim(version).has_value());
  const int64_t trimmed = live_bytes - bytes_before;
  ASSERT_TRUE(document.Pack(CompressorFor(Profile::kSmall), NativeDecompressor()).has_value());
  const int64_t packed = live_bytes - bytes_before;
  std::printf("text %lld, whole %lld, trimmed %lld, packed %lld bytes\n",
              static_cast<long long>(text_bytes), static_cast<long long>(whole),
              static_cast<long long>(trimmed), static_cast<long long>(packed));
  EXPECT_LT(trimmed, 2 * text_bytes);
  EXPECT_LT(packed, text_bytes + text_bytes / 10);
  EXPECT_TRUE(document.Text() == text);
  // The second time nothing is left of what the tests' own output takes once.
  int64_t asked = 0;
  for (int i = 0; i < 2; ++i) {
    asked = live_bytes;
    ASSERT_NO_FATAL_FAILURE(AskPacked(document, version));
    EXPECT_LT(live_bytes - bytes_before, text_bytes + text_bytes / 10);
  }
  EXPECT_EQ(live_bytes, asked);
  EXPECT_FALSE(document.is_unpacked());
}

TEST(TraceTrimTest, AFinishedDocumentTakesLessThanItsTextAndATenth) {
  const char* const folder = std::getenv("COTEXT_DATA");
  if (folder == nullptr || *folder == '\0') GTEST_SKIP() << "COTEXT_DATA is not set";
  const auto trace = ReadTrace(std::string(folder) + "/traces/automerge-paper.json.gz");
  ASSERT_TRUE(trace.has_value()) << trace.error().message;
  const std::string text(trace->end_content());
  int64_t before = live_bytes;
  auto document = std::make_unique<RgaDocument>(kAuthor);
  ASSERT_TRUE(ApplyEdits(*trace, DecodePatches(*trace), *document).has_value());
  const int64_t whole = live_bytes - before;
  const auto peer = document->Fork(kPeer);
  before = live_bytes - whole;
  ASSERT_NO_FATAL_FAILURE(TrimAndPack(*document, text, before));

  // It goes on with a peer that did not trim.
  ASSERT_TRUE(peer->Erase(CodePointOffset{999}, CodePointOffset{1003}).has_value());
  ASSERT_TRUE(document->Insert(CodePointOffset{1000}, "more").has_value());
  ASSERT_TRUE(document->Merge(*peer->EncodeSince(document->version())).has_value());
  ASSERT_TRUE(peer->Merge(*document->EncodeSince(peer->version())).has_value());
  EXPECT_EQ(document->Text(), text.substr(0, 999) + "more" + text.substr(1003));
  EXPECT_EQ(peer->Text(), document->Text());
}

// Words that are typed by two authors, here and there, and mended.
TEST(TraceTrimTest, ATextOfTwoAuthorsTakesLessThanThatToo) {
  constexpr const char* kWords[] = {"every ", "replica ", "holds ", "the ",
                                    "same ",  "text ",    ".\n"};
  Random random(1);
  int64_t before = live_bytes;
  auto document = std::make_unique<RgaDocument>(kAuthor);
  auto peer = std::make_unique<RgaDocument>(kPeer);
  for (int i = 0; i < 20'000; ++i) {
    RgaDocument& to = random.Chance(50) ? *document : *peer;
    const uint64_t length = to.metrics().code_points;
    const uint64_t at = random.Chance(98) ? length : random.Below(length + 1);
    ASSERT_TRUE(to.Insert(CodePointOffset{at}, kWords[random.Below(7)]).has_value());
    if (random.Chance(10) && at > 2) {
      ASSERT_TRUE(to.Erase(CodePointOffset{at - 2}, CodePointOffset{at + 1}).has_value());
    }
    if (!random.Chance(1)) continue;
    ASSERT_TRUE(document->Merge(*peer->EncodeSince(document->version())).has_value());
    ASSERT_TRUE(peer->Merge(*document->EncodeSince(peer->version())).has_value());
  }
  ASSERT_TRUE(document->Merge(*peer->EncodeSince(document->version())).has_value());
  peer.reset();
  const int64_t without_text = live_bytes;
  const std::string text = document->Text();
  before += live_bytes - without_text;
  ASSERT_NO_FATAL_FAILURE(TrimAndPack(*document, text, before));
}

}  // namespace
}  // namespace cotext
