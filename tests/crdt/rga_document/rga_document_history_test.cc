// The history of whole documents: texts at versions, deltas, blame, names for versions.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "crdt/blame.h"
#include "crdt/change.h"
#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "document/delta.h"
#include "document/document.h"
#include "document/error.h"
#include "document/offset.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_text.h"
#include "tests/support/rga_documents.h"

namespace cotext {
namespace {

constexpr ReplicaId kAlice{1};
constexpr ReplicaId kBob{2};
constexpr ReplicaId kReader{9};

template <typename T>
ErrorCode CodeOf(const Expected<T>& result) {
  return result ? ErrorCode{} : result.error().code;
}

BlameRange Range(uint64_t begin, uint64_t length, uint64_t counter, ReplicaId replica) {
  return BlameRange{.begin = CodePointOffset{begin},
                    .length = length,
                    .first = OpId{.counter = counter, .replica = replica}};
}

std::vector<BlameRange> BlameAll(const RgaDocument& document) {
  return document.Blame(CodePointOffset{0}, CodePointOffset{document.metrics().code_points})
      .value();
}

// Alice typed "Hello", Bob made it "Help\nme".
class RgaDocumentHistoryTest : public testing::Test {
 protected:
  RgaDocumentHistoryTest() {
    EXPECT_TRUE(alice_.Insert(CodePointOffset{0}, "Hello").has_value());
    Pull(bob_, alice_);
    EXPECT_TRUE(bob_.Replace(CodePointOffset{3}, CodePointOffset{5}, "p\nm\u00e9").has_value());
  }

