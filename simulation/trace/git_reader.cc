// A first git lists the commits, with the parents that are left when others are left out; a second
// one reads that list and tells each commit's author and what it did to the file:
//
//   commit ID PARENT... NUL AUTHOR NUL
//   newline :OLDMODE NEWMODE OLDBLOB NEWBLOB STATUS NUL PATH NUL
//
// A merge is compared with each parent, and all of the above comes again for each that differs.
// Where nothing differs the file is as in the parents. A commit without parents in the list comes
// with its real ones, which the list does not have: up to them there never was such a file. Both
// are plumbing commands, which no configuration makes print anything else.
#include "simulation/trace/git_reader.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <optional>
#include <ranges>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "simulation/trace/gzip_file.h"

namespace cotext {
namespace {

std::unexpected<Error> GitError(const std::string& repository, std::string_view problem) {
  return MakeError(ErrorCode::kIo, repository + ": " + std::string(problem));
}

std::unexpected<Error> UnexpectedOutput(const std::string& repository) {
  return GitError(repository, "git wrote something that is not understood");
}

// What stays of git's own variables: those that say how it is configured and installed, and how far
// it may look for a repository.
constexpr std::array<std::string_view, 4> kKeptVariables = {
    "GIT_CONFIG_",
    "GIT_EXEC_PATH=", "GIT_CEILING_DIRECTORIES=", "GIT_DISCOVERY_ACROSS_FILESYSTEM="};

// Returns the environment for git, whose messages are to be in English.
std::vector<std::string> GitEnvironment() {
  std::vector<std::string> kept = {"LC_ALL=C"};
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const bool is_kept = std::ranges::any_of(
        kKeptVariables, [text](std::string_view name) { return text.starts_with(name); });
    if (is_kept || !(text.starts_with("GIT_") || text.starts_with("LC_ALL="))) {
      kept.emplace_back(text);
    }
  }
  return kept;
}

Expected<Subprocess> StartGit(const std::string& repository, std::vector<std::string> arguments,
                              FileDescriptor input = {}) {
  Command command{.arguments = {"git", "-C", repository}, .environment = GitEnvironment()};
  std::ranges::move(arguments, std::back_inserter(command.arguments));
  return Subprocess::Start(command, std::move(input));
}

// Returns the line in which git says why it failed.
std::string Reason(const Subprocess::End& end) {
  constexpr std::string_view kFatal = "fatal: ";
  std::string reason = "git failed";
  for (const auto line : std::views::split(end.errors, '\n')) {
    const std::string_view text(line);
    if (text.starts_with(kFatal)) return "git: " + std::string(text.substr(kFatal.size()));
    if (!text.empty()) reason = "git: " + std::string(text);
  }
  return reason;
}

// Runs git and returns the only line of its output.
Expected<std::string> AskGit(const std::string& repository, std::vector<std::string> arguments) {
  auto git = StartGit(repository, std::move(arguments));
  if (!git) return std::unexpected(std::move(git).error());
  const auto line = git->ReadUntil('\n');
  if (!line) return std::unexpected(line.error());
  const Subprocess::End end = git->Wait();
  if (!end.ok) return GitError(repository, Reason(end));
  return line->value_or("");
}

// Returns the file's path from the top of the repository.
Expected<std::string> PathFromTop(const GitFile& file) {
  auto folder = AskGit(file.repository, {"rev-parse", "--show-prefix"});
  if (!folder) return std::unexpected(std::move(folder).error());
  const std::filesystem::path path =
      (std::filesystem::path(*folder) / file.path).lexically_normal();
  if (path.is_relative() && path.has_filename() && path != "." && *path.begin() != "..") {
    return path.string();
  }
  return GitError(file.repository, "'" + file.path + "' is no path of a file in the repository");
}

// Returns the id of the commit.
Expected<std::string> ResolveRevision(const GitFile& file) {
  auto id = AskGit(file.repository,
                   {"rev-parse", "--verify", "--end-of-options", file.revision + "^{commit}"});
  // What begins with "^" names a commit too, as one to leave out.
  if (id && !id->starts_with('^')) return id;
  return GitError(file.repository, "unknown revision '" + file.revision + "'");
}

// Gives equal strings equal numbers.
class Numbers {
 public:
  // Returns the number of `text`, which is added to `texts` if it is new.
  uint32_t Of(std::string_view text, std::vector<std::string>& texts) {
    const auto [place, is_new] =
        numbers_.try_emplace(std::string(text), static_cast<uint32_t>(texts.size()));
    if (is_new) texts.push_back(place->first);
    return place->second;
  }

