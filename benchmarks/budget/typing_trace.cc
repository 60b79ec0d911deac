#include "benchmarks/budget/typing_trace.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "document/random.h"
#include "document/utf8.h"

namespace cotext {
namespace {

constexpr uint64_t kLineLength = 40;  // On average.
constexpr uint64_t kLetters = 26;
constexpr uint64_t kSelectionMax = 30;
constexpr std::array<char32_t, 5> kUnicode = {U'\u00e9', U'\u0436', U'\u4e2d', U'\u0301',
                                              U'\U0001f600'};

class Typist {
 public:
  explicit Typist(const TypingOptions& options)
      : options_(options), random_(options.seed), trace_("typing", Trace::Kind::kSequential, 1) {}

  Trace Run() {
    for (uint32_t i = 0; i < options_.edits; ++i) {
      if (random_.Chance(options_.jump_percent)) {
        Jump();
      } else {
        Press();
      }
    }
    std::string end_content;
    for (const char32_t character : text_) end_content += EncodeCodePoint(character);
    trace_.set_end_content(std::move(end_content));
    return std::move(trace_);
  }

 private:
  // One key, at a random place.
  void Jump() {
    caret_ = random_.Below(text_.size() + 1);
    if (!random_.Chance(options_.replace_percent)) {
      Press();
      return;
    }
    const size_t selected = std::min<size_t>(random_.Below(kSelectionMax), text_.size() - caret_);
    std::u32string words(random_.Between(1, kSelectionMax), U' ');
    for (char32_t& character : words) character = RandomCharacter();
    Replace(caret_, selected, words);
  }

  void Press() {
    if (caret_ > 0 && random_.Chance(options_.backspace_percent)) {
      Replace(caret_ - 1, 1, {});
    } else {
      Replace(caret_, 0, {RandomCharacter()});
    }
  }

  void Replace(size_t position, size_t erased, const std::u32string& inserted) {
    std::string utf8;
    for (const char32_t character : inserted) utf8 += EncodeCodePoint(character);
    const std::vector<uint32_t> parents(edits_ > 0 ? 1 : 0, edits_ - 1);
    trace_.AddTransaction(0, parents);
    trace_.AddPatch(TracePatch{.position = static_cast<uint32_t>(position),
                               .deleted = static_cast<uint32_t>(erased),
                               .inserted = utf8});
    ++edits_;
    text_.replace(position, erased, inserted);
    caret_ = position + inserted.size();
  }

  char32_t RandomCharacter() {
    if (random_.Below(kLineLength) == 0) return U'\n';
    if (random_.Chance(options_.unicode_percent)) return kUnicode[random_.Below(kUnicode.size())];
    return U'a' + static_cast<char32_t>(random_.Below(kLetters));
  }

  TypingOptions options_;
  Random random_;
  Trace trace_;
  std::u32string text_;
  size_t caret_ = 0;
  uint32_t edits_ = 0;
};

}  // namespace

Trace MakeTypingTrace(const TypingOptions& options) { return Typist(options).Run(); }

}  // namespace cotext
