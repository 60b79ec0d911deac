#include "tools/live/edit_command.h"

#include <unistd.h>

#include <cstdint>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <variant>

#include "document/document.h"
#include "document/error.h"
#include "document/offset.h"
#include "document/utf8.h"
#include "net/client/client_transport.h"
#include "sync/client_event.h"
#include "tools/live/edit_line.h"
#include "tools/live/line_reader.h"
#include "tools/live/live_document.h"
#include "tools/terminal_text.h"

namespace cotext {
namespace {

using Json = nlohmann::ordered_json;
using Verb = EditLine::Verb;

struct Options {
  LiveOptions live;
  std::string user;
  bool json = false;
};

std::string StatusWord(sync::ConnectionStatus status) {
  switch (status) {
    case sync::ConnectionStatus::kDisconnected: return "disconnected";
    case sync::ConnectionStatus::kConnecting: return "connecting";
    case sync::ConnectionStatus::kConnected: return "connected";
    case sync::ConnectionStatus::kReconnecting: return "reconnecting";
  }
  return "";
}

class Editor {
 public:
  Editor(const Options& options, LiveDocument& live)
      : options_(&options), live_(&live), input_(STDIN_FILENO) {}

  ExitCode Run();

 private:
  bool Begin();
  void OnLine(const Expected<std::string>& line);
  Expected<void> Do(const EditLine& edit);
  Expected<void> Edit(const EditLine& edit);
  void Print();
  Expected<void> Wait();
  void Status();
  ExitCode Finish();
  void Answer(const std::string& line, const Expected<void>& done);

