#include "tests/support/git_histories.h"

#include <algorithm>

#include "document/utf8.h"
#include "tests/support/random_text.h"

namespace cotext {
namespace {

// Returns the index of `text`, which is added if it is new.
uint32_t IndexOf(const std::string& text, std::vector<std::string>& texts) {
  const auto found = std::ranges::find(texts, text);
  const auto index = static_cast<uint32_t>(found - texts.begin());
  if (found == texts.end()) texts.push_back(text);
  return index;
}

// Returns commits that have no child.
std::vector<uint32_t> HeadsOf(const GitHistory& history) {
  std::vector<bool> has_child(history.commits.size());
  for (const GitCommit& commit : history.commits) {
    for (const uint32_t parent : commit.parents) has_child[parent] = true;
  }
  std::vector<uint32_t> heads;
  for (uint32_t i = 0; i < has_child.size(); ++i) {
    if (!has_child[i]) heads.push_back(i);
  }
  return heads;
}

std::vector<uint32_t> RandomParents(Random& random, const GitHistory& history) {
  std::vector<uint32_t> parents;
  if (history.commits.empty() || random.Chance(10)) return parents;
  const uint64_t count = random.Chance(65) ? 1 : random.Between(2, 4);
  for (uint64_t i = 0; i < count; ++i) {
    // Mostly one of the latest, so that there are not too many branches.
    const uint64_t back = random.Below(
        random.Chance(20) ? history.commits.size() : std::min<uint64_t>(4, history.commits.size()));
    const auto parent = static_cast<uint32_t>(history.commits.size() - 1 - back);
    if (std::ranges::find(parents, parent) == parents.end()) parents.push_back(parent);
  }
  return parents;
}

std::string RandomEdit(Random& random, const std::string& text) {
  const uint64_t length = CountCodePoints(text);
  const uint64_t begin = random.Below(length + 1);
  const uint64_t end = random.Between(begin, std::min(length, begin + 3));
  return text.substr(0, ByteOfCodePoint(text, begin)) + RandomText(random, 5) +
         text.substr(ByteOfCodePoint(text, end));
}

// Returns a text such as a commit with these parents may leave behind.
std::optional<std::string> RandomResult(Random& random, const GitHistory& history,
                                        const std::vector<uint32_t>& parents) {
  if (random.Chance(8)) return std::nullopt;
  if (parents.empty()) return RandomText(random, 12);
  const GitCommit& parent = history.commits[parents[random.Below(parents.size())]];
  if (random.Chance(35)) {
    if (parent.blob == kNoBlob) return std::nullopt;
    return history.blobs[parent.blob];
  }
  std::string text = parent.blob == kNoBlob ? "" : history.blobs[parent.blob];
  for (uint64_t edits = random.Between(1, 3); edits > 0; --edits) text = RandomEdit(random, text);
  return text;
}

}  // namespace

uint32_t AddCommit(GitHistory& history, const std::vector<uint32_t>& parents,
                   const std::optional<std::string>& text, const std::string& author) {
  const auto commit = static_cast<uint32_t>(history.commits.size());
  history.commits.push_back(GitCommit{.id = "c" + std::to_string(commit),
                                      .parents = parents,
                                      .author = IndexOf(author, history.authors),
                                      .blob = text ? IndexOf(*text, history.blobs) : kNoBlob});
  return commit;
}

std::string TextIn(const GitHistory& history, uint32_t commit) {
  const uint32_t blob = history.commits[commit].blob;
  return blob == kNoBlob ? "" : history.blobs[blob];
}

GitHistory RandomGitHistory(Random& random) {
  GitHistory history{.name = "random"};
  const uint64_t authors = random.Between(1, 4);
  const auto add = [&](const std::vector<uint32_t>& parents) {
    const std::string author(1, static_cast<char>('a' + random.Below(authors)));
    AddCommit(history, parents, RandomResult(random, history, parents),
              author + " <" + author + "@x>");
  };
  for (uint64_t count = random.Below(40); count > 0; --count) add(RandomParents(random, history));
  add(HeadsOf(history));
  return history;
}

}  // namespace cotext
