/* cotext for C: collaborative plain texts, and sessions that keep them in step. C99 and C++.
 *
 * A document is a text that several people edit at once. Each of them has a copy and edits it when
 * he likes; copies that have the same edits have the same text. Two engines do that: with
 * COTEXT_RGA copies merge with any other copy, in any order; with COTEXT_OT a server orders edits.
 *
 * Calls. Every function that can fail returns a cotext_status: COTEXT_OK, or why not, and then
 * nothing has changed unless it says otherwise. No argument ends the program: null, wrong and huge
 * ones are answered by a status. cotext_last_error() says more, in words.
 *
 * Bytes are given as pointer and length; a null pointer goes with length 0. Text is UTF-8 and may
 * contain zero bytes. What is given is copied before a call returns. What a call gives is the
 * caller's: a cotext_buffer is freed by cotext_buffer_free, a handle by its own function. Pointers
 * in what callbacks, actions and events show are good only until the callback returns, or as long
 * as is said.
 *
 * Threads. The library starts none and has no state of its own. Different documents may be used in
 * different threads at once; one document, or a session with all documents that are open in it, by
 * one thread at a time, also for reading.
 *
 * Callbacks are called inside the call that takes or causes them. They may read the document; what
 * would change it, or takes a session that is at work, returns COTEXT_REENTRANT_EDIT or
 * COTEXT_BUSY. They must return: no longjmp, no exception.
 *
 * Binary compatibility. Functions keep their names and meaning within one COTEXT_ABI_VERSION, which
 * is also the version of the symbols; numbers are never used again for something else. Structs that
 * begin with struct_size may grow: set it to sizeof of the struct. */
#ifndef COTEXT_BINDINGS_C_COTEXT_H_
#define COTEXT_BINDINGS_C_COTEXT_H_

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define COTEXT_API __attribute__((visibility("default")))
#else
#define COTEXT_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define COTEXT_ABI_VERSION 1

/* ---- Status ---- */

typedef int32_t cotext_status;
enum {
  COTEXT_OK = 0,
  /* Of this interface. */
  COTEXT_INVALID_ARGUMENT = -1, /* Null where something must be, or a value that means nothing. */
  COTEXT_OUT_OF_MEMORY = -2,
  COTEXT_BUSY = -3,    /* The document or session is in the middle of a call, or open elsewhere. */
  COTEXT_NO_SUCH = -4, /* There is nothing by that key, or nothing to do. */
  /* Texts, offsets, deltas. */
  COTEXT_INVALID_UTF8 = 1,
  COTEXT_OUT_OF_RANGE = 2,
  COTEXT_INSIDE_CHARACTER = 3,
  COTEXT_TOO_LARGE = 4,
  COTEXT_INVALID_DELTA = 5,
  COTEXT_DELTA_MISMATCH = 6,
  /* Documents. */
  COTEXT_TRANSACTION_OPEN = 7,
  COTEXT_REENTRANT_EDIT = 8,
  COTEXT_INVALID_ANCHOR = 9,
  COTEXT_UNKNOWN_ANCHOR = 10,
  COTEXT_INVALID_VERSION = 11,
  COTEXT_UNSUPPORTED = 12,
  COTEXT_WRONG_ENGINE = 13,
  COTEXT_DOCUMENT_REPLACED = 14,
  COTEXT_UNKNOWN_VERSION = 15,
  COTEXT_HISTORY_TRIMMED = 16,
  COTEXT_NOT_CRITICAL = 17,
  /* Edits of others. */
  COTEXT_INVALID_ID = 20,
  COTEXT_INVALID_CHANGE = 21,
  COTEXT_MISSING_DEPENDENCY = 22,
  COTEXT_INCOMPLETE_PARENTS = 23,
  COTEXT_WRONG_COUNTER = 24,
  COTEXT_UNKNOWN_ORIGIN = 25,
  COTEXT_ORIGIN_NOT_SMALLER = 26,
  COTEXT_UNKNOWN_TARGET = 27,
  COTEXT_REPLICA_CONFLICT = 28,
  COTEXT_MALFORMED_UPDATE = 29,
  COTEXT_MALFORMED_FILE = 30,
  COTEXT_INVALID_UNDO = 32,
  COTEXT_INVALID_TRACE = 40,
  COTEXT_IO = 41,
  COTEXT_FILE_IN_USE = 42,
  COTEXT_FILE_CHANGED = 43,
  COTEXT_DISK_FULL = 44,
  COTEXT_READ_ONLY = 45,
  COTEXT_TOO_OLD = 50,
  COTEXT_UNKNOWN_REVISION = 51,
  COTEXT_SEQUENCE_GAP = 52,
  COTEXT_SUPERSEDED = 53,
  COTEXT_TOO_MANY_CLIENTS = 54,
  COTEXT_DIVERGED = 55,
  COTEXT_UNEXPECTED_ANSWER = 56,
  COTEXT_MALFORMED_STATE = 57,
  COTEXT_CLIENT_STOPPED = 58,
  COTEXT_CLIENT_FORGOTTEN = 59,
  /* Sessions. */
  COTEXT_BAD_MESSAGE = 60,
  COTEXT_UNSUPPORTED_PROTOCOL = 61,
  COTEXT_UNKNOWN_CHANNEL = 62,
  COTEXT_FORBIDDEN = 63,
  COTEXT_FORGED_IDENTITY = 64,
  COTEXT_UNKNOWN_SESSION = 65,
  COTEXT_TOO_SLOW = 66,
  COTEXT_TOO_MANY_DOCUMENTS = 67,
  COTEXT_TOO_MANY_SESSIONS = 68,
  COTEXT_STORAGE_FAILED = 69,
  COTEXT_TIMED_OUT = 70,
  COTEXT_SHUTTING_DOWN = 71,
  COTEXT_UNAUTHENTICATED = 72,
  COTEXT_RATE_LIMITED = 73,
  COTEXT_NOT_FOUND = 74,
  COTEXT_BAD_REQUEST = 75
};