  RgaDocument alice_{kAlice};
  RgaDocument bob_{kBob};
};

TEST_F(RgaDocumentHistoryTest, TextAndDeltaAtAnyVersion) {
  const VersionVector all = bob_.version_vector();
  const VersionVector hello = alice_.version_vector();
  EXPECT_EQ(bob_.TextAt(hello), "Hello");
  EXPECT_EQ(bob_.TextAt({}), "");
  EXPECT_EQ(bob_.TextAt(all), "Help\nm\u00e9");
  EXPECT_EQ(bob_.DeltaBetween(hello, all), Delta().Retain(3).Insert("p\nm\u00e9").DeleteText("lo"));
  EXPECT_EQ(bob_.DeltaBetween(all, hello), Delta().Retain(3).Insert("lo").DeleteText("p\nm\u00e9"));
  EXPECT_EQ(bob_.VersionOf(alice_.frontier()), hello);
  EXPECT_EQ(bob_.VersionOf({}), VersionVector());
}

TEST_F(RgaDocumentHistoryTest, AVersionFromElsewhereIsAnError) {
  const VersionVector later = bob_.version_vector();
  EXPECT_EQ(CodeOf(alice_.TextAt(later)), ErrorCode::kUnknownVersion);
  EXPECT_EQ(CodeOf(alice_.DeltaBetween({}, later)), ErrorCode::kUnknownVersion);
  EXPECT_EQ(CodeOf(alice_.DeltaBetween(later, {})), ErrorCode::kUnknownVersion);
  EXPECT_EQ(CodeOf(alice_.BlameAt(later)), ErrorCode::kUnknownVersion);
  EXPECT_EQ(CodeOf(alice_.NameVersion("later", later)), ErrorCode::kUnknownVersion);
  EXPECT_EQ(CodeOf(alice_.VersionOf(bob_.frontier())), ErrorCode::kUnknownVersion);
  EXPECT_TRUE(alice_.named_versions().empty());
}

TEST_F(RgaDocumentHistoryTest, BlameTakesOffsetsInAnyUnit) {
  EXPECT_EQ(BlameAll(bob_), (std::vector{Range(0, 3, 1, kAlice), Range(3, 4, 8, kBob)}));
  EXPECT_EQ(bob_.Blame(ByteOffset{2}, ByteOffset{8}).value(),
            (std::vector{Range(2, 1, 3, kAlice), Range(3, 4, 8, kBob)}));
  EXPECT_EQ(bob_.Blame(Point{.line = 1, .column = 0}, Utf16Offset{7}).value(),
            std::vector{Range(5, 2, 10, kBob)});
  EXPECT_EQ(CodeOf(bob_.Blame(ByteOffset{7}, ByteOffset{8})), ErrorCode::kInsideCharacter);
  EXPECT_EQ(CodeOf(bob_.Blame(CodePointOffset{0}, CodePointOffset{8})), ErrorCode::kOutOfRange);
  EXPECT_EQ(CodeOf(bob_.Blame(CodePointOffset{2}, CodePointOffset{1})), ErrorCode::kOutOfRange);
  EXPECT_EQ(bob_.BlameAt(alice_.version_vector()).value(), std::vector{Range(0, 5, 1, kAlice)});
}

TEST_F(RgaDocumentHistoryTest, BlameNamesTheUndoer) {
  Pull(alice_, bob_);
  ASSERT_TRUE(bob_.Undo().value());
  ASSERT_EQ(bob_.Text(), "Hello");
  Pull(alice_, bob_);
  // Alice wrote "lo", Bob brought it back.
  const auto ranges = BlameAll(alice_);
  ASSERT_EQ(ranges.size(), 2U);
  EXPECT_EQ(ranges[0], Range(0, 3, 1, kAlice));
  EXPECT_EQ(ranges[1].first.replica, kBob);
  EXPECT_EQ(ranges[1].length, 2U);
  // Before that it was nobody but Alice.
  EXPECT_EQ(
      alice_.BlameAt(alice_.VersionOf(std::vector{OpId{.counter = 5, .replica = kAlice}}).value())
          .value(),
      std::vector{Range(0, 5, 1, kAlice)});
}

TEST_F(RgaDocumentHistoryTest, NamesStayWithTheFile) {
  const VersionVector hello = alice_.version_vector();
  ASSERT_TRUE(bob_.NameVersion("hello", hello).has_value());
  ASSERT_TRUE(bob_.NameVersion("nothing", {}).has_value());
  ASSERT_TRUE(bob_.NameVersion("all", bob_.version_vector()).has_value());
  EXPECT_TRUE(bob_.RemoveVersionName("all"));
  EXPECT_FALSE(bob_.RemoveVersionName("all"));
  EXPECT_EQ(CodeOf(bob_.NameVersion("", hello)), ErrorCode::kOutOfRange);
  const auto opened = RgaDocument::Open(bob_.Save({}).value(), kReader, nullptr);
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ((*opened)->named_versions(), bob_.named_versions());
  EXPECT_FALSE((*opened)->is_unpacked());
  EXPECT_EQ((*opened)->VersionNamed("hello"), hello);
  EXPECT_EQ((*opened)->TextAt((*opened)->VersionNamed("hello").value()), "Hello");
  EXPECT_EQ((*opened)->VersionNamed("nothing"), VersionVector());
  EXPECT_EQ(CodeOf((*opened)->VersionNamed("all")), ErrorCode::kUnknownVersion);
  EXPECT_EQ((*opened)->Fork(kAlice)->named_versions(), bob_.named_versions());
  // Peers do not get them.
  Pull(alice_, bob_);
  EXPECT_TRUE(alice_.named_versions().empty());
}

TEST_F(RgaDocumentHistoryTest, ANameStaysWhereItIs) {
  ASSERT_TRUE(bob_.NameVersion("mine", bob_.version_vector()).has_value());
  ASSERT_TRUE(alice_.Insert(CodePointOffset{5}, "!").has_value());
  Pull(bob_, alice_);
  ASSERT_NE(bob_.Text(), "Help\nm\u00e9");
  EXPECT_EQ(bob_.TextAt(bob_.VersionNamed("mine").value()), "Help\nm\u00e9");
}

TEST_F(RgaDocumentHistoryTest, HistoryIsAskedOfADocumentThatIsStillPacked) {
  const std::string file = bob_.Save({}).value();
  const auto open = [&file] { return RgaDocument::Open(file, kReader, nullptr).value(); };
  const VersionVector hello = alice_.version_vector();
  EXPECT_EQ(open()->TextAt(hello), "Hello");
  EXPECT_EQ(open()->DeltaBetween(hello, {}), Delta().DeleteText("Hello"));
  EXPECT_EQ(open()->BlameAt(hello).value().size(), 1U);
  EXPECT_EQ(open()->Blame(CodePointOffset{0}, CodePointOffset{1}).value().size(), 1U);
  EXPECT_EQ(open()->VersionOf(alice_.frontier()), hello);
  EXPECT_TRUE(open()->NameVersion("x", hello).has_value());
}

// A document, and who put each of its characters there, by an edit or by undoing one: whoever made
// the change that an event tells of.
class Authored {
 public:
  explicit Authored(RgaDocument& document) : document_(document), author_(document.replica()) {
    document.Subscribe([this](const DeltaEvent& event) { Hear(event); });
  }

  RgaDocument& document() { return document_; }

