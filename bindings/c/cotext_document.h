/* Documents, of cotext.h, which says what holds for all calls: statuses, bytes, texts and their
 * edits, anchors, undo, merging, files, history. C99 and C++. */
#ifndef COTEXT_BINDINGS_C_COTEXT_DOCUMENT_H_
#define COTEXT_BINDINGS_C_COTEXT_DOCUMENT_H_

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
  COTEXT_CANNOT_LISTEN = 46,
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

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* COTEXT_BINDINGS_C_COTEXT_DOCUMENT_H_ */
