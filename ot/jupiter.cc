#include "ot/jupiter.h"

#include <algorithm>
#include <string>
#include <utility>

#include "document/check.h"
#include "document/sort.h"
#include "document/utf8.h"

namespace cotext {
Expected<Jupiter::Outcome> Jupiter::Replay(const EditHistory& history) {
  AddClients(history);
  if (clients_.size() > kMaxAuthors) return Outcome::kNotHub;
  transforms_left_ = kTransformsPerEdit * history.edit_count();
  changes_.reserve(history.change_count());
  for (uint32_t change = 0; change < history.change_count(); ++change) {
    Client& client = ClientOf(history.author(change));
    if (!CatchUp(history, change, client)) return Outcome::kNotHub;
    changes_.push_back(Known{.seen = client.seen, .last_counter = 0});
    for (const uint32_t parent : history.parents(change)) {
      changes_.back().last_counter =
          std::max(changes_.back().last_counter, changes_[parent].last_counter);
    }
    Expected<Outcome> outcome = Outcome::kDone;
    history.ForEachEdit(change, [&](const TextEdit& edit) {
      outcome = Submit(edit, change, client);
      return outcome == Outcome::kDone;
    });
    if (!outcome) {
      return MakeError(outcome.error().code,
                       "change " + std::to_string(change) + ": " + outcome.error().message);
    }
    if (*outcome != Outcome::kDone) return outcome;
    if (client.last_change == change) std::deque<Waiting>().swap(client.queue);
  }
  return Outcome::kDone;
}

void Jupiter::AddClients(const EditHistory& history) {
  std::vector<uint32_t> authors;
  for (size_t i = 0; i < history.change_count(); ++i) authors.push_back(history.author(i));
  Sort(authors);
  const auto repeated = std::ranges::unique(authors);
  authors.erase(repeated.begin(), repeated.end());
  for (const uint32_t author : authors) clients_.push_back(Client{.author = author});
  for (uint32_t i = 0; i < history.change_count(); ++i) ClientOf(history.author(i)).last_change = i;
}

Jupiter::Client& Jupiter::ClientOf(uint32_t author) {
  return *std::ranges::lower_bound(clients_, author, {}, &Client::author);
}

// Lets a client see what the parents of its next change know. Returns whether that, beside its own
// changes, is a beginning of the server's order.
bool Jupiter::CatchUp(const EditHistory& history, uint32_t change, Client& client) {
  const auto parents = history.parents(change);
  const auto is_known = [&](uint32_t other) {
    return history.author(other) == client.author ||
           std::ranges::any_of(parents, [&](uint32_t parent) {
             return parent >= other && history.author(parent) == history.author(other);
           });
  };
  uint32_t seen = client.seen;
  for (const uint32_t parent : parents) seen = std::max(seen, changes_[parent].seen);
  while (seen < change && is_known(seen)) ++seen;
  for (const uint32_t parent : parents) {
    if (parent >= seen && history.author(parent) != client.author) return false;
  }
  client.seen = seen;
  while (!client.queue.empty() && client.queue.front().change < seen) {
    client.length = client.queue.front().edit.LengthAfter(client.length);
    client.queue.pop_front();
  }
  return true;
}

// Transforms an edit past what its author has not seen, applies it, and lets it wait for the
// others.
Expected<Jupiter::Outcome> Jupiter::Submit(const TextEdit& edit, uint32_t change, Client& client) {
  if (edit.position > client.length || edit.deleted > client.length - edit.position) {
    return MakeError(ErrorCode::kOutOfRange, "position " + std::to_string(edit.position) + " and " +
                                                 std::to_string(edit.deleted) +
                                                 " deleted characters are not within " +
                                                 std::to_string(client.length));
  }
  const uint64_t count = CountCodePoints(edit.inserted);
  uint64_t& last_counter = changes_[change].last_counter;
  PlacedEdit placed(edit, count,
                    CellId{.counter = last_counter + edit.deleted + 1, .author = client.author});
  last_counter += edit.deleted + count;
  client.length = placed.LengthAfter(client.length);
  if (client.queue.size() > transforms_left_) return Outcome::kTooFar;
  transforms_left_ -= client.queue.size();
  for (Waiting& waiting : client.queue) {
    const Expected<bool> done = PlacedEdit::Transform(placed, waiting.edit);
    if (!done) return std::unexpected(done.error());
    if (!*done) return Outcome::kTie;
  }
  COTEXT_RETURN_IF_ERROR(placed.ApplyTo(text_));
  for (Client& other : clients_) {
    if (&other != &client && other.last_change > change)
      other.queue.push_back(Waiting{.edit = placed, .change = change});
  }
  return Outcome::kDone;
}

}  // namespace cotext
