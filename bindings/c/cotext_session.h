/* Sessions, of cotext.h, which says what holds for all calls: clients of a server without a
 * network, and presence. C99 and C++.
 *
 * The application has connections and clocks, the session says what to do with them: after calls,
 * and after edits, take actions until there is none, then events; call cotext_session_tick when
 * cotext_session_next_time says so. Times are milliseconds of one clock that does not go back.
 * docs/PROTOCOL.md says how packets look on the wire, which is not the session's concern. */
#ifndef COTEXT_BINDINGS_C_COTEXT_SESSION_H_
#define COTEXT_BINDINGS_C_COTEXT_SESSION_H_

#include <stddef.h>
#include <stdint.h>

#include "cotext_document.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cotext_session cotext_session;

#define COTEXT_MESSAGE_NUMBERS 6
#define COTEXT_MESSAGE_STRINGS 2
#define COTEXT_PACKET_MESSAGES_MAX 4096
#define COTEXT_MESSAGE_BYTES_MAX ((size_t)1 << 20) /* Of both strings together. */
typedef struct cotext_message { /* docs/PROTOCOL.md has the kinds and what each has where. */
  uint32_t kind;
  uint64_t channel;
  uint64_t numbers[COTEXT_MESSAGE_NUMBERS];
  cotext_bytes bytes[COTEXT_MESSAGE_STRINGS];
} cotext_message;
typedef struct cotext_packet {
  uint64_t first;    /* The number of the first message; 0: they have none. */
  uint64_t received; /* How many came from the other end. */
  int32_t again;     /* Not 0: what follows those is to be sent again. */
  const cotext_message* messages;
  size_t count;
} cotext_packet;

typedef struct cotext_session_options {
  size_t struct_size;
  uint64_t seed;     /* Random: when to try again is spread by it. */
  const char* agent; /* Which program this is, for the server's log; may be null. */
  size_t agent_size;
  uint64_t ping_ms;   /* After so long without a word the server is asked; 0: 15,000. */
  uint64_t answer_ms; /* It may take so long to answer; 0: 10,000. */
  uint64_t resend_ms; /* Unacknowledged for so long is sent again; 0: nothing gets lost. */
} cotext_session_options;
#define COTEXT_AGENT_BYTES_MAX 256

typedef int32_t cotext_connection_status;
enum {
  COTEXT_DISCONNECTED = 0,
  COTEXT_CONNECTING = 1,
  COTEXT_CONNECTED = 2,
  COTEXT_RECONNECTING = 3
};

COTEXT_API cotext_status cotext_session_new(const cotext_session_options* options,
                                            cotext_session** out);
/* Nothing is sent any more: for a good end, call cotext_session_stop and take actions first.
 * COTEXT_BUSY inside a callback of one of its calls; the session goes on then. */
COTEXT_API cotext_status cotext_session_free(cotext_session* session);

/* Keeps a document in step with the one of that name at the server, 1 to 512 bytes of UTF-8. A
 * document of OT may be open only once. Transactions must be committed before the session's next
 * call, which is COTEXT_TRANSACTION_OPEN otherwise. Of RGA, `former` are ids under which the same
 * user wrote here before: what the server lacks of that goes there, too. */
#define COTEXT_NAME_BYTES_MAX 512
#define COTEXT_FORMER_WRITERS_MAX 65536
COTEXT_API cotext_status cotext_session_open(cotext_session* session, const char* name, size_t size,
                                             cotext_document* document, const uint64_t* former,
                                             size_t former_count, uint64_t* key);
COTEXT_API cotext_status cotext_session_close(cotext_session* session, uint64_t key);
/* Whose a writer's id is, as another server said (COTEXT_EVENT_WRITER): for those who relay. */
COTEXT_API cotext_status cotext_session_name_writer(cotext_session* session, uint64_t key,
                                                    uint64_t writer, const char* user, size_t size);

COTEXT_API cotext_status cotext_session_start(cotext_session* session, uint64_t now_ms);
COTEXT_API cotext_status cotext_session_stop(cotext_session* session, uint64_t now_ms);
/* There is a connection, as COTEXT_CONNECT asked. */
COTEXT_API cotext_status cotext_session_connected(cotext_session* session, uint64_t now_ms);
/* It is gone, or could not be made. `is_final` not 0: trying again is of no use. */
COTEXT_API cotext_status cotext_session_disconnected(cotext_session* session, cotext_status reason,
                                                     int32_t is_final, uint64_t now_ms);
/* A packet came, of so many bytes on the wire. What is wrong with it ends the connection: there is
 * an action. COTEXT_TOO_LARGE: beyond the limits above; nothing was read, it is garbage. */
COTEXT_API cotext_status cotext_session_receive(cotext_session* session,
                                                const cotext_packet* packet, size_t wire_bytes,
                                                uint64_t now_ms);
