// Calls functions of the C interface with whatever arguments, from a source of choices: null, too
// long, malformed, and now and then the right ones, also inside callbacks. What is given lies in
// blocks of exactly its size, so that a sanitizer sees a byte that is read beyond it.
//
// It stops the program if a call returns what is no status, or fails without saying why, or a
// document is not whole afterwards.
#ifndef COTEXT_TESTS_BINDINGS_C_CALL_MACHINE_H_
#define COTEXT_TESTS_BINDINGS_C_CALL_MACHINE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bindings/c/cotext.h"

namespace cotext::c {

class CallMachine {
 public:
  // Returns a number below a bound, which is not 0.
  using Choose = std::function<uint64_t(uint64_t bound)>;

  // A function of the interface, called with arguments that the machine makes up.
  struct Function {
    std::string_view name;
    cotext_status (*call)(CallMachine& machine);
  };
  // All that cotext.h includes.
  static std::span<const Function> Functions();

  explicit CallMachine(Choose choose);
  CallMachine(const CallMachine&) = delete;
  CallMachine& operator=(const CallMachine&) = delete;
  ~CallMachine();

  // Calls any function; returns what it returned.
  cotext_status Step();
  // Calls one, all of whose arguments are null or 0.
  cotext_status CallWithNothing(const Function& function);
  // What calls have returned so far, those inside callbacks too.
  const std::set<cotext_status>& seen() const { return seen_; }
  // Stops the program unless all documents are whole.
  void CheckDocuments() const;

  // Arguments.
  template <typename Argument>
  Argument Make();
  // What a call brought: to be used again.
  void AfterCall(std::string_view name, cotext_status status);

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t size;
  };

  bool Chance(uint64_t percent) { return Choose_(100) < percent; }
  uint64_t Choose_(uint64_t bound) { return is_nothing_ ? 0 : choose_(bound); }
  std::string SomeBytes();
  // Returns a copy of bytes that lives until the call has returned; null for now and then.
  const char* Lend(std::string_view bytes);
  template <typename Value>
  const Value* LendArray(uint64_t count_max, Value (CallMachine::*make)());
  template <typename Handle>
  Handle* Pick(const std::vector<Handle*>& from);
  template <typename Out>
  Out* Slot(Out& slot);
  template <typename Callback>
  Callback MaybeNull(Callback callback);
  void StepInside();

  uint64_t MakeNumber();
  uint64_t MakeSize();
  int32_t MakeInt();
  cotext_anchor MakeAnchor();
  cotext_operation MakeOperation();
  cotext_component MakeComponent();
  cotext_message MakeMessage();
  const cotext_codec* MakeCodec();
  const cotext_delta* MakeDelta();
  const cotext_packet* MakePacket();
  const cotext_session_options* MakeSessionOptions();
  const cotext_undo_options* MakeUndoOptions();

  Choose choose_;
  bool is_nothing_ = false;
  uint32_t depth_ = 0;
  std::vector<cotext_document*> documents_;
  std::vector<cotext_session*> sessions_;
  std::vector<std::string> bytes_;  // Results of earlier calls.
  std::vector<uint64_t> keys_;
  std::vector<Block> lent_;
  std::set<cotext_status> seen_;

  // Of the call that is being made. Nested calls have their own.
  struct Outs {
    cotext_document* document = nullptr;
    cotext_session* session = nullptr;
    cotext_document* picked_document = nullptr;
    cotext_session* picked_session = nullptr;
    cotext_buffer buffer{};
    cotext_metrics metrics{};
    cotext_anchor anchor{};
    cotext_action action{};
    cotext_event event{};
    cotext_document_state state{};
    uint64_t numbers[2]{};
    size_t numbers_used = 0;
    int32_t number = 0;
    uint8_t id[COTEXT_DOCUMENT_ID_BYTES]{};
    // The pointer before was to so many values.
    bool expects_size = false;
    size_t lent_count = 0;
    bool is_null = false;
    cotext_codec codec{};
    cotext_delta delta{};
    cotext_packet packet{};
    cotext_session_options session_options{};
    cotext_undo_options undo_options{};
  };
  Outs* outs_ = nullptr;
  friend struct CallScope;
};

}  // namespace cotext::c

#endif  // COTEXT_TESTS_BINDINGS_C_CALL_MACHINE_H_
