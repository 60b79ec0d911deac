#include "ot/commit_codec.h"

#include <cstddef>
#include <cstdint>
#include <set>
#include <utility>

#include "document/check.h"
#include "document/delta.h"
#include "document/varint.h"
#include "ot/operation_codec.h"

namespace cotext {
namespace {

// The clients of a list of commits, numbered in the order in which they come first.
class ReadClients {
 public:
  Expected<OtClientId> Read(OtReader& reader) {
    COTEXT_OT_READ(number, reader.Number());
    if (number < clients_.size()) return clients_[static_cast<size_t>(number)];
    if (number > clients_.size()) return reader.Malformed("names a client it has not");
    COTEXT_OT_READ(id, reader.Positive());
    const OtClientId client{id};
    if (!known_.insert(client).second) return reader.Malformed("names a client twice");
    clients_.push_back(client);
    return client;
  }

 private:
  std::vector<OtClientId> clients_;
  std::set<OtClientId> known_;
};

Expected<OtCommit> ReadCommit(OtReader& reader, ReadClients& clients) {
  COTEXT_OT_READ(client, clients.Read(reader));
  COTEXT_OT_READ(seq, reader.Positive());
  COTEXT_OT_READ(bytes, reader.Sized());
  Expected<Delta> operation = DecodeOperation(bytes);
  COTEXT_RETURN_IF_ERROR(operation);
  return OtCommit{.client = client, .seq = seq, .operation = *std::move(operation)};
}

}  // namespace

void AppendCommit(std::string& bytes, const OtCommit& commit, CommitNumbers& numbers) {
  COTEXT_CHECK(IsValid(commit.client));
  COTEXT_CHECK(commit.seq > 0);
  COTEXT_CHECK(commit.seq < kOtIdLimit);
  const auto [number, is_new] = numbers.try_emplace(commit.client, numbers.size());
  AppendVarint(bytes, number->second);
  if (is_new) AppendVarint(bytes, commit.client.value);
  AppendVarint(bytes, commit.seq);
  AppendVarint(bytes, OperationBytes(commit.operation));
  AppendOperation(bytes, commit.operation);
}

void AppendCommits(std::string& bytes, std::span<const OtCommit> commits) {
  CommitNumbers numbers;
  for (const OtCommit& commit : commits) AppendCommit(bytes, commit, numbers);
}

Expected<std::vector<OtCommit>> ReadCommits(OtReader& reader) {
  std::vector<OtCommit> commits;
  for (ReadClients clients; !reader.done();) {
    Expected<OtCommit> commit = ReadCommit(reader, clients);
    COTEXT_RETURN_IF_ERROR(commit);
    commits.push_back(*std::move(commit));
  }
  return commits;
}

std::string EncodeCommits(std::span<const OtCommit> commits) {
  COTEXT_CHECK(!commits.empty());
  for (size_t i = 0; i < commits.size(); ++i) {
    COTEXT_CHECK(commits[i].revision == commits[0].revision + i);
  }
  COTEXT_CHECK(commits.front().revision > 0);
  COTEXT_CHECK(commits.back().revision < kOtNumberLimit);
  std::string bytes;
  AppendOtHead(bytes, OtForm::kCommits);
  AppendVarint(bytes, commits[0].revision);
  AppendCommits(bytes, commits);
  return bytes;
}

Expected<std::vector<OtCommit>> DecodeCommits(std::string_view bytes) {
  OtReader reader(bytes, ErrorCode::kMalformedUpdate, "the list of commits");
  COTEXT_RETURN_IF_ERROR(reader.Head(OtForm::kCommits));
  COTEXT_OT_READ(first, reader.Positive());
  Expected<std::vector<OtCommit>> commits = ReadCommits(reader);
  COTEXT_RETURN_IF_ERROR(commits);
  if (commits->empty()) return reader.Malformed("is empty");
  if (commits->size() > kOtNumberLimit - first) return reader.Malformed("goes beyond 2^53");
  for (size_t i = 0; i < commits->size(); ++i) (*commits)[i].revision = first + i;
  return commits;
}

}  // namespace cotext