/* COTEXT_ABI_VERSION of the library that is there. */
COTEXT_API uint32_t cotext_abi_version(void);
/* A word for a status that never changes, such as "invalid_utf8"; "unknown" for other numbers. */
COTEXT_API const char* cotext_status_name(cotext_status status);
/* A line about the latest call of this thread that failed; "" before the first. Good until the
 * next one fails. Never null. */
COTEXT_API const char* cotext_last_error(void);

/* ---- Bytes ---- */

/* No argument may have more bytes: such a length is COTEXT_TOO_LARGE, and nothing is read. */
#define COTEXT_INPUT_BYTES_MAX ((size_t)1 << 30)

typedef struct cotext_bytes { /* Bytes of somebody else. */
  const void* data;
  size_t size;
} cotext_bytes;

typedef struct cotext_buffer { /* Bytes of one's own. A zero byte follows them, uncounted. */
  void* data;
  size_t size;
} cotext_buffer;

/* Frees the bytes and sets the buffer to none. Null and empty ones are all right. */
COTEXT_API void cotext_buffer_free(cotext_buffer* buffer);

/* ---- Documents ---- */

typedef struct cotext_document cotext_document;
typedef struct cotext_session cotext_session;

typedef int32_t cotext_engine;
enum { COTEXT_RGA = 0, COTEXT_OT = 1 };

/* What offsets count, from 0. A position lies between two characters. */
typedef int32_t cotext_unit;
enum {
  COTEXT_CODE_POINTS = 0,
  COTEXT_UTF8 = 1,  /* Bytes. */
  COTEXT_UTF16 = 2, /* Units of 16 bits. */
  /* A line and a column in code points, both from 0: COTEXT_POINT(line, column). */
  COTEXT_LINE_COLUMN = 3
};
#define COTEXT_POINT(line, column) (((uint64_t)(line) << 32) | (uint64_t)(column))
#define COTEXT_POINT_LINE(at) ((uint64_t)(at) >> 32)
#define COTEXT_POINT_COLUMN(at) ((uint64_t)(at) & 0xffffffffu)

