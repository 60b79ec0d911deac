#include "tools/live/tail_command.h"

#include <cstdint>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <variant>

#include "document/delta.h"
#include "document/delta_json.h"
#include "document/document.h"
#include "sync/client_event.h"
#include "sync/messages.h"
#include "sync/presence_view.h"
#include "tools/live/live_document.h"
#include "tools/terminal_text.h"

namespace cotext {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  LiveOptions live;
  bool json = false;
};

// What a user calls himself, or is called by the server.
std::string NameOf(const sync::PresentUser& user) {
  const auto state = nlohmann::json::parse(user.state, nullptr, false);
  const bool has_name = state.is_object() && state.contains("name") && state["name"].is_string();
  return has_name ? state["name"].get<std::string>() : user.user;
}

bool HasCaret(const sync::PresentUser& user) {
  const auto state = nlohmann::json::parse(user.state, nullptr, false);
  return state.is_object() && state.contains("caret");
}

// Writes what happens, a line each.
class Follower {
 public:
  explicit Follower(const Options& options) : json_(options.json) {}

  ExitCode Run(LiveDocument& live);
  void OnEvent(const sync::ClientEvent& event);

 private:
  // Writes an event as an object, or as a line for people.
  void Write(const Json& object, const std::string& line);
  void WriteDelta(const Delta& delta);
  void WritePresence(LiveDocument& live);
  void WriteUser(const char* event, uint64_t session, const sync::PresentUser& user,
                 const std::string& words, const Json& more = Json::object());
  void TellState(LiveDocument& live, uint64_t session, const sync::PresentUser& user);

  bool json_;
  bool may_have_changed_ = true;                        // Who is there, or where carets are.
  std::map<sync::SessionId, sync::PresentUser> users_;  // As they were told of.
};

void Follower::Write(const Json& object, const std::string& line) {
  json_ ? WriteReport(std::cout, object, true) : static_cast<void>(std::cout << line << '\n');
}

void Follower::OnEvent(const sync::ClientEvent& event) {
  if (std::holds_alternative<sync::PresenceChanged>(event)) may_have_changed_ = true;
  const auto* const changed = std::get_if<sync::StatusChanged>(&event);
  if (changed == nullptr) return;
  constexpr const char* kWords[] = {"disconnected", "connecting", "connected", "reconnecting"};
  const std::string word = kWords[static_cast<size_t>(changed->status)];
  const std::string why =
      changed->reason.message.empty() ? "" : ": " + WithoutControls(changed->reason.message);
  Write({{"event", "status"}, {"status", word}, {"reason", changed->reason.message}},
        "* " + word + why);
}

void Follower::WriteDelta(const Delta& delta) {
  may_have_changed_ = true;
  if (json_) {
    std::cout << R"({"event":"delta","delta":)" << DeltaToJson(delta) << "}\n";
    return;
  }
  uint64_t position = 0;
  for (const Delta::Component component : delta) {
    if (component.kind == Delta::Kind::kInsert) {
      std::cout << "+ " << position << ' ' << Quoted(component.text) << '\n';
    } else if (component.kind == Delta::Kind::kDelete) {
      std::cout << "- " << position << ' ' << component.count << '\n';
    }
    if (component.kind != Delta::Kind::kDelete) position += component.count;
  }
}

void Follower::WriteUser(const char* event, uint64_t session, const sync::PresentUser& user,
                         const std::string& words, const Json& more) {
  Json object = {{"event", event}, {"session", session}, {"user", user.user}};
  if (const std::string name = NameOf(user); name != user.user) object["name"] = name;
  object.update(more);
  Write(object,
        "> " + WithoutControls(NameOf(user)) + " (" + std::to_string(session) + ") " + words);
}

// A caret may be in text that has not come yet: it is told when that has.
void Follower::TellState(LiveDocument& live, uint64_t session, const sync::PresentUser& user) {
  std::string& told = users_[session].state;
  if (told == user.state) return;
  const auto caret = live.CaretOf(user);
  if (!caret && HasCaret(user)) return;
  told = user.state;
  if (caret) {
    WriteUser("caret", session, user, "is at " + std::to_string(*caret), {{"position", *caret}});
  } else {
    WriteUser("state", session, user, "shows " + Quoted(PreviewOf(user.state)),
              {{"state", user.state}});
  }
}

void Follower::WritePresence(LiveDocument& live) {
  if (!std::exchange(may_have_changed_, false)) return;
  const auto& now = live.client().presence(live.key()).users();
  for (auto told = users_.begin(); told != users_.end();) {
    const bool has_left = !now.contains(told->first);
    if (has_left) WriteUser("left", told->first, told->second, "left");
    told = has_left ? users_.erase(told) : std::next(told);
  }
  for (const auto& [session, user] : now) {
    if (!users_.contains(session)) {
      WriteUser("joined", session, user, "joined");
      users_[session].user = user.user;
    }
    TellState(live, session, user);
    if (std::exchange(users_[session].is_typing, user.is_typing) != user.is_typing) {
      WriteUser("typing", session, user, user.is_typing ? "types" : "stopped typing",
                {{"is_typing", user.is_typing}});
    }
  }
}

ExitCode Follower::Run(LiveDocument& live) {
  if (!live.WaitUntil([&] { return live.is_caught_up(); })) {
    return live.was_signalled() ? ExitCode::kDone : ReportFailure(live);
  }
  const std::string text = live.document().Text();
  Write({{"event", "text"}, {"text", text}}, "= " + Quoted(text));
  live.document().Subscribe([this](const DeltaEvent& event) { WriteDelta(event.delta); });
  while (!live.failure() && !live.was_signalled()) {
    live.Pump();
    WritePresence(live);
    // Whoever reads it has gone.
    if (!std::cout.flush()) return ExitCode::kDone;
    live.Sleep(-1);
  }
  return live.failure() ? ReportFailure(live) : ExitCode::kDone;
}

ExitCode Run(const Options& options) {
  Follower follower(options);
  auto live = LiveDocument::Open(options.live,
                                 [&](const sync::ClientEvent& event) { follower.OnEvent(event); });
  if (!live) return ReportError(live.error());
  return follower.Run(**live);
}

constexpr char kFooter[] =
    "Until SIGINT or SIGTERM. Lines for people are\n"
    "  = \"TEXT\"            the text when it begins\n"
    "  + POS \"TEXT\"        inserted; - POS N, deleted; each for the text as it is by then\n"
    "  > NAME (SESSION)    joined, left, is at POS, types, stopped typing\n"
    "  * STATUS            of the connection\n"
    "--timeout is for the text when it begins; after that a server that is away is waited for, "
    "however\n"
    "long.\n"
    "Exit code: 0 when it is ended; 2 if the server refuses, or an option is no good; 3 if it "
    "does\n"
    "not answer.";

}  // namespace

void AddTailCommand(CLI::App& root, ExitCode& exit_code) {
  CLI::App& command =
      AddCommand(root, "tail", "Follow a document at a server: edits, who is there, who types");
  auto options = std::make_shared<Options>();
  AddLiveOptions(command, options->live);
  command.add_flag("--json", options->json, "One JSON object on a line");
  command.footer(kFooter);
  command.callback([options, &exit_code] { exit_code = Run(*options); });
}

}  // namespace cotext
