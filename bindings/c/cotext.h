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
 * begin with struct_size may grow: set it to sizeof of the struct.
 *
 * The functions: cotext_document.h, and for programs that keep documents in step with a server over
 * a connection of their own, cotext_session.h. Include this header, or cotext_client.h. */
#ifndef COTEXT_BINDINGS_C_COTEXT_H_
#define COTEXT_BINDINGS_C_COTEXT_H_

#include "cotext_document.h" /* IWYU pragma: export */
#include "cotext_session.h"  /* IWYU pragma: export */

#endif /* COTEXT_BINDINGS_C_COTEXT_H_ */