/* `writer` is who edits this copy: a random number from 1 to 2^53 - 1 that nobody else uses, and
 * that was never used for another copy of the document. */
#define COTEXT_WRITER_MAX (((uint64_t)1 << 53) - 1)

COTEXT_API cotext_status cotext_document_new(cotext_engine engine, uint64_t writer,
                                             cotext_document** out);
/* Lets go of a document. Sessions and clients in which it is open keep it until they close it. */
COTEXT_API void cotext_document_free(cotext_document* document);

COTEXT_API cotext_status cotext_document_engine(const cotext_document* document,
                                                cotext_engine* out);
COTEXT_API cotext_status cotext_document_writer(const cotext_document* document, uint64_t* out);
/* Goes on under another id, as after COTEXT_REPLICA_CONFLICT; what could be undone no longer can.
 * RGA only; COTEXT_BUSY while the document is open in a session. */
COTEXT_API cotext_status cotext_document_set_writer(cotext_document* document, uint64_t writer);
/* A copy for another writer, without callbacks and steps of undo. RGA only. */
COTEXT_API cotext_status cotext_document_fork(const cotext_document* document, uint64_t writer,
                                              cotext_document** out);

/* 16 bytes that every copy of the document has in common; all zero until a server gave them, or
 * they were set. Files of RGA documents keep them; of OT documents the application does. */
#define COTEXT_DOCUMENT_ID_BYTES 16
COTEXT_API cotext_status cotext_document_id(const cotext_document* document,
                                            uint8_t out[COTEXT_DOCUMENT_ID_BYTES]);
COTEXT_API cotext_status cotext_document_set_id(cotext_document* document, const uint8_t* id,
                                                size_t size);

/* ---- Reading ---- */

typedef struct cotext_metrics {
  uint64_t code_points;
  uint64_t utf8;
  uint64_t utf16;
  uint64_t newlines;
} cotext_metrics;

typedef void (*cotext_chunk_fn)(void* context, const char* text, size_t size);

COTEXT_API cotext_status cotext_document_metrics(const cotext_document* document,
                                                 cotext_metrics* out);
COTEXT_API cotext_status cotext_document_text(const cotext_document* document, cotext_buffer* out);
/* The text in [begin, end). */
COTEXT_API cotext_status cotext_document_slice(const cotext_document* document, cotext_unit unit,
                                               uint64_t begin, uint64_t end, cotext_buffer* out);
/* Shows that text piece by piece, uncopied. Each piece is whole characters. */
COTEXT_API cotext_status cotext_document_read(const cotext_document* document, cotext_unit unit,
                                              uint64_t begin, uint64_t end, cotext_chunk_fn reader,
                                              void* context);
/* The same position in another unit. */
COTEXT_API cotext_status cotext_document_convert(const cotext_document* document, cotext_unit from,
                                                 uint64_t at, cotext_unit to, uint64_t* out);

/* ---- Editing ---- */

/* Puts `text` in place of [begin, end): the one edit there is. */
COTEXT_API cotext_status cotext_document_replace(cotext_document* document, cotext_unit unit,
                                                 uint64_t begin, uint64_t end, const char* text,
                                                 size_t size);
/* Makes the text this one, by the smallest edits that are found, as one transaction. */
COTEXT_API cotext_status cotext_document_set_text(cotext_document* document, const char* text,
                                                  size_t size);

/* Edits between the two, which nest, are one change: one event, one step of undo. The label is the
 * application's word for what makes them, that of the outermost call. */
COTEXT_API cotext_status cotext_document_begin(cotext_document* document, uint64_t label);
COTEXT_API cotext_status cotext_document_commit(cotext_document* document);

/* A delta: what an edit does from the beginning of a text to its end. */
typedef int32_t cotext_component_kind;
enum {
  COTEXT_RETAIN = 0, /* Keeps the next `count` units. */
  COTEXT_INSERT = 1, /* Inserts `text`, which is `count` units. */
  COTEXT_DELETE = 2  /* Deletes the next `count` units; `text`, if any, is what they are. */
};
typedef struct cotext_component {
  cotext_component_kind kind;
  uint64_t count;
  const char* text;
  size_t text_size;
} cotext_component;
typedef struct cotext_delta {
  const cotext_component* components;
  size_t size;
} cotext_delta;

