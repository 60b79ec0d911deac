/* cotext over the network: a client of a server, over WebSocket or long polling. C99 and C++.
 *
 * libcotext_client has all of libcotext in it, and this: link one of the two, not both.
 *
 *     cotext_client_new, cotext_client_open for each document, cotext_client_start
 *     loop: wait until cotext_client_wake_fd is readable, or for anything else;
 *           edit documents; cotext_client_poll until there is no event
 *
 * Nothing happens to documents but inside cotext_client_poll, cotext_client_wait,
 * cotext_client_start and cotext_client_stop: they take what came and send what was edited.
 *
 * Threads. A client has one of its own for the connection, which touches no document and calls
 * nothing of the application's. All calls of a client, and of the documents that are open in it,
 * are for one thread at a time. Different clients may be used in different threads at once.
 * A program that forks goes on with its clients in one of the two processes only.
 *
 * The rest is as cotext.h says: statuses, bytes, callbacks. */
#ifndef COTEXT_BINDINGS_C_COTEXT_CLIENT_H_
#define COTEXT_BINDINGS_C_COTEXT_CLIENT_H_

#include "cotext.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cotext_client cotext_client;

typedef int32_t cotext_transport;
enum {
  COTEXT_TRANSPORT_AUTO = 0, /* WebSocket, and long polling where that is blocked. */
  COTEXT_TRANSPORT_WEBSOCKET = 1,
  COTEXT_TRANSPORT_POLL = 2
};

#define COTEXT_URL_BYTES_MAX 2048
#define COTEXT_TOKEN_BYTES_MAX 16384

typedef struct cotext_client_options {
  size_t struct_size;
  const char* url; /* ws://host:port, wss://host:port, or http and https for the same. */
  size_t url_size;
  const char* ca_file; /* PEM, of who vouches for the server; null: the system's. */
  size_t ca_file_size;
  const char* agent; /* As of a session. */
  size_t agent_size;
  const char* token; /* A bearer token, or null; see cotext_client_set_token. */
  size_t token_size;
  cotext_transport transport;
  /* Called before packets go out, in the thread of the call; may be null. Who keeps documents in
   * files saves them here, so that no number is used twice after a crash. Unless it returns
   * COTEXT_OK, edits stay here, COTEXT_EVENT_HELD says so, with COTEXT_DISK_FULL and
   * COTEXT_READ_ONLY as they are and COTEXT_IO for all else, and it is called again. */
  cotext_status (*before_send)(void* context);
  void* context;
} cotext_client_options;

/* A random number for a writer. */
COTEXT_API uint64_t cotext_random_writer(void);

/* COTEXT_BAD_REQUEST: the address is none. COTEXT_IO: no thread, or unusable certificates. */
COTEXT_API cotext_status cotext_client_new(const cotext_client_options* options,
                                           cotext_client** out);
/* Stops it and ends its thread. COTEXT_BUSY inside a callback of one of its calls. */
COTEXT_API cotext_status cotext_client_free(cotext_client* client);

/* The token for the next connections: one that expires can be renewed. */
COTEXT_API cotext_status cotext_client_set_token(cotext_client* client, const char* token,
                                                 size_t size);

/* As of a session. */
COTEXT_API cotext_status cotext_client_open(cotext_client* client, const char* name, size_t size,
                                            cotext_document* document, const uint64_t* former,
                                            size_t former_count, uint64_t* key);
COTEXT_API cotext_status cotext_client_close(cotext_client* client, uint64_t key);

COTEXT_API cotext_status cotext_client_start(cotext_client* client);
/* Leaves, so that others see it gone at once. What is not sent waits for the next start. */
COTEXT_API cotext_status cotext_client_stop(cotext_client* client);

/* A file descriptor that is readable when cotext_client_poll has something to do. It is the
 * client's: wait for it, but neither read nor close it. */
COTEXT_API cotext_status cotext_client_wake_fd(const cotext_client* client, int* out);
/* Takes what came, sends what was edited, and gives the next event, if there is one: call it until
 * that is COTEXT_EVENT_NONE. */
COTEXT_API cotext_status cotext_client_poll(cotext_client* client, cotext_event* out);
/* Does that until there is an event, or for so long. It does not wait for a client that is
 * disconnected for good: COTEXT_NO_SUCH. COTEXT_TIMED_OUT: there was none. */
COTEXT_API cotext_status cotext_client_wait(cotext_client* client, uint64_t timeout_ms,
                                            cotext_event* out);
/* Does that until all edits of a document are durable at the server, or for so long; events stay.
 */
COTEXT_API cotext_status cotext_client_wait_durable(cotext_client* client, uint64_t key,
                                                    uint64_t timeout_ms);

COTEXT_API cotext_status cotext_client_status(const cotext_client* client,
                                              cotext_connection_status* out);
COTEXT_API cotext_status cotext_client_number(const cotext_client* client, uint64_t* out);
COTEXT_API cotext_status cotext_client_document(const cotext_client* client, uint64_t key,
                                                cotext_document_state* out);

COTEXT_API cotext_status cotext_client_show(cotext_client* client, uint64_t key, const void* state,
                                            size_t size);
COTEXT_API cotext_status cotext_client_set_typing(cotext_client* client, uint64_t key,
                                                  int32_t is_typing);
COTEXT_API cotext_status cotext_client_present(const cotext_client* client, uint64_t key,
                                               cotext_present_fn reader, void* context);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* COTEXT_BINDINGS_C_COTEXT_CLIENT_H_ */
