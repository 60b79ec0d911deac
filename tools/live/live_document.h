// A document at a server that a command keeps in step, with whatever else the command waits for:
// lines on standard input, signals, time.
//
// The engine is the document's: where none is asked for, an RGA document is opened, and if the
// server says that it is one of OT, that.
#ifndef COTEXT_TOOLS_LIVE_LIVE_DOCUMENT_H_
#define COTEXT_TOOLS_LIVE_LIVE_DOCUMENT_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "crdt/rga_document.h"
#include "document/document.h"
#include "document/error.h"
#include "net/client/client.h"
#include "ot/ot_replica.h"
#include "storage/saved_replica.h"
#include "sync/client_event.h"
#include "sync/presence_view.h"
#include "tools/command.h"
#include "tools/live/server_option.h"

namespace cotext {

struct LiveOptions {
  ServerOption server;
  std::string document;
  std::string engine = "auto";
  std::string transport = "auto";
  std::string save_file;  // Of a document that is to be kept; empty: none.
};

// Adds URL, DOCUMENT, --engine, --transport and what AddServerOption has.
void AddLiveOptions(CLI::App& command, LiveOptions& options);

class LiveDocument {
 public:
  using OnEvent = std::function<void(const sync::ClientEvent&)>;

  // Begins to connect. SIGINT and SIGTERM are waited for from now on, instead of being fatal.
  // Errors: those of net::Client and SavedReplica; kUnsupported, only RGA documents are saved.
  static Expected<std::unique_ptr<LiveDocument>> Open(const LiveOptions& options,
                                                      OnEvent on_event = {});
  LiveDocument(const LiveDocument&) = delete;
  LiveDocument& operator=(const LiveDocument&) = delete;
  ~LiveDocument();

  // Of the engine that there is; another one than before if WaitUntil or Pump found out that it is.
  Document& document();
  net::Client& client() { return *client_; }
  sync::DocumentKey key() const { return key_; }
  bool has_file() const { return saved_ && saved_->has_file(); }
  // Whether everything that the server had has come.
  bool is_caught_up() const { return client_->IsCaughtUp(key_); }

  // The document is lost, or the server wants no more of this client.
  const std::optional<Error>& failure() const { return failure_; }
  // Why there is no connection, as far as it is known.
  const std::string& reason() const { return reason_; }
  bool was_signalled() const { return was_signalled_; }

  void Pump();
  // As net::Client's, for as long as --timeout says; false at once after a failure or a signal.
  bool WaitUntil(const std::function<bool()>& predicate);
  // Whether that was as long as it waited when it waited last.
  bool has_timed_out() const { return has_timed_out_; }
  uint64_t timeout_s() const { return options_.server.timeout_s; }
  // Sleeps until there is something to pump, a signal came, or `input` (unless -1) can be read.
  // Returns whether it can.
  bool Sleep(int input);

  // Saves what is new, if it is kept in a file.
  Expected<void> Save();
  // Tells others where this user's caret is; what else is to be shown as fields. kTooLarge: those
  // take too much.
  Expected<void> ShowCaret(uint64_t position, const nlohmann::ordered_json& fields);
  // Where a user's caret is; nothing if he shows none that is known here.
  std::optional<uint64_t> CaretOf(const sync::PresentUser& user);

 private:
  explicit LiveDocument(const LiveOptions& options, OnEvent on_event);
  Expected<void> OpenDocument();
  void OpenRga();
  void OpenOt();
  Expected<void> OpenClient(std::string token);
  void NoteEvent(const sync::ClientEvent& event);
  void TakeSignals();

  LiveOptions options_;
  OnEvent on_event_;
  std::unique_ptr<SavedReplica> saved_;
  std::unique_ptr<RgaDocument> rga_;
  std::unique_ptr<OtReplica> ot_;
  int wake_ = -1;
  int signals_ = -1;
  std::unique_ptr<net::Client> client_;  // Is gone before what is above.
  sync::DocumentKey key_ = 0;
  bool is_other_engine_ = false;
  bool was_signalled_ = false;
  bool has_timed_out_ = false;
  std::optional<Error> failure_;
  std::string reason_;
};

// Writes why a document could not be kept in step, or why nothing came in time. Returns the code to
// exit with.
ExitCode ReportFailure(const LiveDocument& live);

}  // namespace cotext

#endif  // COTEXT_TOOLS_LIVE_LIVE_DOCUMENT_H_
