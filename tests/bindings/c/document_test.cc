// Documents by the C interface: what it adds to those of C++, and that each call reaches the right
// one.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "bindings/c/cotext.h"
#include "tests/bindings/c/document_handles.h"

namespace cotext::c {
namespace {

// One character in each unit: 1, 2, 3 and 4 bytes, 1 and 2 units of UTF-16.
constexpr std::string_view kMixed = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\nz";

TEST(CDocumentTest, CopiesMergeByUpdates) {
  const DocumentHandle mine = NewDocument(1);
  const DocumentHandle yours = NewDocument(2);
  Replace(mine, 0, 0, "Hello");
  ASSERT_EQ(Merge(yours, UpdateOf(mine)), COTEXT_OK);
  const std::string version = VersionOf(mine);
  Replace(yours, 5, 5, " world");
  ASSERT_EQ(Merge(mine, UpdateOf(yours, version)), COTEXT_OK);
  EXPECT_EQ(TextOf(mine), "Hello world");
  EXPECT_EQ(VersionOf(mine), VersionOf(yours));
}

TEST(CDocumentTest, OffsetsConvertBetweenAllUnits) {
  const DocumentHandle document = NewDocument(1);
  Replace(document, 0, 0, kMixed);
  // The place behind the line's end, in each unit.
  const uint64_t places[] = {5, 11, 6, COTEXT_POINT(1, 0)};
  for (cotext_unit from = 0; from < 4; ++from) {
    for (cotext_unit to = 0; to < 4; ++to) {
      uint64_t at = 0;
      ASSERT_EQ(cotext_document_convert(document.get(), from, places[from], to, &at), COTEXT_OK);
      EXPECT_EQ(at, places[to]) << from << " to " << to;
    }
  }
  EXPECT_EQ(
      BytesFrom(&cotext_document_slice, document.get(), COTEXT_UTF8, uint64_t{1}, uint64_t{6}),
      "\xc3\xa4\xe2\x82\xac");
  uint64_t at = 7;
  EXPECT_EQ(cotext_document_convert(document.get(), COTEXT_UTF16, 4, COTEXT_UTF8, &at),
            COTEXT_INSIDE_CHARACTER);
  EXPECT_EQ(at, 7U);
}

TEST(CDocumentTest, ReplacesInEveryUnit) {
  for (const auto& [unit, begin, end] : std::vector<std::tuple<cotext_unit, uint64_t, uint64_t>>{
           {COTEXT_CODE_POINTS, 3, 4},
           {COTEXT_UTF8, 6, 10},
           {COTEXT_UTF16, 3, 5},
           {COTEXT_LINE_COLUMN, COTEXT_POINT(0, 3), COTEXT_POINT(0, 4)}}) {
    const DocumentHandle document = NewDocument(1);
    Replace(document, 0, 0, kMixed);
    ASSERT_EQ(cotext_document_replace(document.get(), unit, begin, end, "!", 1), COTEXT_OK);
    EXPECT_EQ(TextOf(document), "a\xc3\xa4\xe2\x82\xac!\nz") << unit;
  }
}

TEST(CDocumentTest, ReadShowsTheTextInPieces) {
  const DocumentHandle document = NewDocument(1);
  for (int i = 0; i < 1000; ++i) Replace(document, 0, 0, "0123456789");
  std::string text;
  ASSERT_EQ(cotext_document_read(
                document.get(), COTEXT_CODE_POINTS, 5, 9'995,
                [](void* context, const char* chunk, size_t size) {
                  static_cast<std::string*>(context)->append(chunk, size);
                },
                &text),
            COTEXT_OK);
  EXPECT_EQ(text, TextOf(document).substr(5, 9'990));
}

TEST(CDocumentTest, TextWithZeroBytesIsKept) {
  const DocumentHandle document = NewDocument(1);
  Replace(document, 0, 0, std::string_view("a\0b", 3));
  EXPECT_EQ(TextOf(document), std::string_view("a\0b", 3));
}

TEST(CDocumentTest, ErrorsSayWhyAndChangeNothing) {
  const DocumentHandle document = NewDocument(1);
  Replace(document, 0, 0, "abc");
  EXPECT_EQ(cotext_document_replace(document.get(), COTEXT_UTF8, 0, 9, "x", 1),
            COTEXT_OUT_OF_RANGE);
  EXPECT_STRNE(cotext_last_error(), "");
  EXPECT_STREQ(cotext_status_name(COTEXT_OUT_OF_RANGE), "out_of_range");
  EXPECT_EQ(cotext_document_replace(document.get(), COTEXT_UTF8, 0, 0, "\xff", 1),
            COTEXT_INVALID_UTF8);
  EXPECT_EQ(
      cotext_document_replace(document.get(), COTEXT_UTF8, 0, 0, "x", COTEXT_INPUT_BYTES_MAX + 1),
      COTEXT_TOO_LARGE);
  EXPECT_EQ(cotext_document_replace(document.get(), COTEXT_UTF8, 0, 0, nullptr, 1),
            COTEXT_INVALID_ARGUMENT);
  EXPECT_EQ(TextOf(document), "abc");
}

TEST(CDocumentTest, LastErrorIsOfItsThread) {
  ASSERT_EQ(cotext_document_new(7, 1, nullptr), COTEXT_INVALID_ARGUMENT);
  const std::string mine = cotext_last_error();
  ASSERT_FALSE(mine.empty());
  std::string theirs = "?";
  std::thread([&theirs] { theirs = cotext_last_error(); }).join();
  EXPECT_EQ(theirs, "");
  EXPECT_EQ(cotext_last_error(), mine);
}

// Changes.

struct Heard {
  std::vector<std::string> changes;
  std::vector<cotext_origin> origins;
  std::vector<uint64_t> labels;

  static void OnChange(void* context, const cotext_change* change) {
    auto* const heard = static_cast<Heard*>(context);
    heard->changes.push_back(Written(change->delta));
    heard->origins.push_back(change->origin);
    heard->labels.push_back(change->label);
  }
};

uint64_t Subscribe(const DocumentHandle& document, cotext_unit unit, int32_t deleted_text,
                   Heard& heard) {
  uint64_t subscription = 0;
  EXPECT_EQ(cotext_document_subscribe(document.get(), unit, deleted_text, &Heard::OnChange, &heard,
                                      &subscription),
            COTEXT_OK);
  return subscription;
}

TEST(CDocumentTest, ChangesComeInTheUnitAskedFor) {
  const DocumentHandle document = NewDocument(1);
  Replace(document, 0, 0, kMixed);
  Heard points;
  Heard bytes;
  Heard utf16;
  Subscribe(document, COTEXT_CODE_POINTS, 0, points);
  Subscribe(document, COTEXT_UTF8, 0, bytes);
  Subscribe(document, COTEXT_UTF16, 1, utf16);
  Replace(document, 3, 4, "\xc3\xa4");
  Replace(document, 1, 4, "");  // What was heard before is heard on from.
  EXPECT_EQ(points.changes, (std::vector<std::string>{"3 +1(\xc3\xa4) -1", "1 -3"}));
  EXPECT_EQ(bytes.changes, (std::vector<std::string>{"6 +2(\xc3\xa4) -4", "1 -7"}));
  EXPECT_EQ(utf16.changes, (std::vector<std::string>{"3 +1(\xc3\xa4) -2(\xf0\x9f\x98\x80)",
                                                     "1 -3(\xc3\xa4\xe2\x82\xac\xc3\xa4)"}));
}

TEST(CDocumentTest, ChangesHaveTheirOriginAndLabel) {
  const DocumentHandle mine = NewDocument(1);
  const DocumentHandle yours = NewDocument(2);
  Heard heard;
  const uint64_t subscription = Subscribe(mine, COTEXT_CODE_POINTS, 0, heard);
  ASSERT_EQ(cotext_document_begin(mine.get(), 42), COTEXT_OK);
  Replace(mine, 0, 0, "a");
  Replace(mine, 1, 1, "b");
  ASSERT_EQ(cotext_document_commit(mine.get()), COTEXT_OK);
  ASSERT_EQ(cotext_document_undo(mine.get()), COTEXT_OK);
  Replace(yours, 0, 0, "c");
  ASSERT_EQ(Merge(mine, UpdateOf(yours)), COTEXT_OK);
  EXPECT_EQ(heard.changes, (std::vector<std::string>{"+2(ab)", "-2", "+1(c)"}));
  EXPECT_EQ(heard.origins, (std::vector<cotext_origin>{COTEXT_LOCAL, COTEXT_UNDO, COTEXT_REMOTE}));
  EXPECT_EQ(heard.labels[0], 42U);
  EXPECT_EQ(cotext_document_unsubscribe(mine.get(), subscription), COTEXT_OK);
  EXPECT_EQ(cotext_document_unsubscribe(mine.get(), subscription), COTEXT_NO_SUCH);
  Replace(mine, 0, 0, "d");
  EXPECT_EQ(heard.changes.size(), 3U);
}

TEST(CDocumentTest, ACallbackMayFreeItsDocumentButNotEditIt) {
  cotext_document* document = NewDocument(1).release();
  struct Tried {
    cotext_document* document;
    std::vector<cotext_status> statuses;
  } tried{.document = document, .statuses = {}};
  uint64_t subscription = 0;
  ASSERT_EQ(cotext_document_subscribe(
                document, COTEXT_UTF8, 1,
                [](void* context, const cotext_change* change) {
                  auto* const it = static_cast<Tried*>(context);
                  EXPECT_EQ(Written(change->delta), "+1(x)");
                  it->statuses.push_back(
                      cotext_document_replace(it->document, COTEXT_UTF8, 0, 0, "y", 1));
                  it->statuses.push_back(cotext_document_begin(it->document, 0));
                  it->statuses.push_back(cotext_document_undo(it->document));
                  cotext_metrics metrics{};
                  it->statuses.push_back(cotext_document_metrics(it->document, &metrics));
                  EXPECT_EQ(metrics.utf8, 1U);
                  cotext_document_free(it->document);
                },
                &tried, &subscription),
            COTEXT_OK);
  EXPECT_EQ(cotext_document_replace(document, COTEXT_UTF8, 0, 0, "x", 1), COTEXT_OK);
  EXPECT_EQ(tried.statuses,
            (std::vector<cotext_status>{COTEXT_REENTRANT_EDIT, COTEXT_REENTRANT_EDIT,
                                        COTEXT_REENTRANT_EDIT, COTEXT_OK}));
}

TEST(CDocumentTest, AReaderCannotEdit) {
  const DocumentHandle document = NewDocument(1);
  Replace(document, 0, 0, "abc");
  cotext_status status = COTEXT_OK;
  struct Context {
    cotext_document* document;
    cotext_status* status;
  } context{.document = document.get(), .status = &status};
  ASSERT_EQ(cotext_document_read(
                document.get(), COTEXT_UTF8, 0, 3,
                [](void* given, const char*, size_t) {
                  auto* const it = static_cast<Context*>(given);
                  *it->status = cotext_document_set_text(it->document, "", 0);
                },
                &context),
            COTEXT_OK);
  EXPECT_EQ(status, COTEXT_REENTRANT_EDIT);
  EXPECT_EQ(cotext_document_set_text(document.get(), "", 0), COTEXT_OK);
}

TEST(CDocumentTest, AppliesDeltas) {
  const DocumentHandle document = NewDocument(1);
  Replace(document, 0, 0, "abcdef");
  const cotext_component components[] = {
      {.kind = COTEXT_RETAIN, .count = 2, .text = nullptr, .text_size = 0},
      {.kind = COTEXT_INSERT, .count = 0, .text = "XY", .text_size = 2},
      {.kind = COTEXT_DELETE, .count = 3, .text = "cde", .text_size = 3}};
  cotext_delta delta{.components = components, .size = 3};
  ASSERT_EQ(cotext_document_apply(document.get(), &delta), COTEXT_OK) << cotext_last_error();
  EXPECT_EQ(TextOf(document), "abXYf");
  EXPECT_EQ(cotext_document_apply(document.get(), &delta), COTEXT_DELTA_MISMATCH);
  delta.size = 1;  // It ends with a retain.
  EXPECT_EQ(cotext_document_apply(document.get(), &delta), COTEXT_INVALID_DELTA);
  EXPECT_EQ(TextOf(document), "abXYf");
}

TEST(CDocumentTest, SetTextKeepsWhatStays) {
  const DocumentHandle document = NewDocument(1);
  Replace(document, 0, 0, "one two three");
  Heard heard;
  Subscribe(document, COTEXT_CODE_POINTS, 0, heard);
  constexpr std::string_view kText = "one 2 three";
  ASSERT_EQ(cotext_document_set_text(document.get(), kText.data(), kText.size()), COTEXT_OK);
  EXPECT_EQ(heard.changes, (std::vector<std::string>{"4 +1(2) -3"}));
}

TEST(CDocumentTest, AnchorsMoveWithTheirText) {
  for (const cotext_engine engine : {COTEXT_RGA, COTEXT_OT}) {
    const DocumentHandle document = NewDocument(1, engine);
    Replace(document, 0, 0, "\xf0\x9f\x98\x80yz");
    cotext_anchor before{};
    cotext_anchor after{};
    ASSERT_EQ(cotext_document_anchor(document.get(), COTEXT_UTF16, 3, COTEXT_BEFORE, &before),
              COTEXT_OK);
    ASSERT_EQ(cotext_document_anchor(document.get(), COTEXT_UTF16, 3, COTEXT_AFTER, &after),
              COTEXT_OK);
    Replace(document, 2, 2, "++");
    Replace(document, 0, 0, "-");
    uint64_t at = 0;
    ASSERT_EQ(cotext_document_resolve(document.get(), before.bytes, before.size, COTEXT_UTF8, &at),
              COTEXT_OK);
    EXPECT_EQ(at, 6U);
    ASSERT_EQ(cotext_document_resolve(document.get(), after.bytes, after.size, COTEXT_UTF8, &at),
              COTEXT_OK);
    EXPECT_EQ(at, 8U);
  }
}

// Transactions and undo.

TEST(CDocumentTest, UndoTakesBackTransactionsAndGroups) {
  for (const cotext_engine engine : {COTEXT_RGA, COTEXT_OT}) {
    const DocumentHandle document = NewDocument(1, engine);
    Replace(document, 0, 0, "a");
    ASSERT_EQ(cotext_document_undo_begin_group(document.get()), COTEXT_OK);
    Replace(document, 1, 1, "b");
    Replace(document, 2, 2, "c");
    ASSERT_EQ(cotext_document_undo_end_group(document.get()), COTEXT_OK);
    EXPECT_EQ(cotext_document_undo_end_group(document.get()), COTEXT_NO_SUCH);
    EXPECT_EQ(cotext_document_commit(document.get()), COTEXT_NO_SUCH);
    ASSERT_EQ(cotext_document_undo(document.get()), COTEXT_OK);
    EXPECT_EQ(TextOf(document), "a");
    uint64_t undo = 0;
    uint64_t redo = 0;
    ASSERT_EQ(cotext_document_undo_counts(document.get(), &undo, &redo), COTEXT_OK);
    EXPECT_EQ(undo, 1U);
    EXPECT_EQ(redo, 1U);
    ASSERT_EQ(cotext_document_redo(document.get()), COTEXT_OK);
    EXPECT_EQ(TextOf(document), "abc");
    EXPECT_EQ(cotext_document_redo(document.get()), COTEXT_NO_SUCH);
    ASSERT_EQ(cotext_document_begin(document.get(), 0), COTEXT_OK);
    EXPECT_EQ(cotext_document_undo(document.get()), COTEXT_TRANSACTION_OPEN);
    ASSERT_EQ(cotext_document_commit(document.get()), COTEXT_OK);
    ASSERT_EQ(cotext_document_undo_clear(document.get()), COTEXT_OK);
    EXPECT_EQ(cotext_document_undo(document.get()), COTEXT_NO_SUCH);
  }
}

TEST(CDocumentTest, UndoGroupsByTimeAndTracksLabels) {
  const DocumentHandle document = NewDocument(1);
  const cotext_undo_options options{.struct_size = sizeof options,
                                    .group_interval_ms = 100,
                                    .max_steps = 2,
                                    .max_bytes = 1 << 20};
  ASSERT_EQ(cotext_document_undo_configure(document.get(), &options), COTEXT_OK);
  const auto type = [&document](uint64_t now_ms, uint64_t label) {
    ASSERT_EQ(cotext_document_undo_time(document.get(), now_ms), COTEXT_OK);
    ASSERT_EQ(cotext_document_begin(document.get(), label), COTEXT_OK);
    Replace(document, 0, 0, "x");
    ASSERT_EQ(cotext_document_commit(document.get()), COTEXT_OK);
  };
  const auto steps = [&document] {
    uint64_t undo = 0;
    uint64_t redo = 0;
    EXPECT_EQ(cotext_document_undo_counts(document.get(), &undo, &redo), COTEXT_OK);
    return undo;
  };
  type(1000, 0);
  type(1050, 0);
  EXPECT_EQ(steps(), 1U);
  ASSERT_EQ(cotext_document_undo_stop_grouping(document.get()), COTEXT_OK);
  type(1060, 0);
  EXPECT_EQ(steps(), 2U);
  type(2000, 0);
  EXPECT_EQ(steps(), 2U);  // max_steps
  constexpr uint64_t kSeven = 7;
  ASSERT_EQ(cotext_document_undo_clear(document.get()), COTEXT_OK);
  ASSERT_EQ(cotext_document_undo_track(document.get(), 0, &kSeven, 1), COTEXT_OK);
  type(3000, 7);
  EXPECT_EQ(steps(), 0U);
  ASSERT_EQ(cotext_document_undo_track(document.get(), 1, &kSeven, 1), COTEXT_OK);
  type(4000, 7);
  type(5000, 8);
  EXPECT_EQ(steps(), 1U);
}

TEST(CDocumentTest, UndoGivesSelectionsBack) {
  const DocumentHandle document = NewDocument(1);
  Replace(document, 0, 0, "abc");
  cotext_anchor caret{};
  ASSERT_EQ(cotext_document_anchor(document.get(), COTEXT_UTF8, 2, COTEXT_BEFORE, &caret),
            COTEXT_OK);
  ASSERT_EQ(cotext_document_selection_before(document.get(), &caret, 1, "here", 4), COTEXT_OK);
  Replace(document, 0, 0, "x");
  ASSERT_EQ(cotext_document_selection_after(document.get(), nullptr, 0, "there", 5), COTEXT_OK);
  struct Restored {
    std::vector<cotext_anchor> anchors;
    std::string data;
  } restored;
  const auto read = [](void* context, const cotext_anchor* anchors, size_t count, const void* data,
                       size_t size) {
    auto* const it = static_cast<Restored*>(context);
    it->anchors.assign(anchors, anchors + count);
    it->data.assign(static_cast<const char*>(data), size);
  };
  ASSERT_EQ(cotext_document_undo(document.get()), COTEXT_OK);
  ASSERT_EQ(cotext_document_selection_restored(document.get(), read, &restored), COTEXT_OK);
  EXPECT_EQ(restored.data, "here");
  ASSERT_EQ(restored.anchors.size(), 1U);
  uint64_t at = 0;
  ASSERT_EQ(cotext_document_resolve(document.get(), restored.anchors[0].bytes,
                                    restored.anchors[0].size, COTEXT_UTF8, &at),
            COTEXT_OK);
  EXPECT_EQ(at, 2U);
  ASSERT_EQ(cotext_document_redo(document.get()), COTEXT_OK);
  ASSERT_EQ(cotext_document_selection_restored(document.get(), read, &restored), COTEXT_OK);
  EXPECT_EQ(restored.data, "there");
  EXPECT_TRUE(restored.anchors.empty());
}

TEST(CDocumentTest, IdsAreKept) {
  for (const cotext_engine engine : {COTEXT_RGA, COTEXT_OT}) {
    const DocumentHandle document = NewDocument(5, engine);
    const std::string id = "0123456789abcdef";
    const auto* const bytes = reinterpret_cast<const uint8_t*>(id.data());
    EXPECT_EQ(cotext_document_set_id(document.get(), bytes, 15), COTEXT_INVALID_ARGUMENT);
    ASSERT_EQ(cotext_document_set_id(document.get(), bytes, 16), COTEXT_OK);
    uint8_t got[COTEXT_DOCUMENT_ID_BYTES] = {};
    ASSERT_EQ(cotext_document_id(document.get(), got), COTEXT_OK);
    EXPECT_EQ(std::memcmp(got, id.data(), 16), 0);
    uint64_t writer = 0;
    ASSERT_EQ(cotext_document_writer(document.get(), &writer), COTEXT_OK);
    EXPECT_EQ(writer, 5U);
    cotext_engine kept = -1;
    ASSERT_EQ(cotext_document_engine(document.get(), &kept), COTEXT_OK);
    EXPECT_EQ(kept, engine);
  }
}

TEST(CDocumentTest, AForkGoesOnAsAnotherWriter) {
  const DocumentHandle document = NewDocument(1);
  Replace(document, 0, 0, "ab");
  cotext_document* raw = nullptr;
  ASSERT_EQ(cotext_document_fork(document.get(), 2, &raw), COTEXT_OK);
  const DocumentHandle fork(raw);
  Replace(fork, 1, 1, "F");
  Replace(document, 1, 1, "D");
  ASSERT_EQ(cotext_document_set_writer(document.get(), 3), COTEXT_OK);
  Replace(document, 0, 0, "3");
  ASSERT_EQ(Merge(document, UpdateOf(fork)), COTEXT_OK);
  ASSERT_EQ(Merge(fork, UpdateOf(document)), COTEXT_OK);
  EXPECT_EQ(TextOf(document), TextOf(fork));
  EXPECT_EQ(TextOf(fork).size(), 5U);
}

// What the rules about threads allow: two documents, each in a thread of its own.
TEST(CDocumentTest, TwoThreadsWithADocumentEach) {
  const auto work = [](uint64_t writer, std::string* text) {
    const DocumentHandle document = NewDocument(writer);
    const DocumentHandle copy = NewDocument(writer + 100);
    Heard heard;
    Subscribe(copy, COTEXT_UTF16, 1, heard);
    for (int i = 0; i < 200; ++i) {
      Replace(document, static_cast<uint64_t>(i) / 2, static_cast<uint64_t>(i) / 2, "\xc3\xa4x");
      if (i % 10 == 9) cotext_document_undo(document.get());
      EXPECT_EQ(cotext_document_replace(document.get(), COTEXT_UTF8, 1, 0, "", 0),
                COTEXT_INSIDE_CHARACTER);
      EXPECT_EQ(Merge(copy, UpdateOf(document, VersionOf(copy))), COTEXT_OK);
    }
    EXPECT_EQ(TextOf(copy), TextOf(document));
    *text = TextOf(document);
  };
  std::string first;
  std::string second;
  std::thread thread([&] { work(1, &first); });
  work(2, &second);
  thread.join();
  EXPECT_EQ(first, second);
}

}  // namespace
}  // namespace cotext::c
