// One reader for all: what it hears, versions, engines, and when it is dropped.
#include "net/driver/document_reader.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "document/delta.h"
#include "document/delta_json.h"
#include "document/random.h"
#include "net/driver/document_readers.h"
#include "tests/net/served_documents.h"

namespace cotext::net {
namespace {

// Follows a document from what it heard alone.
class Follower final : public ReaderListener {
 public:
  explicit Follower(DocumentReaders& readers, const std::string& document) {
    auto lease = readers.Read(document, *this);
    EXPECT_TRUE(lease.has_value());
    lease_ = *std::move(lease);
    if (lease_->state() == DocumentReader::State::kReady) OnReady();
  }
  void OnReady() override {
    text = lease_->document().Text();
    version = lease_->Version();
    is_ready = true;
  }
  void OnFailed(const Error& failure) override {
    error = failure;
    lease_.Release();
  }
  void OnDelta(const FeedDelta& delta) override {
    text = Apply(delta.delta, text).value();
    version = delta.version;
    deltas.push_back(DeltaToJson(delta.delta));
    writers = delta.writers;
    if (delta.in_utf16) in_utf16.push_back(DeltaToJson(*delta.in_utf16));
  }
  void OnPresence(const FeedPresence& item) override {
    if (!item.user) {
      present.push_back("-" + std::to_string(item.session));
    } else if (item.is_typing_news) {
      present.push_back(item.user->user + (item.user->is_typing ? " types" : " rests"));
    } else {
      present.push_back("+" + item.user->user + " " + item.user->state);
    }
  }
  DocumentReader& reader() { return *lease_; }
  ReaderLease& lease() { return lease_; }

  std::string text;
  std::string version;
  bool is_ready = false;
  std::optional<Error> error;
  std::vector<std::string> deltas;
  std::vector<std::string> in_utf16;
  std::vector<std::string> present;
  std::vector<uint64_t> writers;

