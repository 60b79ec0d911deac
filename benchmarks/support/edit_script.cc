#include "benchmarks/support/edit_script.h"

#include <utility>

#include "document/check.h"
#include "document/offset.h"
#include "document/random.h"
#include "document/text_buffer.h"

namespace cotext {
namespace {

// Builds a script and keeps the length of the text.
class ScriptBuilder {
 public:
  ScriptBuilder(uint64_t length, uint64_t count) : length_(length), count_(count) {
    COTEXT_CHECK(length + count < UINT32_MAX);
    script_.reserve(count);
  }

  uint64_t length() const { return length_; }
  uint64_t size() const { return script_.size(); }
  bool done() const { return script_.size() >= count_; }

  void Insert(uint64_t at) {
    const auto letter = static_cast<char>('a' + script_.size() % 26);
    script_.push_back({.position = static_cast<uint32_t>(at), .inserted = letter});
    ++length_;
  }
  void Delete(uint64_t at) {
    script_.push_back({.position = static_cast<uint32_t>(at), .inserted = '\0'});
    --length_;
  }

  EditScript Take() { return std::move(script_); }

 private:
  EditScript script_;
  uint64_t length_;
  uint64_t count_;
};

// Calls `edit(position, deleted, text)` for each edit while it succeeds.
template <typename EditFunction>
bool ForEachEdit(const EditScript& script, EditFunction edit) {
  for (const CharacterEdit& step : script) {
    const bool is_insert = step.inserted != '\0';
    const std::string_view text(&step.inserted, is_insert ? 1 : 0);
    if (!edit(uint64_t{step.position}, uint64_t{is_insert ? 0U : 1U}, text)) return false;
  }
  return true;
}

}  // namespace

EditScript MakeTyping(uint64_t at, uint64_t count) {
  ScriptBuilder builder(at, count);
  while (!builder.done()) builder.Insert(builder.length());
  return builder.Take();
}

EditScript MakeTypingWithBackspaces(uint64_t at, uint64_t count) {
  ScriptBuilder builder(at, count);
  while (!builder.done()) {
    if (builder.size() % 11 < 8) {
      builder.Insert(builder.length());
    } else {
      builder.Delete(builder.length() - 1);
    }
  }
  return builder.Take();
}

EditScript MakePrepending(uint64_t count) {
  ScriptBuilder builder(0, count);
  while (!builder.done()) builder.Insert(0);
  return builder.Take();
}

EditScript MakePingPong(uint64_t at, uint64_t count) {
  ScriptBuilder builder(at, count);
  while (!builder.done()) {
    if (builder.size() % 2 == 0) {
      builder.Insert(at);
    } else {
      builder.Delete(at);
    }
  }
  return builder.Take();
}

EditScript MakeScatteredInserts(uint64_t length, uint64_t count, uint64_t seed) {
  Random random(seed);
  ScriptBuilder builder(length, count);
  while (!builder.done()) builder.Insert(random.Below(builder.length() + 1));
  return builder.Take();
}

EditScript MakeScattered(uint64_t length, uint64_t count, uint64_t seed) {
  Random random(seed);
  ScriptBuilder builder(length, count);
  while (!builder.done()) {
    if (builder.length() > 0 && random.Chance(25)) {
      builder.Delete(random.Below(builder.length()));
    } else {
      builder.Insert(random.Below(builder.length() + 1));
    }
  }
  return builder.Take();
}

EditScript MakeClustered(uint64_t length, uint64_t count, uint64_t seed) {
  Random random(seed);
  ScriptBuilder builder(length, count);
  while (!builder.done()) {
    uint64_t caret = random.Below(builder.length() + 1);
    for (uint64_t keys = random.Between(1, 19); keys > 0 && !builder.done(); --keys) {
      if (caret > 0 && random.Chance(25)) {
        builder.Delete(--caret);
      } else {
        builder.Insert(caret++);
      }
    }
  }
  return builder.Take();
}

bool Apply(const EditScript& script, Document& document) {
  return ForEachEdit(script, [&](uint64_t at, uint64_t deleted, std::string_view text) {
    return document.Replace(CodePointOffset{at}, CodePointOffset{at + deleted}, text).has_value();
  });
}

bool Apply(const EditScript& script, Rga& rga) {
  return ForEachEdit(script, [&](uint64_t at, uint64_t deleted, std::string_view text) {
    return rga.Replace(at, deleted, text).has_value();
  });
}

std::string ApplyToText(const EditScript& script, std::string_view text) {
  auto buffer = TextBuffer::FromText(text);
  COTEXT_CHECK(buffer.has_value());
  const bool applied =
      ForEachEdit(script, [&](uint64_t at, uint64_t deleted, std::string_view inserted) {
        return buffer->Replace(CodePointOffset{at}, deleted, inserted).has_value();
      });
  COTEXT_CHECK(applied);
  return buffer->Text();
}

Update ApplyKeyByKey(const EditScript& script, Rga& author) {
  Update changes;
  const bool applied =
      ForEachEdit(script, [&](uint64_t at, uint64_t deleted, std::string_view text) {
        const uint64_t counter = author.next_counter();
        if (!author.Replace(at, deleted, text)) return false;
        changes.Append(author.OwnChangesFrom(counter));
        return true;
      });
  COTEXT_CHECK(applied);
  return changes;
}

}  // namespace cotext