  // Integrates what it lacks of another, a change at a time.
  void PullFrom(const RgaDocument& from) {
    const Update update = from.ChangesSince(document_.version_vector());
    for (size_t i = 0; i < update.size(); ++i) {
      author_ = update[i].replica;
      ASSERT_TRUE(document_.Integrate(update[i]).has_value());
    }
    author_ = document_.replica();
  }

  // Checks the author of every character now, and at some time before; returns how many there are.
  uint64_t Check(Random& random) {
    past_.emplace_back(document_.version_vector(), authors_);
    EXPECT_EQ(AuthorsIn(BlameAll(document_)), authors_);
    const auto& [version, authors] = past_[random.Below(past_.size())];
    EXPECT_EQ(AuthorsIn(document_.BlameAt(version).value()), authors);
    return authors_.size();
  }

  // Returns how many characters undo and redo put there.
  uint64_t brought_back() const { return brought_back_; }

 private:
  void Hear(const DeltaEvent& event) {
    ptrdiff_t at = 0;
    for (const Delta::Component& component : event.delta) {
      const auto count = static_cast<ptrdiff_t>(component.count);
      const auto place = authors_.begin() + at;
      if (component.kind == Delta::Kind::kDelete) {
        authors_.erase(place, place + count);
        continue;
      }
      at += count;
      if (component.kind != Delta::Kind::kInsert) continue;
      authors_.insert(place, component.count, author_);
      if (event.origin == EditOrigin::kUndo) brought_back_ += component.count;
    }
  }

  static std::vector<ReplicaId> AuthorsIn(const std::vector<BlameRange>& ranges) {
    std::vector<ReplicaId> authors;
    for (const BlameRange& range : ranges) {
      authors.insert(authors.end(), range.length, range.first.replica);
    }
    return authors;
  }

  RgaDocument& document_;
  ReplicaId author_;  // Of what is being done.
  std::vector<ReplicaId> authors_;
  std::vector<std::pair<VersionVector, std::vector<ReplicaId>>> past_;
  uint64_t brought_back_ = 0;
};

TEST(RgaDocumentHistoryModelTest, BlameOfEveryCharacterNamesItsAuthor) {
  uint64_t characters_checked = 0;
  uint64_t brought_back = 0;
  ForEachSeed(200, [&](Random& random) {
    RgaDocuments documents = MakeDocuments(random, 3);
    std::vector<std::unique_ptr<Authored>> authored;
    for (const auto& document : documents) {
      authored.push_back(std::make_unique<Authored>(*document));
    }
    FreshCharacters characters;
    for (int i = 0; i < 60 && !testing::Test::HasFailure(); ++i) {
      Authored& one = *authored[random.Below(3)];
      if (random.Chance(20)) {
        ASSERT_TRUE(one.document().Undo().has_value());
      } else if (random.Chance(10)) {
        ASSERT_TRUE(one.document().Redo().has_value());
      } else if (random.Chance(30)) {
        one.PullFrom(*documents[random.Below(3)]);
      } else {
        EditSomewhere(random, one.document(), characters.Text(random.Below(6)));
      }
      characters_checked += one.Check(random);
    }
    for (const auto& one : authored) brought_back += one->brought_back();
  });
  EXPECT_GT(characters_checked, 10'000U);
  EXPECT_GT(brought_back, 1'000U);
}

// Deltas from listeners lead to where a checkout of the version after them is.
TEST(RgaDocumentHistoryModelTest, EveryVersionThatADocumentHadIsFoundAgain) {
  ForEachSeed(100, [](Random& random) {
    RgaDocuments documents = MakeDocuments(random, 3);
    std::map<size_t, std::vector<std::pair<VersionVector, std::string>>> seen;
    for (int i = 0; i < 50; ++i) {
      const size_t which = random.Below(3);
      RgaDocument& document = *documents[which];
      if (random.Chance(20)) {
        ASSERT_TRUE(document.Undo().has_value());
      } else if (random.Chance(40)) {
        Pull(document, *documents[random.Below(3)]);
      } else {
        EditSomewhere(random, document, RandomText(random, 5));
      }
      seen[which].emplace_back(document.version_vector(), document.Text());
    }
    Converge(documents);
    const RgaDocument& one = *documents[random.Below(3)];
    for (const auto& [which, versions] : seen) {
      for (const auto& [version, text] : versions) ASSERT_EQ(one.TextAt(version), text);
    }
  });
}

}  // namespace
}  // namespace cotext
