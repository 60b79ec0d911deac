// Files, versions and history by the C interface.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "bindings/c/cotext.h"
#include "tests/bindings/c/document_handles.h"

namespace cotext::c {
namespace {

DocumentHandle Load(std::string_view file, uint64_t writer, const cotext_codec* codec = nullptr,
                    cotext_engine engine = COTEXT_RGA) {
  cotext_document* document = nullptr;
  EXPECT_EQ(cotext_document_load(engine, writer, file.data(), file.size(), codec, &document),
            COTEXT_OK)
      << cotext_last_error();
  return DocumentHandle(document);
}

// A method that halves what has each byte twice.
size_t Halve(void* context, int32_t method, const void* data, size_t size, void* out,
             size_t capacity) {
  ++*static_cast<int*>(context);
  EXPECT_EQ(method, 2);
  const auto* const from = static_cast<const char*>(data);
  auto* const to = static_cast<char*>(out);
  if (size % 2 != 0 || size / 2 > capacity) return 0;
  for (size_t i = 0; i < size / 2; ++i) {
    if (from[2 * i] != from[2 * i + 1]) return 0;
    to[i] = from[2 * i];
  }
  return size / 2;
}
size_t Double(void* context, int32_t method, const void* data, size_t size, void* out,
              size_t capacity) {
  ++*static_cast<int*>(context);
  EXPECT_EQ(method, 2);
  if (2 * size != capacity) return 0;
  for (size_t i = 0; i < capacity; ++i) {
    static_cast<char*>(out)[i] = static_cast<const char*>(data)[i / 2];
  }
  return capacity;
}

TEST(CHistoryTest, FilesAreOpenedByAnyWriter) {
  const DocumentHandle document = NewDocument(1);
  Replace(document, 0, 0, "kept");
  const std::string file = BytesFrom(&cotext_document_save, document.get(), 0U, nullptr);
  const std::string saved = VersionOf(document);
  const DocumentHandle again = Load(file, 2);
  EXPECT_EQ(TextOf(again), "kept");
  Replace(document, 4, 4, " on");
  // What is appended brings the file up to date.
  const std::string appendix =
      BytesFrom(&cotext_document_save_since, document.get(), saved.data(), saved.size(), nullptr);
  EXPECT_LT(appendix.size(), file.size());
  EXPECT_EQ(TextOf(Load(file + appendix, 3)), "kept on");
  const std::string now = VersionOf(document);
  EXPECT_EQ(BytesFrom(&cotext_document_save_since, document.get(), now.data(), now.size(), nullptr),
            "");
}

TEST(CHistoryTest, CodecsAreUsedBothWays) {
  const DocumentHandle document = NewDocument(1);
  Replace(document, 0, 0, std::string(500, 'a'));
  int calls = 0;
  const cotext_codec codec{.struct_size = sizeof codec,
                           .method = 2,
                           .compress = &Halve,
                           .decompress = &Double,
                           .context = &calls};
  const std::string plain = BytesFrom(&cotext_document_save, document.get(), 0U, nullptr);
  const std::string file = BytesFrom(&cotext_document_save, document.get(), 0U, &codec);
  EXPECT_LE(file.size() + 240, plain.size());
  EXPECT_GT(calls, 0);
  calls = 0;
  EXPECT_EQ(TextOf(Load(file, 2, &codec)), std::string(500, 'a'));
  EXPECT_GT(calls, 0);
  cotext_document* none = nullptr;
  EXPECT_EQ(cotext_document_load(COTEXT_RGA, 2, file.data(), file.size(), nullptr, &none),
            COTEXT_UNSUPPORTED);
  EXPECT_EQ(none, nullptr);
  const cotext_codec unknown{.struct_size = sizeof codec,
                             .method = 4,
                             .compress = &Halve,
                             .decompress = &Double,
                             .context = &calls};
  cotext_buffer buffer{};
  EXPECT_EQ(cotext_document_save(document.get(), 0, &unknown, &buffer), COTEXT_INVALID_ARGUMENT);
}

// What it leaves undone, or lies about, costs space and nothing else.
TEST(CHistoryTest, ACodecThatCannotCompressIsDoneWithout) {
  const DocumentHandle document = NewDocument(1);
  Replace(document, 0, 0, std::string(500, 'a'));
  for (const cotext_codec_fn compress : std::vector<cotext_codec_fn>{
           [](void*, int32_t, const void*, size_t, void*, size_t) { return size_t{0}; },
           [](void*, int32_t, const void*, size_t, void*, size_t room) { return room + 1; },
           [](void*, int32_t, const void*, size_t, void*, size_t) { return SIZE_MAX; }}) {
    const cotext_codec codec{.struct_size = sizeof codec,
                             .method = 2,
                             .compress = compress,
                             .decompress = nullptr,
                             .context = nullptr};
    const std::string file = BytesFrom(&cotext_document_save, document.get(), 0U, &codec);
    EXPECT_EQ(TextOf(Load(file, 2)), std::string(500, 'a'));
  }
}

TEST(CHistoryTest, FlagsChooseWhatIsSaved) {
  const DocumentHandle document = NewDocument(1);
  Replace(document, 0, 0, std::string(300, 'a'));
  Replace(document, 0, 300, "b");
  const auto save = [&document](cotext_save_flags flags) {
    return BytesFrom(&cotext_document_save, document.get(), flags, nullptr);
  };
  EXPECT_LE(save(COTEXT_SAVE_COMPACT).size() + 250, save(0).size());
  EXPECT_NE(save(COTEXT_SAVE_SMALL), save(0));
  const DocumentHandle with_undo = Load(save(COTEXT_SAVE_UNDO), 2);
  EXPECT_EQ(cotext_document_undo(with_undo.get()), COTEXT_NO_SUCH);
  EXPECT_EQ(cotext_document_undo_restore(with_undo.get(), 0), COTEXT_INVALID_UNDO);
  ASSERT_EQ(cotext_document_undo_restore(with_undo.get(), 1), COTEXT_OK) << cotext_last_error();
  ASSERT_EQ(cotext_document_undo(with_undo.get()), COTEXT_OK);
  EXPECT_EQ(TextOf(with_undo), std::string(300, 'a'));
  EXPECT_EQ(cotext_document_undo_restore(Load(save(0), 3).get(), 1), COTEXT_NO_SUCH);
  cotext_buffer buffer{};
  for (const cotext_save_flags flags : {8U, COTEXT_SAVE_UNDO | COTEXT_SAVE_COMPACT | 0U}) {
    EXPECT_EQ(cotext_document_save(document.get(), flags, nullptr, &buffer),
              COTEXT_INVALID_ARGUMENT);
  }
}

TEST(CHistoryTest, UndoIsKeptAsBytes) {
  const DocumentHandle document = NewDocument(1);
  Replace(document, 0, 0, "a");
  const std::string steps = BytesFrom(&cotext_document_undo_save, document.get());
  ASSERT_EQ(cotext_document_undo_clear(document.get()), COTEXT_OK);
  ASSERT_EQ(cotext_document_undo_load(document.get(), steps.data(), steps.size(), 0), COTEXT_OK);
  ASSERT_EQ(cotext_document_undo(document.get()), COTEXT_OK);
  EXPECT_EQ(TextOf(document), "");
}

TEST(CHistoryTest, OtDocumentsAreSavedWithWhatWaits) {
  const DocumentHandle document = NewDocument(9, COTEXT_OT);
  Replace(document, 0, 0, "waits");
  const std::string file = BytesFrom(&cotext_document_save, document.get(), 0U, nullptr);
  const DocumentHandle again = Load(file, 0, nullptr, COTEXT_OT);
  EXPECT_EQ(TextOf(again), "waits");
  uint64_t writer = 0;
  ASSERT_EQ(cotext_document_writer(again.get(), &writer), COTEXT_OK);
  EXPECT_EQ(writer, 9U);
  cotext_document* none = nullptr;
  EXPECT_EQ(cotext_document_load(COTEXT_OT, 9, file.data(), file.size(), nullptr, &none),
            COTEXT_INVALID_ARGUMENT);
  EXPECT_EQ(cotext_document_load(COTEXT_RGA, 9, file.data(), file.size(), nullptr, &none),
            COTEXT_MALFORMED_FILE);
  cotext_buffer buffer{};
  EXPECT_EQ(cotext_document_save(document.get(), COTEXT_SAVE_SMALL, nullptr, &buffer),
            COTEXT_INVALID_ARGUMENT);
  EXPECT_EQ(cotext_document_encode_since(document.get(), nullptr, 0, &buffer), COTEXT_UNSUPPORTED);
  EXPECT_EQ(cotext_document_merge(document.get(), nullptr, 0), COTEXT_UNSUPPORTED);
}

TEST(CHistoryTest, PastTextsAndDeltasBetweenVersions) {
  const DocumentHandle document = NewDocument(1);
  Replace(document, 0, 0, "one");
  const std::string first = VersionOf(document);
  Replace(document, 0, 3, "two");
  const std::string second = VersionOf(document);
  EXPECT_EQ(BytesFrom(&cotext_document_text_at, document.get(), first.data(), first.size()), "one");
  EXPECT_EQ(BytesFrom(&cotext_document_text_at, document.get(), nullptr, size_t{0}), "");
  std::string delta;
  ASSERT_EQ(cotext_document_diff(
                document.get(), first.data(), first.size(), second.data(), second.size(),
                [](void* context, const cotext_delta* shown) {
                  *static_cast<std::string*>(context) = Written(*shown);
                },
                &delta),
            COTEXT_OK);
  EXPECT_EQ(delta, "+3(two) -3(one)");
  constexpr std::string_view kUnknown = "\1\7\7";
  cotext_buffer buffer{};
  EXPECT_EQ(cotext_document_text_at(document.get(), kUnknown.data(), kUnknown.size(), &buffer),
            COTEXT_UNKNOWN_VERSION);
  EXPECT_EQ(cotext_document_text_at(document.get(), "\xff", 1, &buffer), COTEXT_INVALID_VERSION);
}

TEST(CHistoryTest, BlameSaysWhoWroteWhat) {
  const DocumentHandle mine = NewDocument(1);
  const DocumentHandle yours = NewDocument(2);
  Replace(mine, 0, 0, "abcd");
  ASSERT_EQ(Merge(yours, UpdateOf(mine)), COTEXT_OK);
  Replace(yours, 2, 2, "XY");
  std::vector<cotext_blame> ranges;
  ASSERT_EQ(cotext_document_blame(
                yours.get(), COTEXT_UTF8, 1, 6,
                [](void* context, const cotext_blame* shown, size_t count) {
                  static_cast<std::vector<cotext_blame>*>(context)->assign(shown, shown + count);
                },
                &ranges),
            COTEXT_OK);
  ASSERT_EQ(ranges.size(), 3U);
  EXPECT_EQ(ranges[0].begin, 1U);
  EXPECT_EQ(ranges[0].first.writer, 1U);
  EXPECT_EQ(ranges[1].begin, 2U);
  EXPECT_EQ(ranges[1].length, 2U);
  EXPECT_EQ(ranges[1].first.writer, 2U);
  // The version that wrote the first two of them.
  const cotext_operation last{.counter = 2, .writer = 1};
  const std::string version = BytesFrom(&cotext_document_version_of, yours.get(), &last, size_t{1});
  EXPECT_EQ(BytesFrom(&cotext_document_text_at, yours.get(), version.data(), version.size()), "ab");
  const cotext_operation none{.counter = 0, .writer = 1};
  cotext_buffer buffer{};
  EXPECT_EQ(cotext_document_version_of(yours.get(), &none, 1, &buffer), COTEXT_INVALID_ID);
}

TEST(CHistoryTest, VersionsHaveNames) {
  const DocumentHandle document = NewDocument(1);
  Replace(document, 0, 0, "v1");
  const std::string version = VersionOf(document);
  ASSERT_EQ(
      cotext_document_name_version(document.get(), "print", 5, version.data(), version.size()),
      COTEXT_OK);
  Replace(document, 0, 0, "later ");
  EXPECT_EQ(BytesFrom(&cotext_document_version_named, document.get(), "print", size_t{5}), version);
  std::vector<std::string> names;
  ASSERT_EQ(cotext_document_version_names(
                document.get(),
                [](void* context, const char* name, size_t size) {
                  static_cast<std::vector<std::string>*>(context)->emplace_back(name, size);
                },
                &names),
            COTEXT_OK);
  EXPECT_EQ(names, std::vector<std::string>{"print"});
  EXPECT_EQ(cotext_document_unname_version(document.get(), "print", 5), COTEXT_OK);
  EXPECT_EQ(cotext_document_unname_version(document.get(), "print", 5), COTEXT_NO_SUCH);
}

TEST(CHistoryTest, TrimDropsWhatCameBefore) {
  const DocumentHandle document = NewDocument(1);
  Replace(document, 0, 0, "old");
  const std::string old = VersionOf(document);
  Replace(document, 0, 3, "new");
  const std::string now = VersionOf(document);
  EXPECT_EQ(BytesFrom(&cotext_document_horizon, document.get()), std::string(1, '\0'));
  ASSERT_EQ(cotext_document_trim(document.get(), now.data(), now.size()), COTEXT_OK);
  EXPECT_EQ(BytesFrom(&cotext_document_horizon, document.get()), now);
  EXPECT_EQ(TextOf(document), "new");
  cotext_buffer buffer{};
  EXPECT_EQ(cotext_document_text_at(document.get(), old.data(), old.size(), &buffer),
            COTEXT_HISTORY_TRIMMED);
}

TEST(CHistoryTest, OtHasNoHistory) {
  const DocumentHandle document = NewDocument(1, COTEXT_OT);
  cotext_buffer buffer{};
  EXPECT_EQ(cotext_document_text_at(document.get(), nullptr, 0, &buffer), COTEXT_UNSUPPORTED);
  EXPECT_EQ(cotext_document_horizon(document.get(), &buffer), COTEXT_UNSUPPORTED);
  EXPECT_EQ(cotext_document_trim(document.get(), nullptr, 0), COTEXT_UNSUPPORTED);
}

}  // namespace
}  // namespace cotext::c
