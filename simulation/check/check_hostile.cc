#include "simulation/check/check_hostile.h"

#include <algorithm>
#include <array>

namespace cotext {
namespace {

constexpr std::array kCodes = {
    ErrorCode::kInvalidUtf8,       ErrorCode::kTooLarge,         ErrorCode::kInvalidDelta,
    ErrorCode::kDeltaMismatch,     ErrorCode::kInvalidVersion,   ErrorCode::kUnsupported,
    ErrorCode::kWrongEngine,       ErrorCode::kDocumentReplaced, ErrorCode::kUnknownVersion,
    ErrorCode::kHistoryTrimmed,    ErrorCode::kInvalidId,        ErrorCode::kInvalidChange,
    ErrorCode::kIncompleteParents, ErrorCode::kWrongCounter,     ErrorCode::kUnknownOrigin,
    ErrorCode::kOriginNotSmaller,  ErrorCode::kUnknownTarget,    ErrorCode::kReplicaConflict,
    ErrorCode::kMalformedUpdate,   ErrorCode::kTooOld,           ErrorCode::kUnknownRevision,
    ErrorCode::kSequenceGap,       ErrorCode::kSuperseded,       ErrorCode::kDiverged,
    ErrorCode::kClientForgotten,   ErrorCode::kBadMessage,       ErrorCode::kUnsupportedProtocol,
    ErrorCode::kUnknownChannel,    ErrorCode::kForbidden,        ErrorCode::kForgedIdentity,
    ErrorCode::kUnknownSession,    ErrorCode::kTooSlow,          ErrorCode::kTooManyDocuments,
    ErrorCode::kTooManySessions,   ErrorCode::kStorageFailed,    ErrorCode::kTimedOut,
    ErrorCode::kShuttingDown};

}  // namespace

bool IsOfProtocol(ErrorCode code) { return std::ranges::find(kCodes, code) != kCodes.end(); }

std::vector<Violation> CheckHostile(std::span<const HostileAct> acts) {
  Violations found("hostile");
  for (const HostileAct& act : acts) {
    if (!act.has_come) continue;
    const std::string what = AtTime(act.at_us) + " " + act.what + " by " + NodeName(act.node);
    if (!act.ended) {
      if (!act.may_go_on && !act.codes.empty()) found.Add(what + " did not end its session");
    } else if (!act.codes.contains(*act.ended)) {
      found.Add(what + " ended its session with " + std::string(ErrorName(*act.ended)));
    }
  }
  return found.Take();
}

}  // namespace cotext