/* Applies a delta in code points as one transaction. No component is empty or of its neighbour's
 * kind, and the last is no retain; the count of an insert is found from its text. */
COTEXT_API cotext_status cotext_document_apply(cotext_document* document,
                                               const cotext_delta* delta);

/* ---- Observing ---- */

typedef int32_t cotext_origin;
enum {
  COTEXT_LOCAL = 0,  /* An edit through this interface. */
  COTEXT_REMOTE = 1, /* A merge, or what came by a session. */
  COTEXT_UNDO = 2    /* Undo or redo. */
};
typedef struct cotext_change {
  cotext_origin origin;
  uint64_t label;
  cotext_delta delta; /* Turns the text before the change into the one after it. */
} cotext_change;
typedef void (*cotext_change_fn)(void* context, const cotext_change* change);

/* Calls `on_change` after every change to the text, until it is cancelled or the document ends.
 * Counts are in `unit`: code points, UTF-8 or UTF-16. For the last two, and if `deleted_text` is
 * not 0, which asks for the text of deletes, a second copy of the text is kept. */
COTEXT_API cotext_status cotext_document_subscribe(cotext_document* document, cotext_unit unit,
                                                   int32_t deleted_text, cotext_change_fn on_change,
                                                   void* context, uint64_t* subscription);
/* COTEXT_NO_SUCH if there is no such subscription. Good inside a callback, too. */
COTEXT_API cotext_status cotext_document_unsubscribe(cotext_document* document,
                                                     uint64_t subscription);

/* ---- Anchors: positions that survive edits ---- */

#define COTEXT_ANCHOR_BYTES_MAX 32
typedef struct cotext_anchor { /* The first `size` bytes may be kept and sent to others. */
  uint8_t bytes[COTEXT_ANCHOR_BYTES_MAX];
  uint8_t size;
} cotext_anchor;

typedef int32_t cotext_bias;
enum {
  COTEXT_BEFORE = 0, /* Stays in front of text inserted right there. */
  COTEXT_AFTER = 1   /* Ends up behind it. */
};

COTEXT_API cotext_status cotext_document_anchor(const cotext_document* document, cotext_unit unit,
                                                uint64_t at, cotext_bias bias, cotext_anchor* out);
COTEXT_API cotext_status cotext_document_resolve(const cotext_document* document,
                                                 const uint8_t* anchor, size_t size,
                                                 cotext_unit unit, uint64_t* out);

/* ---- Undo ---- */

/* Takes back, or does again, the latest step of one's own. COTEXT_NO_SUCH if there is none. */
COTEXT_API cotext_status cotext_document_undo(cotext_document* document);
COTEXT_API cotext_status cotext_document_redo(cotext_document* document);
COTEXT_API cotext_status cotext_document_undo_counts(const cotext_document* document,
                                                     uint64_t* undo, uint64_t* redo);
COTEXT_API cotext_status cotext_document_undo_clear(cotext_document* document);

/* Transactions less than group_interval_ms apart are one step, by the times that are told by
 * cotext_document_undo_time before them; untold, none are. Beyond the limits the oldest steps are
 * forgotten. At first 500 ms, 10,000 steps, 16 MiB. */
typedef struct cotext_undo_options {
  size_t struct_size;
  uint64_t group_interval_ms;
  uint64_t max_steps;
  uint64_t max_bytes;
} cotext_undo_options;
COTEXT_API cotext_status cotext_document_undo_configure(cotext_document* document,
                                                        const cotext_undo_options* options);
COTEXT_API cotext_status cotext_document_undo_time(cotext_document* document, uint64_t now_ms);
/* The next transaction begins a step. */
COTEXT_API cotext_status cotext_document_undo_stop_grouping(cotext_document* document);
/* All between the two, which nest, is one step. */
COTEXT_API cotext_status cotext_document_undo_begin_group(cotext_document* document);
COTEXT_API cotext_status cotext_document_undo_end_group(cotext_document* document);
/* Which labels undo minds: if `only` is not 0 these, otherwise all but these. */
COTEXT_API cotext_status cotext_document_undo_track(cotext_document* document, int32_t only,
                                                    const uint64_t* labels, size_t count);

