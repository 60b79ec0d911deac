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
#include "document/document.h"
#include "document/offset.h"
#include "simulation/local_edits.h"
#include "simulation/trace.h"
#include "simulation/trace_reader.h"
#include "storage/compression.h"

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

// The limit: the text and a tenth of it.
TEST(TraceTrimTest, AFinishedDocumentTakesLessThanItsTextAndATenth) {
  const char* const folder = std::getenv("COTEXT_DATA");
  if (folder == nullptr || *folder == '\0') GTEST_SKIP() << "COTEXT_DATA is not set";
  const auto trace = ReadTrace(std::string(folder) + "/traces/automerge-paper.json.gz");
  ASSERT_TRUE(trace.has_value()) << trace.error().message;
  const std::string text(trace->end_content());
  const auto text_bytes = static_cast<int64_t>(text.size());
  int64_t before = live_bytes;
  auto document = std::make_unique<RgaDocument>(kAuthor);
  ASSERT_TRUE(ApplyEdits(*trace, DecodePatches(*trace), *document).has_value());
  const int64_t whole = live_bytes - before;
  const auto peer = document->Fork(kPeer);
  before = live_bytes - whole;
  ASSERT_TRUE(document->Trim(document->version_vector()).has_value());
  const int64_t trimmed = live_bytes - before;
  ASSERT_TRUE(document->Pack(CompressorFor(Profile::kSmall), NativeDecompressor()).has_value());
  const int64_t packed = live_bytes - before;
  std::printf("text %lld, whole %lld, trimmed %lld, packed %lld bytes\n",
              static_cast<long long>(text_bytes), static_cast<long long>(whole),
              static_cast<long long>(trimmed), static_cast<long long>(packed));
  EXPECT_LT(trimmed, 2 * text_bytes);
  EXPECT_LT(packed, text_bytes + text_bytes / 10);
  EXPECT_EQ(document->Text(), text);
  EXPECT_FALSE(document->is_unpacked());

  // It goes on with a peer that did not trim.
  ASSERT_TRUE(peer->Erase(CodePointOffset{999}, CodePointOffset{1003}).has_value());
  ASSERT_TRUE(document->Insert(CodePointOffset{1000}, "more").has_value());
  ASSERT_TRUE(document->Merge(*peer->EncodeSince(document->version())).has_value());
  ASSERT_TRUE(peer->Merge(*document->EncodeSince(peer->version())).has_value());
  EXPECT_EQ(document->Text(), text.substr(0, 999) + "more" + text.substr(1003));
  EXPECT_EQ(peer->Text(), document->Text());
}

}  // namespace
}  // namespace cotext