  const Options* options_;
  LiveDocument* live_;
  LineReader input_;
  uint64_t line_number_ = 0;
  bool has_quit_ = false;
  ExitCode exit_code_ = ExitCode::kDone;
};

// Edits are for a text that somebody has seen: what the server has, or the file.
bool Editor::Begin() {
  if (live_->WaitUntil([&] { return live_->is_caught_up(); })) return true;
  if (live_->failure() || live_->was_signalled() || !live_->has_file()) return false;
  std::cerr << "cotext: the server does not answer; edits go to " << options_->live.save_file
            << '\n';
  return true;
}

ExitCode Editor::Run() {
  if (!Begin()) return live_->was_signalled() ? ExitCode::kDone : ReportFailure(*live_);
  while (!has_quit_ && !live_->failure() && !live_->was_signalled()) {
    while (const auto line = input_.TakeLine()) {
      OnLine(*line);
      if (has_quit_ || live_->failure() || live_->was_signalled()) break;
    }
    live_->Pump();
    if (input_.has_ended()) break;
    if (!has_quit_ && live_->Sleep(input_.descriptor())) input_.Read();
  }
  return Finish();
}

void Editor::OnLine(const Expected<std::string>& line) {
  ++line_number_;
  if (line && line->empty()) return;
  const auto edit = line ? ParseEditLine(*line) : std::unexpected(line.error());
  if (!edit) {
    exit_code_ = ExitCode::kBadInput;
    return Answer(line.value_or(""), std::unexpected(edit.error()));
  }
  const Expected<void> done = Do(*edit);
  if (!done && edit->verb != Verb::kWait) exit_code_ = ExitCode::kBadInput;
  Answer(*line, done);
}

Expected<void> Editor::Do(const EditLine& edit) {
  switch (edit.verb) {
    case Verb::kInsert:
    case Verb::kDelete: return Edit(edit);
    case Verb::kWait: return Wait();
    case Verb::kPrint: Print(); return {};
    case Verb::kStatus: Status(); return {};
    case Verb::kQuit: has_quit_ = true; return {};
  }
  return {};
}

Expected<void> Editor::Edit(const EditLine& edit) {
  const CodePointOffset begin{edit.position};
  const CodePointOffset end{edit.position + edit.count};
  if (end.value < begin.value) return MakeError(ErrorCode::kOutOfRange, "there are not so many");
  COTEXT_RETURN_IF_ERROR(live_->document().Replace(begin, end, edit.text));
  const uint64_t caret = edit.position + CountCodePoints(edit.text);
  const Json shown = options_->user.empty() ? Json::object() : Json{{"name", options_->user}};
  COTEXT_RETURN_IF_ERROR(live_->ShowCaret(caret, shown));
  COTEXT_RETURN_IF_ERROR(live_->client().SetTyping(live_->key(), true));
  COTEXT_RETURN_IF_ERROR(live_->Save());
  live_->Pump();
  return {};
}

void Editor::Print() {
  live_->Pump();
  const std::string text = live_->document().Text();
  std::cout << (options_->json ? Json{{"text", text}}.dump() : text) << std::endl;
}

Expected<void> Editor::Wait() {
  const auto is_durable = [&] { return live_->client().Count(live_->key()).all_durable(); };
  if (live_->WaitUntil(is_durable)) return {};
  exit_code_ = ExitCode::kNetworkFailed;
  return MakeError(ErrorCode::kTimedOut, "not all edits are durable");
}

void Editor::Status() {
  live_->Pump();
  const net::Client& client = live_->client();
  const sync::EditCounts counts = client.Count(live_->key());
  Json fields = {
      {"status", StatusWord(client.status())},
      {"transport", client.transport() == net::TransportKind::kPoll ? "poll" : "websocket"},
      {"engine", live_->document().engine() == Engine::kOt ? "ot" : "rga"},
      {"characters", live_->document().metrics().code_points},
      {"unsent", counts.unsent},
      {"unacknowledged", counts.unacknowledged},
      {"not_durable", counts.not_durable}};
  Json others = Json::array();
  for (const auto& [session, user] : client.presence(live_->key()).users()) {
    others.push_back({{"session", session}, {"user", user.user}, {"is_typing", user.is_typing}});
  }
  fields["others"] = std::move(others);
  WriteReport(std::cout, fields, options_->json);
  std::cout.flush();
}

void Editor::Answer(const std::string& line, const Expected<void>& done) {
  if (!done) {
    std::cerr << "cotext: line " << line_number_ << ": " << WithoutControls(done.error().message)
              << '\n';
  }
  if (!options_->json) return;
  Json fields = {
      {"line", line_number_}, {"do", line.substr(0, line.find(' '))}, {"ok", done.has_value()}};
  if (!done) fields["error"] = done.error().message;
  WriteReport(std::cout, fields, true);
  std::cout.flush();
}

// What was edited is to arrive, also if nobody waited for it; what is kept in a file may wait
// there.
ExitCode Editor::Finish() {
  if (live_->failure()) return ReportFailure(*live_);
  const auto is_durable = [&] { return live_->client().Count(live_->key()).all_durable(); };
  if (!live_->was_signalled()) live_->WaitUntil(is_durable);
  if (auto saved = live_->Save(); !saved) return ReportError(saved.error());
  if (live_->failure()) return ReportFailure(*live_);
  if (is_durable()) return exit_code_;
  std::cerr << "cotext: not all edits are durable\n";
  return exit_code_ == ExitCode::kDone ? ExitCode::kNetworkFailed : exit_code_;
}

void TellHandedBack(const sync::ClientEvent& event) {
  if (const auto* const held = std::get_if<sync::EditsHeld>(&event)) {
    std::cerr << "cotext: edits wait: " << held->reason.message << '\n';
  }
  const auto* const back = std::get_if<sync::EditsHandedBack>(&event);
  if (back == nullptr) return;
  std::cerr << "cotext: the server did not take some edits; the text with them was:\n"
            << LinesWithoutControls(back->edits.local_text) << '\n';
}

ExitCode Run(const Options& options) {
  auto live = LiveDocument::Open(options.live, TellHandedBack);
  if (!live) return ReportError(live.error());
  return Editor(options, **live).Run();
}

constexpr char kFooter[] =
    "Lines on standard input:\n"
    "  insert POS TEXT   TEXT is all behind one space, or a JSON string if it begins with \"\n"
    "  delete POS N      positions and numbers are of code points\n"
    "  print             the text\n"
    "  wait              until all edits are durable at the server\n"
    "  status            the connection, how far edits have come, who else is there\n"
    "  quit              as the end of the input: waits for the edits, and leaves\n"
    "Edits go on while the server is away. With --save they are in FILE, too, and the next run "
    "with\n"
    "that file uploads what was not; FILE is made when the server has opened the document once.\n"
    "Exit code: 0 done; 2 if a line was no good, or the server refuses; 3 if it does not answer, "
    "or\n"
    "not all edits are durable.";

}  // namespace

void AddEditCommand(CLI::App& root, ExitCode& exit_code) {
  CLI::App& command = AddCommand(root, "edit", "Edit a document at a server by lines of commands");
  auto options = std::make_shared<Options>();
  AddLiveOptions(command, options->live);
  command.add_option("--save", options->live.save_file, "Keep the document in a file, too")
      ->type_name("FILE");
  command.add_option("--user", options->user, "The name that others see beside the caret");
  command.add_flag("--json", options->json, "Answer each line by one JSON object");
  command.footer(kFooter);
  command.callback([options, &exit_code] { exit_code = Run(*options); });
}

}  // namespace cotext
