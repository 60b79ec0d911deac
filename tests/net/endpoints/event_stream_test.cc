// The live feed: what a reader gets from its events alone is the text.
#include "net/endpoints/event_stream.h"

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "document/delta.h"
#include "document/quill_delta.h"
#include "document/random.h"
#include "net/access/access.h"
#include "net/access/access_watch.h"
#include "net/driver/document_readers.h"
#include "tests/net/parsed_target.h"
#include "tests/net/served_documents.h"

namespace cotext::net {
namespace {

using Json = nlohmann::json;

struct Event {
  std::string name;
  std::string id;
  Json data;
};

// Reads events as a browser does; comments and `retry` are passed over.
std::vector<Event> ReadEvents(std::string_view stream) {
  std::vector<Event> events;
  Event event;
  while (!stream.empty()) {
    const size_t end = stream.find('\n');
    const std::string_view line = stream.substr(0, end);
    stream.remove_prefix(end + 1);
    if (line.empty()) {
      if (!event.data.is_null()) events.push_back(std::move(event));
      event = {};
    } else if (line.starts_with("event: ")) {
      event.name = line.substr(7);
    } else if (line.starts_with("id: ")) {
      event.id = line.substr(4);
    } else if (line.starts_with("data: ")) {
      event.data = Json::parse(line.substr(6));
    }
  }
  return events;
}

// A reader that knows what its events say, and nothing else.
struct Reader {
  void Take(std::string_view stream, QuillUnit unit = QuillUnit::kCodePoints) {
    for (const Event& event : ReadEvents(stream)) {
      names.push_back(event.name);
      if (!event.id.empty()) version = event.id;
      if (event.name == "snapshot") text = event.data.at("text");
      if (event.name != "delta") continue;
      const Json quill = {{"ops", event.data.at("ops")}};
      text = Apply(DeltaFromQuill(quill.dump(), unit, text).value(), text).value();
    }
  }
  std::string text;
  std::string version;
  std::vector<std::string> names;
};

class EventStreamTest : public testing::TestWithParam<Engine> {
 protected:
  HttpReply Ask(const std::string& parameters = {}, const std::string& last_event_id = {}) {
    HttpRequest request;
    request.target = ParseTarget("/v1/documents/d/events?" + parameters).value();
    request.last_event_id = last_event_id;
    return streams_.Open(request, admission_, "d");
  }
  KeptRequest Follow(const std::string& parameters = {}, const std::string& last_event_id = {}) {
    KeptRequest request = Begin(Ask(parameters, last_event_id));
    served_.RunUntil([&] { return request.output->head || request.output->answer; });
    return request;
  }

  ServedDocuments served_;
  Access access_{{.anonymous_rights = sync::kAllRights}, std::nullopt, served_.random()};
  Admission admission_ = access_.Admit({}, 0).value();
  AccessWatch watch_{access_, served_.schedule(), [this] { return served_.now_ms(); }};
  DocumentReaders readers_{served_.driver(), served_.schedule(), served_.random()};
  EventStreams streams_{readers_, watch_, served_.schedule()};
};

TEST_P(EventStreamTest, ASnapshotAndThenDeltasAreTheText) {
  ServedUser ada(served_, "ada", "d", GetParam());
  ada.Insert(0, "one");
  const KeptRequest feed = Follow();
  ASSERT_TRUE(feed.output->head.has_value());
  EXPECT_EQ(feed.output->head->content_type, "text/event-stream; charset=utf-8");
  Reader reader;
  reader.Take(feed.output->Take());
  EXPECT_EQ(reader.text, "one");
  ada.Insert(3, " \"two\"\nüü");
  ada.Erase(0, 1);
  served_.Run(20);
  reader.Take(feed.output->Take());
  EXPECT_EQ(reader.text, ada.document().Text());
  EXPECT_EQ(reader.names.front(), "snapshot");
  EXPECT_EQ(std::ranges::count(reader.names, "delta"), 2);
}

TEST_P(EventStreamTest, WhoComesBackGetsWhatHeMissed) {
  ServedUser ada(served_, "ada", "d", GetParam());
  ada.Insert(0, "one");
  Reader reader;
  {
    const KeptRequest feed = Follow();
    reader.Take(feed.output->Take());
  }
  ada.Insert(0, "zero ");
  ada.Insert(8, " two");
  served_.Run(20);
  for (const bool by_header : {true, false}) {
    Reader back = reader;
    back.names.clear();
    const KeptRequest feed =
        by_header ? Follow("", reader.version) : Follow("last-event-id=" + reader.version);
    back.Take(feed.output->Take());
    EXPECT_EQ(back.names.front(), "delta");
    EXPECT_EQ(back.text, "zero one two");
  }
  reader.Take(Follow("", reader.version).output->Take());
  reader.names.clear();
  reader.Take(Follow("", reader.version).output->Take());
  EXPECT_EQ(std::ranges::count(reader.names, "delta"), 0) << "nothing was missed";
}

TEST_P(EventStreamTest, AVersionThatIsNotKnownGetsASnapshot) {
  ServedUser ada(served_, "ada", "d", GetParam());
  ada.Insert(0, "one");
  for (const char* version : {"garbage!", "AQUH", "ArAJ"}) {
    Reader reader;
    reader.Take(Follow("", version).output->Take());
    EXPECT_EQ(reader.names.front(), "snapshot") << version;
    EXPECT_EQ(reader.text, "one");
  }
}

TEST_P(EventStreamTest, UnitsOfUtf16AreCountedWhereTheyAreAskedFor) {
  Random random(11);
  ServedUser ada(served_, "ada", "d", GetParam());
  ada.Insert(0, "a😀b");
  const KeptRequest feed = Follow("unit=utf16");
  const KeptRequest other = Follow("unit=code_points");
  Reader utf16;
  Reader code_points;
  std::optional<Reader> left;
  for (int i = 0; i < 40; ++i) {
    const uint64_t length = ada.document().metrics().code_points;
    if (length > 2 && random.Chance(40)) {
      ada.Erase(random.Below(length - 1), 1);
    } else {
      ada.Insert(random.Below(length + 1), random.Chance(50) ? "😀é" : "x");
    }
    if (i == 20) {
      served_.Run(20);
      utf16.Take(feed.output->Take(), QuillUnit::kUtf16);
      left = utf16;
    }
  }
  served_.Run(20);
  utf16.Take(feed.output->Take(), QuillUnit::kUtf16);
  code_points.Take(other.output->Take());
  EXPECT_EQ(utf16.text, ada.document().Text());
  EXPECT_EQ(code_points.text, ada.document().Text());
  left->Take(Follow("unit=utf16&last-event-id=" + left->version).output->Take(), QuillUnit::kUtf16);
  EXPECT_EQ(left->text, ada.document().Text());
  EXPECT_EQ(Follow("unit=bytes").answer().status, 400);
}

INSTANTIATE_TEST_SUITE_P(Engines, EventStreamTest, testing::Values(Engine::kRga, Engine::kOt));

TEST_F(EventStreamTest, TellsWhoIsThereAndWhoTypes) {
  ServedUser ada(served_, "ada", "d");
  ASSERT_TRUE(ada.client().SetPresence(ada.key(), "\x01\xff").has_value());
  ada.Touch();
  served_.Run(100);
  const KeptRequest feed = Follow();
  std::vector<Event> events = ReadEvents(feed.output->Take());
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[1].name, "presence");
  EXPECT_EQ(events[1].data.at("user"), "ada");
  EXPECT_EQ(events[1].data.at("state"), "Af8");
  ASSERT_TRUE(ada.client().SetTyping(ada.key(), true).has_value());
  ada.Touch();
  served_.Run(100);
  events = ReadEvents(feed.output->Take());
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].name, "typing");
  EXPECT_EQ(events[0].data.at("typing"), true);
  EXPECT_TRUE(events[0].id.empty()) << "it brings no version";
}