 private:
  std::unordered_map<std::string, uint32_t> numbers_;
};

class HistoryReader {
 public:
  HistoryReader(const GitFile& file, std::string path)
      : file_(file), path_(std::move(path)), history_{.name = file.repository + ":" + path_} {}

  Expected<GitHistory> Run(const std::string& last_commit);

 private:
  Expected<void> ReadAll(Subprocess& diffs);
  Expected<void> ReadPart(std::string_view head, const std::string& text);
  Expected<void> BeginCommit(std::string_view ids, const std::string& author);
  Expected<void> ReadDiff(std::string_view diff, const std::string& path);

  const GitFile& file_;
  std::string path_;  // From the top of the repository.
  GitHistory history_;
  std::unordered_map<std::string, uint32_t> commits_;  // By id.
  Numbers authors_;
  Numbers blobs_;
};

constexpr std::string_view kCommit = "commit ";

Expected<GitHistory> HistoryReader::Run(const std::string& last_commit) {
  history_.last = last_commit;
  const std::string only_path = ":(top,literal)" + path_;
  auto list = StartGit(file_.repository, {"rev-list", "--topo-order", "--reverse", "--full-history",
                                          "--parents", last_commit, "--", only_path});
  if (!list) return std::unexpected(std::move(list).error());
  auto diffs = StartGit(file_.repository,
                        {"diff-tree", "--stdin", "--root", "-m", "-r", "--always", "--raw",
                         "--no-abbrev", "--no-renames", "-z", "--encoding=UTF-8",
                         "--format=commit %H %P%x00%an <%ae>", "--", only_path},
                        list->TakeOutput());
  if (!diffs) return std::unexpected(std::move(diffs).error());
  const auto read = ReadAll(*diffs);
  for (Subprocess* git : {&*diffs, &*list}) {
    const Subprocess::End end = git->Wait();
    // What was not understood may be what a git that failed left behind.
    if (!end.ok && (read || !end.errors.empty())) return GitError(file_.repository, Reason(end));
  }
  if (!read) return std::unexpected(read.error());
  if (history_.blobs.empty()) {
    return GitError(file_.repository,
                    "no commit up to '" + file_.revision + "' has a file '" + path_ + "'");
  }
  return std::move(history_);
}

Expected<void> HistoryReader::ReadAll(Subprocess& diffs) {
  while (true) {
    auto first = diffs.ReadUntil('\0');
    if (!first) return std::unexpected(std::move(first).error());
    const std::optional<std::string> head = *std::move(first);
    if (!head) return {};
    auto second = diffs.ReadUntil('\0');
    if (!second) return std::unexpected(std::move(second).error());
    const std::optional<std::string> text = *std::move(second);  // The author, or the path.
    if (!text) return UnexpectedOutput(file_.repository);
    COTEXT_RETURN_IF_ERROR(ReadPart(*head, *text));
  }
}

Expected<void> HistoryReader::ReadPart(std::string_view head, const std::string& text) {
  if (head.starts_with(kCommit)) return BeginCommit(head.substr(kCommit.size()), text);
  if (head.starts_with('\n')) head.remove_prefix(1);
  return ReadDiff(head, text);
}

Expected<void> HistoryReader::BeginCommit(std::string_view ids, const std::string& author) {
  GitCommit commit;
  bool has_strangers = false;
  for (const auto part : std::views::split(ids, ' ')) {
    const std::string id{std::string_view(part)};
    if (commit.id.empty()) {
      commit.id = id;
    } else if (const auto parent = commits_.find(id); parent != commits_.end()) {
      commit.parents.push_back(parent->second);
    } else {
      has_strangers = has_strangers || !id.empty();
    }
  }
  if (has_strangers && !commit.parents.empty()) return UnexpectedOutput(file_.repository);
  const auto number = static_cast<uint32_t>(history_.commits.size());
  if (!commits_.try_emplace(commit.id, number).second) return {};  // It comes again.
  commit.author = authors_.Of(author, history_.authors);
  if (!commit.parents.empty()) commit.blob = history_.commits[commit.parents[0]].blob;
  history_.commits.push_back(std::move(commit));
  return {};
}

// Takes note of what the last commit did to the file.
Expected<void> HistoryReader::ReadDiff(std::string_view diff, const std::string& path) {
  std::array<std::string_view, 5> fields;  // As above: old and new mode, old and new blob, status.
  size_t count = 0;
  for (const auto field : std::views::split(diff, ' ')) {
    if (count < fields.size()) fields[count] = std::string_view(field);
    ++count;
  }
  if (count != fields.size() || !diff.starts_with(':') || history_.commits.empty()) {
    return UnexpectedOutput(file_.repository);
  }
  if (path != path_) return {};  // The path is a folder in this commit, and that is a file in it.
  const auto [old_mode, mode, old_blob, blob, status] = fields;
  GitCommit& commit = history_.commits.back();
  if (commit.parents.empty() && old_mode != ":000000") return UnexpectedOutput(file_.repository);
  const bool is_file = mode.starts_with("10") || mode.starts_with("12");
  commit.blob = is_file ? blobs_.Of(blob, history_.blobs) : kNoBlob;
  return {};
}

}  // namespace