/* A selection: anchors, and bytes that say what they are. */
#define COTEXT_SELECTION_ANCHORS_MAX 4096
/* Where it is before the next transaction or the one that is open; where it is after the one that
 * is open or the latest. */
COTEXT_API cotext_status cotext_document_selection_before(cotext_document* document,
                                                          const cotext_anchor* anchors,
                                                          size_t count, const void* data,
                                                          size_t size);
COTEXT_API cotext_status cotext_document_selection_after(cotext_document* document,
                                                         const cotext_anchor* anchors, size_t count,
                                                         const void* data, size_t size);
/* Shows what the latest undo or redo gave back: once, perhaps with nothing in it. */
typedef void (*cotext_selection_fn)(void* context, const cotext_anchor* anchors, size_t count,
                                    const void* data, size_t size);
COTEXT_API cotext_status cotext_document_selection_restored(const cotext_document* document,
                                                            cotext_selection_fn reader,
                                                            void* context);

/* Steps as bytes, for the same document opened again. RGA only. Adopting takes steps of another
 * writer, who was the same user. */
COTEXT_API cotext_status cotext_document_undo_save(const cotext_document* document,
                                                   cotext_buffer* out);
COTEXT_API cotext_status cotext_document_undo_load(cotext_document* document, const void* data,
                                                   size_t size, int32_t adopt);
/* Takes those of the file that was loaded; COTEXT_NO_SUCH if it has none. */
COTEXT_API cotext_status cotext_document_undo_restore(cotext_document* document, int32_t adopt);

/* ---- Versions and merging ---- */

/* The set of edits that are here, as bytes for the engine; of OT the revision. */
COTEXT_API cotext_status cotext_document_version(const cotext_document* document,
                                                 cotext_buffer* out);
/* RGA only: what a copy at `version` lacks (no bytes: everything), and taking that in, any number
 * of times. COTEXT_MISSING_DEPENDENCY: what came before it is missing; what could be taken stays.
 */
COTEXT_API cotext_status cotext_document_encode_since(const cotext_document* document,
                                                      const void* version, size_t size,
                                                      cotext_buffer* out);
COTEXT_API cotext_status cotext_document_merge(cotext_document* document, const void* update,
                                               size_t size);

/* ---- Files ---- */

/* Compression, by functions of the application. `method` is a number of docs/FORMAT.md: 1 deflate,
 * 2 zstd, 3 lz4. They write to `out`, which has room for `capacity` bytes, and return how many they
 * wrote, or 0: it does not fit, or cannot be done. Decompressing must give exactly `capacity`. They
 * must not use the document. */
typedef size_t (*cotext_codec_fn)(void* context, int32_t method, const void* data, size_t size,
                                  void* out, size_t capacity);
typedef struct cotext_codec {
  size_t struct_size;
  int32_t method; /* What to save by; 0: uncompressed. */
  cotext_codec_fn compress;
  cotext_codec_fn decompress;
  void* context; /* Given to both. A loaded document uses it for as long as it lives. */
} cotext_codec;

typedef uint32_t cotext_save_flags;
enum {
  COTEXT_SAVE_COMPACT = 1, /* Leaves out the text of what was deleted. */
  COTEXT_SAVE_SMALL = 2,   /* Takes longer and is smaller. */
  COTEXT_SAVE_UNDO = 4     /* Keeps what can be undone; not with COTEXT_SAVE_COMPACT. */
};
/* The document as a file (docs/FORMAT.md). `codec` may be null: uncompressed. Flags and codec are
 * for RGA; with OT, which saves the text and what the server has not got yet, they must be 0 and
 * null. An OT document must be saved before what it sends goes out, or never be loaded again. */
COTEXT_API cotext_status cotext_document_save(const cotext_document* document,
                                              cotext_save_flags flags, const cotext_codec* codec,
                                              cotext_buffer* out);
