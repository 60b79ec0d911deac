// The structs of the C interface as JavaScript reads and writes them (src/memory.ts,
// src/session.ts), by offsets: nothing else would tell that one of them changed.
#include <cstddef>

#include "bindings/c/cotext.h"

static_assert(sizeof(void*) == 4);

static_assert(sizeof(cotext_buffer) == 8);
static_assert(offsetof(cotext_buffer, data) == 0 && offsetof(cotext_buffer, size) == 4);

static_assert(sizeof(cotext_component) == 24);
static_assert(offsetof(cotext_component, kind) == 0 && offsetof(cotext_component, count) == 8);
static_assert(offsetof(cotext_component, text) == 16);
static_assert(offsetof(cotext_component, text_size) == 20);
static_assert(sizeof(cotext_delta) == 8);
static_assert(offsetof(cotext_delta, components) == 0 && offsetof(cotext_delta, size) == 4);

static_assert(sizeof(cotext_metrics) == 32 && offsetof(cotext_metrics, utf16) == 16);
static_assert(sizeof(cotext_anchor) == 33 && offsetof(cotext_anchor, size) == 32);

static_assert(sizeof(cotext_undo_options) == 32);
static_assert(offsetof(cotext_undo_options, group_interval_ms) == 8);
static_assert(offsetof(cotext_undo_options, max_steps) == 16);
static_assert(offsetof(cotext_undo_options, max_bytes) == 24);

static_assert(sizeof(cotext_message) == 80);
static_assert(offsetof(cotext_message, kind) == 0 && offsetof(cotext_message, channel) == 8);
static_assert(offsetof(cotext_message, numbers) == 16 && offsetof(cotext_message, bytes) == 64);
static_assert(sizeof(cotext_packet) == 32);
static_assert(offsetof(cotext_packet, first) == 0 && offsetof(cotext_packet, received) == 8);
static_assert(offsetof(cotext_packet, again) == 16 && offsetof(cotext_packet, messages) == 20);
static_assert(offsetof(cotext_packet, count) == 24);

static_assert(sizeof(cotext_session_options) == 48);
static_assert(offsetof(cotext_session_options, seed) == 8);
static_assert(offsetof(cotext_session_options, agent) == 16);
static_assert(offsetof(cotext_session_options, agent_size) == 20);
static_assert(offsetof(cotext_session_options, ping_ms) == 24);
static_assert(offsetof(cotext_session_options, answer_ms) == 32);
static_assert(offsetof(cotext_session_options, resend_ms) == 40);

static_assert(offsetof(cotext_action, kind) == 0 && offsetof(cotext_action, packet) == 8);
static_assert(sizeof(cotext_action) == 40);

static_assert(sizeof(cotext_event) == 64);
static_assert(offsetof(cotext_event, kind) == 0 && offsetof(cotext_event, connection) == 4);
static_assert(offsetof(cotext_event, error) == 8 && offsetof(cotext_event, flags) == 12);
static_assert(offsetof(cotext_event, key) == 16 && offsetof(cotext_event, rights) == 24);
static_assert(offsetof(cotext_event, number) == 32 && offsetof(cotext_event, text) == 40);
static_assert(offsetof(cotext_event, bytes) == 48 && offsetof(cotext_event, delta) == 56);

static_assert(sizeof(cotext_document_state) == 40);
static_assert(offsetof(cotext_document_state, edits) == 0);
static_assert(offsetof(cotext_document_state, rights) == 24);
static_assert(offsetof(cotext_document_state, is_caught_up) == 32);