 private:
  ReaderLease lease_;
};

class DocumentReaderTest : public testing::TestWithParam<Engine> {
 protected:
  ServedDocuments served_;
  DocumentReaders readers_{served_.driver(), served_.schedule(), served_.random()};
};

TEST_P(DocumentReaderTest, FollowsFromWhatThereIs) {
  ServedUser ada(served_, "ada", "d", GetParam());
  ada.Insert(0, "one");
  Follower follower(readers_, "d");
  ASSERT_TRUE(served_.RunUntil([&] { return follower.is_ready; }));
  EXPECT_EQ(follower.text, "one");
  EXPECT_EQ(follower.reader().engine(), GetParam());
  ada.Insert(3, " two");
  ada.Erase(0, 1);
  served_.Run(20);
  EXPECT_EQ(follower.text, "ne two");
  EXPECT_EQ(follower.version, follower.reader().Version());
  EXPECT_EQ(follower.deltas.size(), 2U);
}

TEST_P(DocumentReaderTest, SaysWhatHasHappenedSinceAVersion) {
  ServedUser ada(served_, "ada", "d", GetParam());
  ada.Insert(0, "abc");
  Follower follower(readers_, "d");
  served_.RunUntil([&] { return follower.is_ready; });
  const std::string before = follower.version;
  ada.Insert(1, "x");
  ada.Insert(4, "y");
  served_.Run(20);
  const auto since = follower.reader().DeltaSince(before);
  ASSERT_TRUE(since.has_value());
  EXPECT_EQ(Apply(*since, "abc").value(), "axbcy");
  EXPECT_TRUE(follower.reader().DeltaSince(follower.version)->empty());
  EXPECT_EQ(follower.reader().DeltaSince("???").error().code, ErrorCode::kInvalidVersion);
}

TEST_P(DocumentReaderTest, TellsWhoIsThere) {
  ServedUser ada(served_, "ada", "d", GetParam());
  Follower follower(readers_, "d");
  served_.RunUntil([&] { return follower.is_ready; });
  {
    ServedUser bob(served_, "bob", "d", GetParam());
    ASSERT_TRUE(bob.client().SetPresence(bob.key(), "here").has_value());
    bob.Touch();
    served_.Run(200);
    ASSERT_TRUE(bob.client().SetTyping(bob.key(), true).has_value());
    bob.Touch();
    served_.Run(200);
  }
  served_.Run(200);
  const std::vector<std::string> told = {"+bob ", "+bob here", "bob types"};
  ASSERT_EQ(follower.present.size(), 4U);
  EXPECT_EQ(std::vector(follower.present.begin(), follower.present.begin() + 3), told);
  EXPECT_EQ(follower.present.back().front(), '-');
}

TEST_P(DocumentReaderTest, CountsUtf16WhereItIsWanted) {
  ServedUser ada(served_, "ada", "d", GetParam());
  ada.Insert(0, "😀😀b");
  Follower follower(readers_, "d");
  served_.RunUntil([&] { return follower.is_ready; });
  follower.reader().WantUtf16();
  ada.Erase(1, 1);
  ada.Insert(1, "é");
  ada.Insert(3, "c");
  served_.Run(20);
  const std::vector<std::string> expected = {R"([2,{"d":2}])", R"([2,"é"])", R"([4,"c"])"};
  EXPECT_EQ(follower.in_utf16, expected);
}

INSTANTIATE_TEST_SUITE_P(Engines, DocumentReaderTest, testing::Values(Engine::kRga, Engine::kOt));

TEST_F(DocumentReaderTest, OfADocumentThatIsNotThereSaysSoAndMakesNone) {
  Follower follower(readers_, "nothing");
  ASSERT_TRUE(served_.RunUntil([&] { return follower.error.has_value(); }));
  EXPECT_EQ(follower.error->code, ErrorCode::kNotFound);
  served_.Run(10);
  EXPECT_EQ(readers_.count(), 0U);
  ServedUser ada(served_, "ada", "nothing", Engine::kOt);
  EXPECT_FALSE(ada.error().has_value()) << "it would have another engine if it had been made";
}

TEST_F(DocumentReaderTest, NamesWhoWrote) {
  ServedUser ada(served_, "ada", "d");
  ada.Insert(0, "a");
  Follower follower(readers_, "d");
  served_.RunUntil([&] { return follower.is_ready; });
  ada.Insert(1, "b");
  served_.Run(20);
  const auto& document = static_cast<const RgaDocument&>(ada.document());
  EXPECT_EQ(follower.writers, std::vector<uint64_t>{document.replica().value});
}

TEST_F(DocumentReaderTest, HasEveryTextOfTheHistory) {
  Random random(7);
  ServedUser ada(served_, "ada", "d");
  Follower follower(readers_, "d");
  std::vector<std::pair<std::string, std::string>> texts;
  ada.Insert(0, "x");
  served_.RunUntil([&] { return follower.is_ready; });
  for (int i = 0; i < 30; ++i) {
    const uint64_t length = ada.document().metrics().code_points;
    if (length > 3 && random.Chance(40)) {
      ada.Erase(random.Below(length - 1), 1);
    } else {
      ada.Insert(random.Below(length + 1), "é" + std::to_string(i));
    }
    served_.Run(20);
    texts.emplace_back(follower.reader().Version(), ada.document().Text());
  }
  for (const auto& [version, text] : texts) {
    EXPECT_EQ(follower.reader().TextAt(version).value(), text);
    const Delta since = follower.reader().DeltaSince(version).value();
    EXPECT_EQ(Apply(since, text).value(), texts.back().second);
  }
}

TEST_F(DocumentReaderTest, IsSharedAndDroppedWhenIdle) {
  ServedUser ada(served_, "ada", "d");
  {
    Follower first(readers_, "d");
    Follower second(readers_, "d");
    served_.RunUntil([&] { return second.is_ready; });
    EXPECT_EQ(readers_.count(), 1U);
    served_.Run(40'000);
    EXPECT_EQ(readers_.count(), 1U);
  }
  served_.Run(29'000);
  EXPECT_EQ(readers_.count(), 1U);
  const size_t sessions = served_.driver().server().session_count();
  served_.Run(2'000);
  EXPECT_EQ(readers_.count(), 0U);
  EXPECT_EQ(served_.driver().server().session_count(), sessions - 1);
}

TEST_F(DocumentReaderTest, TooManyAtOnceAreRefusedButIdleOnesMakeRoom) {
  DocumentReaders readers(served_.driver(), served_.schedule(), served_.random(),
                          {.documents_max = 2});
  ServedUser a(served_, "ada", "a");
  ServedUser b(served_, "ada", "b");
  ServedUser c(served_, "ada", "c");
  Follower first(readers, "a");
  {
    Follower second(readers, "b");
    served_.RunUntil([&] { return second.is_ready; });
    Follower* none = nullptr;
    static_cast<void>(none);
    struct Nobody final : ReaderListener {
      void OnReady() override {}
      void OnFailed(const Error& /*error*/) override {}
    } nobody;
    EXPECT_EQ(readers.Read("c", nobody).error().code, ErrorCode::kTooManyDocuments);
  }
  Follower third(readers, "c");
  EXPECT_TRUE(served_.RunUntil([&] { return third.is_ready; }));
  EXPECT_EQ(readers.count(), 2U);
}

TEST_F(DocumentReaderTest, AListenerMayLeaveWhenItHears) {
  ServedUser ada(served_, "ada", "d");
  class Leaver final : public ReaderListener {
   public:
    explicit Leaver(DocumentReaders& readers) { lease = readers.Read("d", *this).value(); }
    void OnReady() override {}
    void OnFailed(const Error& /*error*/) override {}
    void OnDelta(const FeedDelta& /*delta*/) override {
      ++heard;
      lease.Release();
    }
    ReaderLease lease;
    int heard = 0;
  };
  Leaver first(readers_);
  Leaver second(readers_);
  served_.Run(100);
  ada.Insert(0, "x");
  ada.Insert(0, "y");
  served_.Run(100);
  EXPECT_EQ(first.heard, 1);
  EXPECT_EQ(second.heard, 1);
}

}  // namespace
}  // namespace cotext::net