/* What to append to a file of that version so that it has everything; nothing if it has. RGA. */
COTEXT_API cotext_status cotext_document_save_since(const cotext_document* document,
                                                    const void* version, size_t size,
                                                    const cotext_codec* codec, cotext_buffer* out);
/* `codec` may be null, and a compressed file is COTEXT_UNSUPPORTED then. Of OT the file says who
 * writes: `writer` must be 0. Damage may show only when a call needs what is damaged. */
COTEXT_API cotext_status cotext_document_load(cotext_engine engine, uint64_t writer,
                                              const void* file, size_t size,
                                              const cotext_codec* codec, cotext_document** out);

/* ---- History. RGA only ---- */

typedef struct cotext_operation { /* One operation: a number of its writer. */
  uint64_t counter;
  uint64_t writer;
} cotext_operation;
typedef struct cotext_blame { /* Characters that one writer wrote, with consecutive counters. */
  uint64_t begin;             /* In code points. */
  uint64_t length;
  cotext_operation first;
} cotext_blame;
typedef void (*cotext_delta_fn)(void* context, const cotext_delta* delta);
typedef void (*cotext_blame_fn)(void* context, const cotext_blame* ranges, size_t count);
typedef void (*cotext_name_fn)(void* context, const char* name, size_t size);

#define COTEXT_OPERATIONS_MAX 65536
/* The version that consists of these operations and all that came before them. */
COTEXT_API cotext_status cotext_document_version_of(const cotext_document* document,
                                                    const cotext_operation* operations,
                                                    size_t count, cotext_buffer* out);
COTEXT_API cotext_status cotext_document_text_at(const cotext_document* document,
                                                 const void* version, size_t size,
                                                 cotext_buffer* out);
/* Shows the delta, in code points, from one version to another; its deletes have their text. */
COTEXT_API cotext_status cotext_document_diff(const cotext_document* document, const void* from,
                                              size_t from_size, const void* to, size_t to_size,
                                              cotext_delta_fn reader, void* context);
/* Shows who wrote the text in [begin, end): ranges in order, side by side. */
COTEXT_API cotext_status cotext_document_blame(const cotext_document* document, cotext_unit unit,
                                               uint64_t begin, uint64_t end, cotext_blame_fn reader,
                                               void* context);
/* Names for versions, saved with this copy. */
COTEXT_API cotext_status cotext_document_name_version(cotext_document* document, const char* name,
                                                      size_t name_size, const void* version,
                                                      size_t size);
COTEXT_API cotext_status cotext_document_version_named(const cotext_document* document,
                                                       const char* name, size_t name_size,
                                                       cotext_buffer* out);
COTEXT_API cotext_status cotext_document_unname_version(cotext_document* document, const char* name,
                                                        size_t name_size);
/* Shows the names one by one, in the order of their bytes. */
COTEXT_API cotext_status cotext_document_version_names(const cotext_document* document,
                                                       cotext_name_fn reader, void* context);
/* Drops all history below a version that every copy has passed; and the version below which it was
 * dropped. */
COTEXT_API cotext_status cotext_document_trim(cotext_document* document, const void* version,
                                              size_t size);
COTEXT_API cotext_status cotext_document_horizon(const cotext_document* document,
                                                 cotext_buffer* out);

/* ---- Sessions: a client of a server, without a network ----
 *
 * The application has connections and clocks, the session says what to do with them: after calls,
 * and after edits, take actions until there is none, then events; call cotext_session_tick when
 * cotext_session_next_time says so. Times are milliseconds of one clock that does not go back.
 * docs/PROTOCOL.md says how packets look on the wire, which is not the session's concern. */

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
  COTEXT_EVENT_RIGHTS = 6,  /* `rights`. */
  COTEXT_EVENT_WRITER = 7,  /* Writer `number` is user `text`: for those who relay. */
  COTEXT_EVENT_PRESENCE = 8 /* Who is there, or what they show. */
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

#endif /* COTEXT_BINDINGS_C_COTEXT_H_ */
