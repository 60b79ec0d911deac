// Random users: they type in runs, think, move, paste, delete, replace, undo, redo and use many
// carets at once; sometimes all at one spot.
//
// Returns actions by time, the same for the same options on any machine.
#ifndef COTEXT_SIMULATION_WORLD_USER_MODEL_H_
#define COTEXT_SIMULATION_WORLD_USER_MODEL_H_

#include <cstdint>
#include <vector>

#include "simulation/world/user_action.h"

namespace cotext {

struct UserOptions {
  uint64_t seed = 1;
  uint32_t replicas = 3;
  uint32_t edits = 20;              // Of each replica; moving the caret is none.
  uint64_t key_us = 150'000;        // Between keystrokes, on the average.
  uint64_t pause_us = 2'000'000;    // Between runs.
  uint32_t same_spot_percent = 30;  // Of the moves.
  uint32_t unicode_percent = 10;    // Of the characters.
};

std::vector<UserAction> GenerateUserActions(const UserOptions& options);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_USER_MODEL_H_
