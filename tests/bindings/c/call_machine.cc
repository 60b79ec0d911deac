#include "tests/bindings/c/call_machine.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "bindings/c/document_handle.h"
#include "document/check.h"
#include "document/utf8.h"

namespace cotext::c {

// One call: what it is given and gives lives as long.
struct CallScope {
  explicit CallScope(CallMachine& made_of)
      : machine(made_of), outer(made_of.outs_), lent(made_of.lent_.size()) {
    machine.outs_ = &outs;
    ++machine.depth_;
  }
  CallScope(const CallScope&) = delete;
  CallScope& operator=(const CallScope&) = delete;
  ~CallScope() {
    --machine.depth_;
    machine.lent_.resize(lent);
    machine.outs_ = outer;
  }

  CallMachine& machine;
  CallMachine::Outs outs;
  CallMachine::Outs* outer;
  size_t lent;
};

namespace {

constexpr size_t kDocumentsMax = 6;
constexpr size_t kSessionsMax = 3;
constexpr size_t kKeptBytesMax = 24;
constexpr size_t kKeptSizeMax = 4096;
constexpr uint32_t kDepthMax = 3;

// The arguments are made in order: initializers of a tuple in braces are.
template <auto kFunction, typename... Arguments>
cotext_status Apply(CallMachine& machine, cotext_status (*)(Arguments...)) {
  std::tuple<Arguments...> arguments{machine.Make<Arguments>()...};
  return std::apply(kFunction, arguments);
}
// What returns no status succeeds.
template <auto kFunction, typename Result, typename... Arguments>
cotext_status Apply(CallMachine& machine, Result (*)(Arguments...)) {
  std::tuple<Arguments...> arguments{machine.Make<Arguments>()...};
  static_cast<void>(std::apply(kFunction, arguments));
  return COTEXT_OK;
}
template <auto kFunction>
cotext_status Call(CallMachine& machine) {
  return Apply<kFunction>(machine, kFunction);
}

#define COTEXT_FUNCTION(name) \
  CallMachine::Function { #name, &Call<&name> }
constexpr std::array kFunctions = {
    COTEXT_FUNCTION(cotext_abi_version),
    COTEXT_FUNCTION(cotext_buffer_free),
    COTEXT_FUNCTION(cotext_document_anchor),
    COTEXT_FUNCTION(cotext_document_apply),
    COTEXT_FUNCTION(cotext_document_begin),
    COTEXT_FUNCTION(cotext_document_blame),
    COTEXT_FUNCTION(cotext_document_commit),
    COTEXT_FUNCTION(cotext_document_convert),
    COTEXT_FUNCTION(cotext_document_diff),
    COTEXT_FUNCTION(cotext_document_encode_since),
    COTEXT_FUNCTION(cotext_document_engine),
    COTEXT_FUNCTION(cotext_document_fork),
    COTEXT_FUNCTION(cotext_document_free),
    COTEXT_FUNCTION(cotext_document_horizon),
    COTEXT_FUNCTION(cotext_document_id),
    COTEXT_FUNCTION(cotext_document_load),
    COTEXT_FUNCTION(cotext_document_merge),
    COTEXT_FUNCTION(cotext_document_metrics),
    COTEXT_FUNCTION(cotext_document_name_version),
    COTEXT_FUNCTION(cotext_document_new),
    COTEXT_FUNCTION(cotext_document_read),
    COTEXT_FUNCTION(cotext_document_redo),
    COTEXT_FUNCTION(cotext_document_replace),
    COTEXT_FUNCTION(cotext_document_resolve),
    COTEXT_FUNCTION(cotext_document_save),
    COTEXT_FUNCTION(cotext_document_save_since),
    COTEXT_FUNCTION(cotext_document_selection_after),
    COTEXT_FUNCTION(cotext_document_selection_before),
    COTEXT_FUNCTION(cotext_document_selection_restored),
    COTEXT_FUNCTION(cotext_document_set_id),
    COTEXT_FUNCTION(cotext_document_set_text),
    COTEXT_FUNCTION(cotext_document_set_writer),
    COTEXT_FUNCTION(cotext_document_slice),
    COTEXT_FUNCTION(cotext_document_subscribe),
    COTEXT_FUNCTION(cotext_document_text),
    COTEXT_FUNCTION(cotext_document_text_at),
    COTEXT_FUNCTION(cotext_document_trim),
    COTEXT_FUNCTION(cotext_document_undo),
    COTEXT_FUNCTION(cotext_document_undo_begin_group),
    COTEXT_FUNCTION(cotext_document_undo_clear),
    COTEXT_FUNCTION(cotext_document_undo_configure),
    COTEXT_FUNCTION(cotext_document_undo_counts),
    COTEXT_FUNCTION(cotext_document_undo_end_group),
    COTEXT_FUNCTION(cotext_document_undo_load),
    COTEXT_FUNCTION(cotext_document_undo_restore),
    COTEXT_FUNCTION(cotext_document_undo_save),
    COTEXT_FUNCTION(cotext_document_undo_stop_grouping),
    COTEXT_FUNCTION(cotext_document_undo_time),
    COTEXT_FUNCTION(cotext_document_undo_track),
    COTEXT_FUNCTION(cotext_document_unname_version),
    COTEXT_FUNCTION(cotext_document_unsubscribe),
    COTEXT_FUNCTION(cotext_document_version),
    COTEXT_FUNCTION(cotext_document_version_named),
    COTEXT_FUNCTION(cotext_document_version_names),
    COTEXT_FUNCTION(cotext_document_version_of),
    COTEXT_FUNCTION(cotext_document_writer),
    COTEXT_FUNCTION(cotext_last_error),
    COTEXT_FUNCTION(cotext_session_close),
    COTEXT_FUNCTION(cotext_session_connected),
    COTEXT_FUNCTION(cotext_session_disconnected),
    COTEXT_FUNCTION(cotext_session_document),
    COTEXT_FUNCTION(cotext_session_free),
    COTEXT_FUNCTION(cotext_session_name_writer),
    COTEXT_FUNCTION(cotext_session_new),
    COTEXT_FUNCTION(cotext_session_next_time),
    COTEXT_FUNCTION(cotext_session_number),
    COTEXT_FUNCTION(cotext_session_open),
    COTEXT_FUNCTION(cotext_session_present),
    COTEXT_FUNCTION(cotext_session_receive),
    COTEXT_FUNCTION(cotext_session_receive_garbage),
    COTEXT_FUNCTION(cotext_session_set_typing),
    COTEXT_FUNCTION(cotext_session_show),
    COTEXT_FUNCTION(cotext_session_start),
    COTEXT_FUNCTION(cotext_session_status),
    COTEXT_FUNCTION(cotext_session_stop),
    COTEXT_FUNCTION(cotext_session_take_action),
    COTEXT_FUNCTION(cotext_session_take_event),
    COTEXT_FUNCTION(cotext_session_tick),
    COTEXT_FUNCTION(cotext_status_name),
};
#undef COTEXT_FUNCTION

constexpr std::string_view kTexts[] = {"a",
                                       "\n",
                                       "Hello world",
                                       "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
                                       "\xf0\x9f\x98\x80",
                                       "a\r\nb\n\nc",
                                       "\xff",
                                       "\xed\xa0\x80",
                                       "\xe2\x82",
                                       std::string_view("\0x", 2)};

}  // namespace

std::span<const CallMachine::Function> CallMachine::Functions() { return kFunctions; }

CallMachine::CallMachine(Choose choose) : choose_(std::move(choose)) {
  // Something to begin with.
  for (const cotext_engine engine : {COTEXT_RGA, COTEXT_RGA, COTEXT_OT}) {
    cotext_document* document = nullptr;
    COTEXT_CHECK(cotext_document_new(engine, documents_.size() + 1, &document) == COTEXT_OK);
    documents_.push_back(document);
  }
  const cotext_session_options options{.struct_size = sizeof options,
                                       .seed = 1,
                                       .agent = nullptr,
                                       .agent_size = 0,
                                       .ping_ms = 0,
                                       .answer_ms = 0,
                                       .resend_ms = 0};
  cotext_session* session = nullptr;
  COTEXT_CHECK(cotext_session_new(&options, &session) == COTEXT_OK);
  sessions_.push_back(session);
}

CallMachine::~CallMachine() {
  for (cotext_session* const session : sessions_) {
    COTEXT_CHECK(cotext_session_free(session) == COTEXT_OK);
  }
  for (cotext_document* const document : documents_) cotext_document_free(document);
}

cotext_status CallMachine::Step() {
  const Function* chosen = &kFunctions[Choose_(kFunctions.size())];
  // As many functions free as make: so most of the time there would be nothing to call them with.
  while (chosen->name.ends_with("_free") && Chance(70)) {
    chosen = &kFunctions[Choose_(kFunctions.size())];
  }
  const Function& function = *chosen;
  const CallScope scope(*this);
  const cotext_status status = function.call(*this);
  AfterCall(function.name, status);
  return status;
}

cotext_status CallMachine::CallWithNothing(const Function& function) {
  is_nothing_ = true;
  const CallScope scope(*this);
  const cotext_status status = function.call(*this);
  is_nothing_ = false;
  return status;
}

void CallMachine::StepInside() {
  if (depth_ < kDepthMax && Chance(30)) Step();
}

void CallMachine::AfterCall(std::string_view name, cotext_status status) {
  seen_.insert(status);
  COTEXT_CHECK(std::string_view(cotext_status_name(status)) != "unknown");
  COTEXT_CHECK(status == COTEXT_OK || cotext_last_error()[0] != '\0');
  if (outs_->buffer.data != nullptr) {
    COTEXT_CHECK(static_cast<const char*>(outs_->buffer.data)[outs_->buffer.size] == '\0');
    if (outs_->buffer.size <= kKeptSizeMax) {
      bytes_.emplace_back(static_cast<const char*>(outs_->buffer.data), outs_->buffer.size);
    }
    cotext_buffer_free(&outs_->buffer);
  }
  if (outs_->anchor.size > 0) {
    bytes_.emplace_back(reinterpret_cast<const char*>(outs_->anchor.bytes), outs_->anchor.size);
  }
  if (bytes_.size() > kKeptBytesMax) bytes_.erase(bytes_.begin());
  if (status != COTEXT_OK) return;
  if (name == "cotext_document_free") std::erase(documents_, outs_->picked_document);
  if (name == "cotext_session_free") std::erase(sessions_, outs_->picked_session);
  if (name == "cotext_document_subscribe" || name == "cotext_session_open") {
    keys_.push_back(outs_->numbers[0]);
  }
  if (outs_->document != nullptr) {
    documents_.push_back(outs_->document);
    if (documents_.size() > kDocumentsMax) {
      cotext_document_free(documents_.front());
      documents_.erase(documents_.begin());
    }
  }
  if (outs_->session != nullptr) {
    sessions_.push_back(outs_->session);
    if (sessions_.size() > kSessionsMax && cotext_session_free(sessions_.front()) == COTEXT_OK) {
      sessions_.erase(sessions_.begin());
    }
  }
}

void CallMachine::CheckDocuments() const {
  for (const cotext_document* const document : documents_) {
    cotext_buffer text{};
    cotext_metrics metrics{};
    COTEXT_CHECK(cotext_document_text(document, &text) == COTEXT_OK);
    COTEXT_CHECK(cotext_document_metrics(document, &metrics) == COTEXT_OK);
    const std::string_view bytes(static_cast<const char*>(text.data), text.size);
    COTEXT_CHECK(IsValidUtf8(bytes));
    const TextMetrics measured = Measure(bytes);
    COTEXT_CHECK(measured.bytes == metrics.utf8);
    COTEXT_CHECK(measured.code_points == metrics.code_points);
    COTEXT_CHECK(measured.utf16 == metrics.utf16);
    COTEXT_CHECK(measured.newlines == metrics.newlines);
    cotext_buffer_free(&text);
    document->rga ? document->rga->CheckInvariants() : document->ot->CheckInvariants();
  }
}

// Arguments.

std::string CallMachine::SomeBytes() {
  if (!bytes_.empty() && Chance(60)) {
    std::string bytes = bytes_[Choose_(bytes_.size())];
    if (!bytes.empty() && Chance(20)) {
      bytes[Choose_(bytes.size())] = static_cast<char>(Choose_(256));
    }
    if (Chance(5)) bytes.resize(Choose_(bytes.size() + 1));
    return bytes;
  }
  if (Chance(80)) return std::string(kTexts[Choose_(std::size(kTexts))]);
  std::string bytes(Choose_(40), '\0');
  for (char& byte : bytes) byte = static_cast<char>(Choose_(256));
  return bytes;
}

const char* CallMachine::Lend(std::string_view bytes) {
  if (is_nothing_ || Chance(5)) return nullptr;
  Block block{.bytes = std::make_unique<char[]>(bytes.size()), .size = bytes.size()};
  bytes.copy(block.bytes.get(), bytes.size());
  lent_.push_back(std::move(block));
  return lent_.back().bytes.get();
}

template <typename Value>
const Value* CallMachine::LendArray(uint64_t count_max, Value (CallMachine::*make)()) {
  std::vector<Value> values(Choose_(count_max + 1));
  for (Value& value : values) value = (this->*make)();
  outs_->lent_count = values.size();
  const size_t size = values.size() * sizeof(Value);
  return reinterpret_cast<const Value*>(Lend({reinterpret_cast<const char*>(values.data()), size}));
}

template <typename Handle>
Handle* CallMachine::Pick(const std::vector<Handle*>& from) {
  if (is_nothing_ || from.empty() || Chance(3)) return nullptr;
  return from[Choose_(from.size())];
}

template <typename Out>
Out* CallMachine::Slot(Out& slot) {
  return is_nothing_ || Chance(3) ? nullptr : &slot;
}

template <typename Callback>
Callback CallMachine::MaybeNull(Callback callback) {
  return is_nothing_ || Chance(3) ? nullptr : callback;
}

uint64_t CallMachine::MakeNumber() {
  constexpr uint64_t kSpecial[] = {0,
                                   1,
                                   2,
                                   17,
                                   uint64_t{1} << 32U,
                                   COTEXT_WRITER_MAX,
                                   COTEXT_WRITER_MAX + 1,
                                   uint64_t{1} << 63U,
                                   std::numeric_limits<uint64_t>::max()};
  if (!keys_.empty() && Chance(20)) return keys_[Choose_(keys_.size())];
  return Chance(85) ? Choose_(24) : kSpecial[Choose_(std::size(kSpecial))];
}

// How long the array before is said to be.
uint64_t CallMachine::MakeSize() {
  outs_->expects_size = false;
  if (is_nothing_) return 0;
  constexpr size_t kTooMany[] = {std::numeric_limits<size_t>::max(), size_t{1} << 40U,
                                 size_t{1} << 63U};
  if (Chance(3)) return kTooMany[Choose_(std::size(kTooMany))];
  if (outs_->is_null) return Choose_(2);
  return Chance(95) ? outs_->lent_count : Choose_(outs_->lent_count + 1);
}

int32_t CallMachine::MakeInt() {
  constexpr int32_t kSpecial[] = {-1,
                                  4,
                                  75,
                                  76,
                                  127,
                                  128,
                                  std::numeric_limits<int32_t>::min(),
                                  std::numeric_limits<int32_t>::max()};
  return Chance(95) ? static_cast<int32_t>(Choose_(4)) : kSpecial[Choose_(std::size(kSpecial))];
}

cotext_anchor CallMachine::MakeAnchor() {
  cotext_anchor anchor{};
  const std::string bytes = SomeBytes();
  anchor.size = static_cast<uint8_t>(std::min<size_t>(bytes.size(), COTEXT_ANCHOR_BYTES_MAX));
  std::memcpy(anchor.bytes, bytes.data(), anchor.size);
  if (Chance(3)) anchor.size = static_cast<uint8_t>(Choose_(256));
  return anchor;
}

cotext_operation CallMachine::MakeOperation() {
  return {.counter = MakeNumber(), .writer = MakeNumber()};
}

cotext_component CallMachine::MakeComponent() {
  cotext_component component{};
  component.kind = MakeInt();
  component.count = MakeNumber();
  if (component.kind == COTEXT_INSERT || Chance(10)) {
    const std::string text = SomeBytes();
    component.text = Lend(text);
    component.text_size = component.text == nullptr ? Choose_(2) : text.size();
  }
  return component;
}

cotext_message CallMachine::MakeMessage() {
  cotext_message message{};
  message.kind = static_cast<uint32_t>(Choose_(90));
  message.channel = MakeNumber();
  for (uint64_t& number : message.numbers) number = MakeNumber();
  for (cotext_bytes& bytes : message.bytes) {
    const std::string given = SomeBytes();
    bytes.data = Lend(given);
    bytes.size = bytes.data == nullptr ? 0 : given.size();
  }
  if (Chance(2)) message.bytes[Choose_(2)].size = size_t{1} << 40U;
  return message;
}

namespace {

size_t CopyBytes(void* /*context*/, int32_t method, const void* data, size_t size, void* out,
                 size_t capacity) {
  // Sometimes it cannot, or lies.
  if (method == 2 && size % 3 == 0) return 0;
  if (method == 3) return capacity + 1;
  const size_t count = std::min(size, capacity);
  if (count > 0) std::memcpy(out, data, count);
  return count;
}

}  // namespace

const cotext_codec* CallMachine::MakeCodec() {
  outs_->codec = {.struct_size = Chance(95) ? sizeof(cotext_codec) : MakeNumber(),
                  .method = MakeInt(),
                  .compress = MaybeNull(&CopyBytes),
                  .decompress = MaybeNull(&CopyBytes),
                  .context = this};
  return is_nothing_ || Chance(60) ? nullptr : &outs_->codec;
}

const cotext_delta* CallMachine::MakeDelta() {
  outs_->delta.components = LendArray(4, &CallMachine::MakeComponent);
  outs_->is_null = outs_->delta.components == nullptr;
  outs_->delta.size = MakeSize();
  return Slot(outs_->delta);
}

const cotext_packet* CallMachine::MakePacket() {
  outs_->packet = {.first = MakeNumber(),
                   .received = MakeNumber(),
                   .again = MakeInt(),
                   .messages = LendArray(4, &CallMachine::MakeMessage),
                   .count = 0};
  outs_->is_null = outs_->packet.messages == nullptr;
  outs_->packet.count = MakeSize();
  return Slot(outs_->packet);
}

const cotext_session_options* CallMachine::MakeSessionOptions() {
  const std::string agent = SomeBytes();
  const char* const lent = Lend(agent);
  outs_->session_options = {
      .struct_size = Chance(95) ? sizeof(cotext_session_options) : MakeNumber(),
      .seed = MakeNumber(),
      .agent = lent,
      .agent_size = lent == nullptr ? 0 : agent.size(),
      .ping_ms = MakeNumber(),
      .answer_ms = MakeNumber(),
      .resend_ms = MakeNumber()};
  return Slot(outs_->session_options);
}

const cotext_undo_options* CallMachine::MakeUndoOptions() {
  outs_->undo_options = {.struct_size = Chance(95) ? sizeof(cotext_undo_options) : MakeNumber(),
                         .group_interval_ms = MakeNumber(),
                         .max_steps = MakeNumber(),
                         .max_bytes = Chance(50) ? 1U << 20U : MakeNumber()};
  return Slot(outs_->undo_options);
}

template <typename Argument>
Argument CallMachine::Make() {
  if constexpr (std::is_same_v<Argument, cotext_document*> ||
                std::is_same_v<Argument, const cotext_document*>) {
    return outs_->picked_document = Pick(documents_);
  } else if constexpr (std::is_same_v<Argument, cotext_session*> ||
                       std::is_same_v<Argument, const cotext_session*>) {
    return outs_->picked_session = Pick(sessions_);
  } else if constexpr (std::is_same_v<Argument, cotext_document**>) {
    return Slot(outs_->document);
  } else if constexpr (std::is_same_v<Argument, cotext_session**>) {
    return Slot(outs_->session);
  } else if constexpr (std::is_same_v<Argument, const char*> ||
                       std::is_same_v<Argument, const void*> ||
                       std::is_same_v<Argument, const uint8_t*>) {
    const std::string bytes = SomeBytes();
    const char* const lent = Lend(bytes);
    outs_->expects_size = true;
    outs_->is_null = lent == nullptr;
    outs_->lent_count = bytes.size();
    return reinterpret_cast<Argument>(lent);
  } else if constexpr (std::is_same_v<Argument, const uint64_t*> ||
                       std::is_same_v<Argument, const cotext_anchor*> ||
                       std::is_same_v<Argument, const cotext_operation*>) {
    Argument values = nullptr;
    if constexpr (std::is_same_v<Argument, const uint64_t*>) {
      values = LendArray(3, &CallMachine::MakeNumber);
    } else if constexpr (std::is_same_v<Argument, const cotext_anchor*>) {
      values = LendArray(3, &CallMachine::MakeAnchor);
    } else {
      values = LendArray(3, &CallMachine::MakeOperation);
    }
    outs_->expects_size = true;
    outs_->is_null = values == nullptr;
    return values;
  } else if constexpr (std::is_same_v<Argument, uint64_t>) {
    return outs_->expects_size ? MakeSize() : MakeNumber();
  } else if constexpr (std::is_same_v<Argument, int32_t>) {
    return MakeInt();
  } else if constexpr (std::is_same_v<Argument, uint32_t>) {
    return Chance(95) ? static_cast<uint32_t>(Choose_(8)) : static_cast<uint32_t>(MakeNumber());
  } else if constexpr (std::is_same_v<Argument, cotext_buffer*>) {
    return Slot(outs_->buffer);
  } else if constexpr (std::is_same_v<Argument, cotext_metrics*>) {
    return Slot(outs_->metrics);
  } else if constexpr (std::is_same_v<Argument, cotext_anchor*>) {
    return Slot(outs_->anchor);
  } else if constexpr (std::is_same_v<Argument, cotext_action*>) {
    return Slot(outs_->action);
  } else if constexpr (std::is_same_v<Argument, cotext_event*>) {
    return Slot(outs_->event);
  } else if constexpr (std::is_same_v<Argument, cotext_document_state*>) {
    return Slot(outs_->state);
  } else if constexpr (std::is_same_v<Argument, uint64_t*>) {
    return Slot(outs_->numbers[outs_->numbers_used++ % 2]);
  } else if constexpr (std::is_same_v<Argument, int32_t*>) {
    return Slot(outs_->number);
  } else if constexpr (std::is_same_v<Argument, uint8_t*>) {
    return is_nothing_ ? nullptr : outs_->id;
  } else if constexpr (std::is_same_v<Argument, const cotext_codec*>) {
    return MakeCodec();
  } else if constexpr (std::is_same_v<Argument, const cotext_delta*>) {
    return MakeDelta();
  } else if constexpr (std::is_same_v<Argument, const cotext_packet*>) {
    return MakePacket();
  } else if constexpr (std::is_same_v<Argument, const cotext_session_options*>) {
    return MakeSessionOptions();
  } else if constexpr (std::is_same_v<Argument, const cotext_undo_options*>) {
    return MakeUndoOptions();
  } else if constexpr (std::is_same_v<Argument, void*>) {
    return this;
  } else {
    // A callback: one that calls into the library again.
    return MaybeNull<Argument>(
        [](void* context, auto...) { static_cast<CallMachine*>(context)->StepInside(); });
  }
}

}  // namespace cotext::c