TEST_F(EventStreamTest, ASilentFeedHasAHeartbeat) {
  ServedUser ada(served_, "ada", "d");
  const KeptRequest feed = Follow();
  feed.output->Take();
  served_.Run(31'000);
  EXPECT_EQ(feed.output->Take(), ":\n\n:\n\n");
}

TEST_F(EventStreamTest, AReaderThatDoesNotKeepUpIsCutOffAndOthersAreNot) {
  ServedUser ada(served_, "ada", "d");
  const KeptRequest slow = Follow();
  const KeptRequest quick = Follow();
  slow.output->is_stalled = true;
  for (int i = 0; i < 20; ++i) ada.Insert(0, std::string(60'000, 'x'));
  served_.Run(20);
  EXPECT_TRUE(slow.output->is_cut);
  EXPECT_FALSE(quick.output->is_cut);
  EXPECT_LT(slow.output->waiting, size_t{1} << 21U);
  EXPECT_GT(quick.output->Take().size(), 1'200'000U);
}

TEST_F(EventStreamTest, WhoMayNotReadAnyMoreIsToldSo) {
  ServedUser ada(served_, "ada", "d");
  const KeptRequest feed = Follow();
  ASSERT_TRUE(access_.Restrict("anonymous", sync::kMayWrite).has_value());
  watch_.Check();
  const std::vector<Event> events = ReadEvents(feed.output->Take());
  EXPECT_EQ(events.back().name, "ended");
  EXPECT_EQ(events.back().data.at("code"), "forbidden");
  EXPECT_TRUE(feed.output->is_ended);
  ada.Insert(0, "secret");
  served_.Run(20);
  EXPECT_EQ(feed.output->Take(), "");
}

TEST_F(EventStreamTest, OfADocumentThatIsNotThereIsNotFound) {
  EXPECT_EQ(Follow().answer().status, 404);
  EXPECT_EQ(access_.connection_count(), 0U);
  EXPECT_EQ(streams_.count(), 0U);
}

TEST_F(EventStreamTest, TooManyAreRefused) {
  ServedUser ada(served_, "ada", "d");
  EventStreams few(readers_, watch_, served_.schedule(), {.streams_max = 1});
  HttpRequest request;
  const KeptRequest first = Begin(few.Open(request, admission_, "d"));
  EXPECT_EQ(Begin(few.Open(request, admission_, "d")).answer().status, 503);
}

TEST_F(EventStreamTest, EndsWithTheServer) {
  ServedUser ada(served_, "ada", "d");
  const KeptRequest feed = Follow();
  streams_.EndAll();
  EXPECT_EQ(ReadEvents(feed.output->Take()).back().data.at("code"), "shutting_down");
  EXPECT_TRUE(feed.output->is_ended);
}

}  // namespace
}  // namespace cotext::net
