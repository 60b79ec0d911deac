#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cotext.h"

static void check(cotext_status status) {
  if (status == COTEXT_OK) return;
  fprintf(stderr, "%s: %s\n", cotext_status_name(status), cotext_last_error());
  exit(1);
}

int main(void) {
  cotext_document *mine, *yours;
  cotext_buffer update, text;
  cotext_anchor caret;
  uint64_t at;

  check(cotext_document_new(COTEXT_RGA, 1, &mine)); /* Take random numbers. */
  check(cotext_document_new(COTEXT_RGA, 2, &yours));
  check(cotext_document_replace(mine, COTEXT_CODE_POINTS, 0, 0, "Hello world", 11));
  check(cotext_document_anchor(mine, COTEXT_CODE_POINTS, 11, COTEXT_AFTER, &caret));
  check(cotext_document_encode_since(mine, NULL, 0, &update));
  check(cotext_document_merge(yours, update.data, update.size));
  cotext_buffer_free(&update);

  check(cotext_document_replace(yours, COTEXT_CODE_POINTS, 5, 5, ", dear", 6));
  check(cotext_document_encode_since(yours, NULL, 0, &update));
  check(cotext_document_merge(mine, update.data, update.size));
  check(cotext_document_text(mine, &text));
  check(cotext_document_resolve(mine, caret.bytes, caret.size, COTEXT_CODE_POINTS, &at));
  printf("%s, caret at %" PRIu64 "\n", (const char *)text.data, at);

  cotext_buffer_free(&update);
  cotext_buffer_free(&text);
  cotext_document_free(mine);
  cotext_document_free(yours);
  return 0;
}