Expected<GitHistory> ReadGitHistory(const GitFile& file) {
  auto path = PathFromTop(file);
  if (!path) return std::unexpected(std::move(path).error());
  const auto last_commit = ResolveRevision(file);
  if (!last_commit) return std::unexpected(last_commit.error());
  return HistoryReader(file, *std::move(path)).Run(*last_commit);
}

Expected<GitTexts> GitTexts::Open(const std::string& repository, const GitHistory& history,
                                  const std::vector<uint32_t>& commits) {
  std::string ids;
  for (const uint32_t commit : commits) {
    const uint32_t blob = history.commits[commit].blob;
    if (blob != kNoBlob) ids += history.blobs[blob] + '\n';
  }
  auto list = MakeNamelessFile(ids);
  if (!list) return std::unexpected(std::move(list).error());
  auto blobs = StartGit(repository, {"cat-file", "--batch", "--buffer"}, *std::move(list));
  if (!blobs) return std::unexpected(std::move(blobs).error());
  return GitTexts(history, *std::move(blobs));
}

// The answer is a line "ID blob SIZE", the bytes, and a line end.
Expected<std::string> GitTexts::Read(uint32_t commit) {
  const uint32_t blob = history_->commits[commit].blob;
  if (blob == kNoBlob) return "";
  const std::string begin = history_->blobs[blob] + " blob ";
  const auto line = blobs_.ReadUntil('\n');
  if (!line) return std::unexpected(line.error());
  const std::string answer = line->value_or("");
  uint64_t size = 0;
  const char* const digits = answer.data() + std::min(begin.size(), answer.size());
  const auto parsed = std::from_chars(digits, answer.data() + answer.size(), size);
  if (!answer.starts_with(begin) || parsed.ec != std::errc()) return Stopped(commit);
  if (size > kFileBytesMax) {
    return MakeError(ErrorCode::kTooLarge, history_->name + ": commit " +
                                               history_->commits[commit].id + ": larger than " +
                                               std::to_string(kFileBytesMax) + " bytes");
  }
  auto bytes = blobs_.Read(size + 1);
  if (!bytes) return bytes;
  if (bytes->size() != size + 1) return Stopped(commit);
  bytes->pop_back();
  return bytes;
}

// Returns why there is no text for a commit.
std::unexpected<Error> GitTexts::Stopped(uint32_t commit) {
  const Subprocess::End end = blobs_.Wait();
  const std::string reason = end.errors.empty() ? "git cannot read the file's text" : Reason(end);
  return MakeError(ErrorCode::kIo,
                   history_->name + ": commit " + history_->commits[commit].id + ": " + reason);
}

}  // namespace cotext