/* Bytes came that are no packet. */
COTEXT_API cotext_status cotext_session_receive_garbage(cotext_session* session, uint64_t now_ms);
COTEXT_API cotext_status cotext_session_tick(cotext_session* session, uint64_t now_ms);
/* When to tick at the latest; UINT64_MAX: not before something happens. */
COTEXT_API cotext_status cotext_session_next_time(const cotext_session* session, uint64_t* out);

typedef int32_t cotext_action_kind;
enum {
  COTEXT_NOTHING = 0,
  COTEXT_CONNECT = 1,   /* Make a connection. */
  COTEXT_SEND = 2,      /* Send `packet` over it. */
  COTEXT_DISCONNECT = 3 /* Close it; it need not be told. */
};
typedef struct cotext_action { /* Good until the session's next call. */
  cotext_action_kind kind;
  cotext_packet packet;
} cotext_action;
/* The next thing to do; COTEXT_NOTHING for now. */
COTEXT_API cotext_status cotext_session_take_action(cotext_session* session, uint64_t now_ms,
                                                    cotext_action* out);

/* What happened. `key` is the document's, as far as it is about one. */
typedef int32_t cotext_event_kind;
enum {
  COTEXT_EVENT_NONE = 0,
  COTEXT_EVENT_STATUS = 1,    /* `connection` is new; `error` and `text` say why. */
  COTEXT_EVENT_OPENED = 2,    /* `rights`; `bytes` is the document's id. */
  COTEXT_EVENT_CAUGHT_UP = 3, /* All that the server had is here. */
  COTEXT_EVENT_FAILED = 4,    /* It is kept in step no longer: `error`, `text`. */
  /* OT: edits that will not be committed, for the application to keep: `delta` in code points, for
   * the text at revision `number`; `text` is what the user saw. `flags`: COTEXT_RETURNED_... */
  COTEXT_EVENT_HANDED_BACK = 5,
  COTEXT_EVENT_RIGHTS = 6,   /* `rights`. */
  COTEXT_EVENT_WRITER = 7,   /* Writer `number` is user `text`: for those who relay. */
  COTEXT_EVENT_PRESENCE = 8, /* Who is there, or what they show. */
  /* Edits wait, and not for the network: `error`, `text`. The server has lost what they follow, and
   * only who relays may bring it back: COTEXT_MISSING_DEPENDENCY. */
  COTEXT_EVENT_HELD = 9
};
enum { COTEXT_MAY_READ = 1, COTEXT_MAY_WRITE = 2, COTEXT_MAY_RELAY = 4, COTEXT_MAY_SHOW = 8 };
enum {
  COTEXT_RETURNED_FOLLOWS_IN_FLIGHT = 1, /* It is for that text with what was in flight. */
  COTEXT_RETURNED_MAY_BE_COMMITTED = 2   /* Of some of it nobody can tell. */
};
typedef struct cotext_event { /* Good until the session's or client's next call. */
  cotext_event_kind kind;
  cotext_connection_status connection;
  cotext_status error;
  uint32_t flags;
  uint64_t key;
  uint64_t rights;
  uint64_t number;
  cotext_bytes text;
  cotext_bytes bytes;
  cotext_delta delta;
} cotext_event;
COTEXT_API cotext_status cotext_session_take_event(cotext_session* session, cotext_event* out);

/* How far own edits have come: operations of RGA, transactions of OT, each counted once. */
typedef struct cotext_edit_counts {
  uint64_t unsent;
  uint64_t unacknowledged;
  uint64_t not_durable; /* The server has them, but not yet for good. */
} cotext_edit_counts;
/* What is known of an open document; COTEXT_NO_SUCH if it is not open here. */
typedef struct cotext_document_state {
  cotext_edit_counts edits;
  uint64_t rights;
  int32_t is_caught_up;
} cotext_document_state;
COTEXT_API cotext_status cotext_session_status(const cotext_session* session,
                                               cotext_connection_status* out);
/* The number by which others see this session; 0 if there is none. */
COTEXT_API cotext_status cotext_session_number(const cotext_session* session, uint64_t* out);
COTEXT_API cotext_status cotext_session_document(const cotext_session* session, uint64_t key,
                                                 cotext_document_state* out);

/* ---- Presence: who is there, and what they show ---- */

#define COTEXT_PRESENCE_BYTES_MAX 4096
typedef struct cotext_present {
  uint64_t session;
  cotext_bytes user;
  cotext_bytes state; /* As the application over there gave it. */
  int32_t is_typing;
} cotext_present;
typedef void (*cotext_present_fn)(void* context, const cotext_present* present);
/* What others see of this session in a document, such as anchors of a cursor. */
COTEXT_API cotext_status cotext_session_show(cotext_session* session, uint64_t key,
                                             const void* state, size_t size);
COTEXT_API cotext_status cotext_session_set_typing(cotext_session* session, uint64_t key,
                                                   int32_t is_typing);
/* Shows the others one by one, by their numbers. */
COTEXT_API cotext_status cotext_session_present(const cotext_session* session, uint64_t key,
                                                cotext_present_fn reader, void* context);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* COTEXT_BINDINGS_C_COTEXT_SESSION_H_ */
