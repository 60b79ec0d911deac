#include "tests/support/rga_documents.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "document/utf8.h"
#include "tests/support/rga_testing.h"

namespace cotext {

RgaDocuments MakeDocuments(Random& random, size_t count) {
  RgaDocuments documents;
  for (size_t i = 0; i < count; ++i) {
    const SequenceOptions options = random.Chance(70) ? kTinySequence : SequenceOptions{};
    documents.push_back(std::make_unique<RgaDocument>(ReplicaId{i + 1}, options));
  }
  return documents;
}

void Pull(RgaDocument& to, const RgaDocument& from) {
  const Expected<std::string> update = from.EncodeSince(to.version());
  ASSERT_TRUE(update.has_value());
  const Expected<void> merged = to.Merge(*update);
  ASSERT_TRUE(merged.has_value()) << merged.error().message;
}

void Converge(RgaDocuments& documents) {
  for (size_t i = 1; i < documents.size(); ++i) Pull(*documents.front(), *documents[i]);
  const std::string text = documents.front()->Text();
  for (size_t i = 1; i < documents.size(); ++i) {
    Pull(*documents[i], *documents.front());
    ASSERT_EQ(documents[i]->Text(), text) << "replica " << i + 1;
    ASSERT_EQ(documents[i]->version(), documents.front()->version());
  }
}

std::string FreshCharacters::Text(uint64_t count) {
  // Each range is longer than any test needs, and its first characters are printable.
  static constexpr char32_t kRanges[] = {U'\u0100', U'\u4e00', U'\U00020000'};
  static constexpr uint64_t kAscii = 26;
  std::string text;
  for (; count > 0; --count, ++given_) {
    const char32_t code_point =
        given_ < kAscii ? static_cast<char32_t>(U'a' + given_)
                        : static_cast<char32_t>(kRanges[given_ % 3] + (given_ - kAscii) / 3);
    text += EncodeCodePoint(code_point);
  }
  return text;
}

void EditSomewhere(Random& random, Document& document, const std::string& text) {
  const uint64_t length = document.metrics().code_points;
  const uint64_t begin = random.Chance(20)   ? 0
                         : random.Chance(20) ? length
                                             : random.Below(length + 1);
  const uint64_t count =
      random.Chance(50) ? std::min<uint64_t>(random.Below(5), length - begin) : 0;
  const Expected<void> replaced =
      document.Replace(CodePointOffset{begin}, CodePointOffset{begin + count}, text);
  ASSERT_TRUE(replaced.has_value()) << replaced.error().message;
}

std::vector<ListedElement> ListElements(const Rga& rga) {
  std::vector<ListedElement> elements;
  rga.sequence().ForEachRun([&](const Sequence::Run& run) {
    for (uint32_t i = 0; i < run.length; ++i) {
      const Lv at = run.first + i;
      elements.push_back(ListedElement{.id = rga.history().IdOf(at),
                                       .character = std::string(rga.history().text.Slice(at, 1)),
                                       .deleted = run.deleted});
    }
  });
  return elements;
}

}  // namespace cotext
