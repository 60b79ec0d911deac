/* Writes a line into a document at a server, with whoever else is writing there.
 *
 *     example ws://127.0.0.1:8650 notes/a 'A line.'
 *
 * It waits until the line is safe at the server and prints the text. What it needs of its own loop,
 * it does by poll(2): documents are edited between the client's turns, never during them. */
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cotext_client.h"

enum { PATIENCE_MS = 60000 };

static void check(cotext_status status) {
  if (status == COTEXT_OK) return;
  fprintf(stderr, "%s: %s\n", cotext_status_name(status), cotext_last_error());
  exit(1);
}

/* Called after every change, whoever made it. */
static void on_change(void *context, const cotext_change *change) {
  size_t i;
  (void)context;
  if (change->origin != COTEXT_REMOTE) return;
  for (i = 0; i < change->delta.size; ++i) {
    const cotext_component *part = &change->delta.components[i];
    if (part->kind != COTEXT_INSERT) continue;
    printf("others wrote %" PRIu64 " characters\n", part->count);
  }
}

/* Lets the client work until it has no more to tell. Returns whether the document is up to date. */
static int take_events(cotext_client *client) {
  int is_caught_up = 0;
  for (;;) {
    cotext_event event;
    check(cotext_client_poll(client, &event));
    switch (event.kind) {
      case COTEXT_EVENT_NONE: return is_caught_up;
      case COTEXT_EVENT_CAUGHT_UP: is_caught_up = 1; break;
      case COTEXT_EVENT_FAILED:
        fprintf(stderr, "%s: %.*s\n", cotext_status_name(event.error), (int)event.text.size,
                (const char *)event.text.data);
        exit(1);
      default: break;
    }
  }
}

static void wait_until_caught_up(cotext_client *client) {
  struct pollfd wake;
  check(cotext_client_wake_fd(client, &wake.fd));
  wake.events = POLLIN;
  while (!take_events(client)) {
    if (poll(&wake, 1, PATIENCE_MS) == 1) continue;
    fprintf(stderr, "the server does not answer\n");
    exit(1);
  }
}

static void append_line(cotext_document *document, const char *line) {
  cotext_metrics size;
  check(cotext_document_metrics(document, &size));
  check(cotext_document_begin(document, 0));
  check(cotext_document_replace(document, COTEXT_UTF8, size.utf8, size.utf8, line, strlen(line)));
  check(cotext_document_metrics(document, &size));
  check(cotext_document_replace(document, COTEXT_UTF8, size.utf8, size.utf8, "\n", 1));
  check(cotext_document_commit(document));
}

int main(int argc, char **argv) {
  cotext_client_options options;
  cotext_client *client;
  cotext_document *document;
  cotext_document_state state;
  cotext_buffer text;
  uint64_t key, subscription;

  if (argc != 4) {
    fprintf(stderr, "usage: example URL DOCUMENT LINE\n");
    return 2;
  }
  memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  options.url = argv[1];
  options.url_size = strlen(argv[1]);
  check(cotext_client_new(&options, &client));
  check(cotext_document_new(COTEXT_RGA, cotext_random_writer(), &document));
  check(cotext_document_subscribe(document, COTEXT_CODE_POINTS, 0, on_change, NULL, &subscription));
  check(cotext_client_open(client, argv[2], strlen(argv[2]), document, NULL, 0, &key));
  check(cotext_client_start(client));

  wait_until_caught_up(client);
  append_line(document, argv[3]);
  check(cotext_client_wait_durable(client, key, PATIENCE_MS));
  check(cotext_client_document(client, key, &state));
  printf("%" PRIu64 " edits are not safe yet\n", state.edits.unsent + state.edits.unacknowledged +
                                                     state.edits.not_durable);
  check(cotext_document_text(document, &text));
  printf("%s", (const char *)text.data);

  cotext_buffer_free(&text);
  check(cotext_client_free(client));
  cotext_document_free(document);
  return 0;
}
