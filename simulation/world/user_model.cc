#include "simulation/world/user_model.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "document/random.h"
#include "simulation/world/event_queue.h"

namespace cotext {
namespace {

using Kind = UserAction::Kind;

constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz      ,.\n";
constexpr std::array<std::string_view, 8> kOthers = {"\xc3\xa9",
                                                     "e\xcc\x81",
                                                     "\xd0\xb6",
                                                     "\xe4\xb8\xad",
                                                     "\xe2\x80\xa8",
                                                     "\xf0\x9f\x98\x80",
                                                     "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7",
                                                     "\r\n"};

// One user.
class User {
 public:
  User(const UserOptions& options, uint32_t replica, uint64_t seed)
      : options_(options), replica_(replica), random_(seed) {}

  std::vector<UserAction> Run() {
    while (edits_ < options_.edits) {
      Wait(options_.pause_us);
      Move();
      const uint64_t choice = random_.Below(100);
      if (choice < 50) {
        Type(random_.Between(1, 12));
      } else if (choice < 60) {
        Erase(random_.Between(1, 6));
      } else if (choice < 70) {
        Edit({.kind = Kind::kReplace, .count = random_.Between(1, 8)});
      } else if (choice < 80) {
        Edit({.kind = Kind::kReplace, .count = random_.Between(1, 8), .text = Text(8)});
      } else if (choice < 86) {
        Edit({.kind = Kind::kType, .text = Text(60)});
      } else if (choice < 92) {
        InsertAtMany();
      } else {
        TakeBack();
      }
    }
    return std::move(actions_);
  }

 private:
  void Wait(uint64_t mean_us) { now_us_ += random_.Below(2 * mean_us + 1); }

  void Add(UserAction action) {
    action.at_us = now_us_;
    action.replica = replica_;
    actions_.push_back(std::move(action));
  }

  void Edit(UserAction action) {
    if (edits_ == options_.edits) return;
    ++edits_;
    Add(std::move(action));
  }

  uint64_t Place() {
    if (random_.Chance(options_.same_spot_percent)) return kWholeText / 2;
    if (random_.Chance(20)) return kWholeText;
    return random_.Between(0, kWholeText);
  }

  void Move() {
    // Many go on where they were.
    if (random_.Chance(60)) Add({.kind = Kind::kMove, .places = {Place()}});
  }

  void Type(uint64_t keys) {
    for (; keys > 0; --keys) {
      Edit({.kind = Kind::kType, .text = Text(1)});
      Wait(options_.key_us);
    }
  }

  void Erase(uint64_t keys) {
    for (; keys > 0; --keys) {
      Edit({.kind = Kind::kBackspace, .count = 1});
      Wait(options_.key_us);
    }
  }

  void InsertAtMany() {
    UserAction action{.kind = Kind::kInsertAt, .text = Text(3)};
    for (uint64_t carets = random_.Between(2, 4); carets > 0; --carets) {
      action.places.push_back(Place());
    }
    std::ranges::sort(action.places);
    Edit(std::move(action));
  }

  void TakeBack() {
    const uint64_t steps = random_.Between(1, 3);
    for (uint64_t i = 0; i < steps; ++i) {
      Edit({.kind = Kind::kUndo});
      Wait(options_.key_us);
    }
    for (uint64_t i = random_.Below(steps + 1); i > 0; --i) {
      Edit({.kind = Kind::kRedo});
      Wait(options_.key_us);
    }
  }

  std::string Text(uint64_t most) {
    std::string text;
    for (uint64_t count = random_.Between(1, most); count > 0; --count) {
      if (random_.Chance(options_.unicode_percent)) {
        text += kOthers.at(random_.Below(kOthers.size()));
      } else {
        text += kLetters[random_.Below(kLetters.size())];
      }
    }
    return text;
  }

  UserOptions options_;
  uint32_t replica_;
  Random random_;
  uint64_t now_us_ = 0;
  uint32_t edits_ = 0;
  std::vector<UserAction> actions_;
};

}  // namespace

std::vector<UserAction> GenerateUserActions(const UserOptions& options) {
  Random random(options.seed ^ 0x7573657273000000U);
  EventQueue<UserAction> queue;
  for (uint32_t replica = 0; replica < options.replicas; ++replica) {
    for (UserAction& action : User(options, replica, random.Next()).Run()) {
      const uint64_t at_us = action.at_us;
      queue.Add(at_us, std::move(action));
    }
  }
  std::vector<UserAction> all;
  while (!queue.empty()) all.push_back(queue.Take().event);
  return all;
}

}  // namespace cotext
