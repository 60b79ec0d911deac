#include "tools/ot_command.h"

#include <cstddef>
#include <iostream>
#include <istream>
#include <string>

#include "tools/ot_request.h"

namespace cotext {
namespace {

// More than any operation that people make.
constexpr size_t kLineBytesMax = size_t{8} << 20U;

// Reads a line of at most kLineBytesMax bytes; of a longer one, as much, and passes over the rest.
// Returns whether there was one.
bool ReadLine(std::istream& in, std::string& line, bool& too_long) {
  line.clear();
  too_long = false;
  for (int next = in.get(); in; next = in.get()) {
    if (next == '\n') return true;
    too_long = line.size() == kLineBytesMax;
    if (!too_long) line.push_back(static_cast<char>(next));
  }
  return !line.empty();
}

ExitCode Run() {
  std::string line;
  bool too_long = false;
  while (ReadLine(std::cin, line, too_long)) {
    // Whoever asks may wait for the answer before asking again.
    std::cout << (too_long ? AnswerLongOtRequest() : AnswerOtRequest(line)) << '\n' << std::flush;
    if (!std::cout) return ExitCode::kBadInput;
  }
  return std::cin.bad() ? ExitCode::kBadInput : ExitCode::kDone;
}

}  // namespace

void AddOtCommand(CLI::App& root, ExitCode& exit_code) {
  CLI::App& command = AddCommand(
      root, "ot", "Apply, compose, invert and transform operations, a line of JSON each");
  command.footer(
      "Reads lines from standard input and answers each with a line, {\"result\": ...} or "
      "{\"error\": \"...\"}:\n"
      "  {\"do\":\"apply\",\"doc\":\"text\",\"op\":[...]}                       the text after op\n"
      "  {\"do\":\"invert\",\"doc\":\"text\",\"op\":[...]}                      what takes op "
      "back\n"
      "  {\"do\":\"compose\",\"op\":[...],\"then\":[...]}                     one operation for "
      "both\n"
      "  {\"do\":\"transform\",\"op\":[...],\"by\":[...],\"side\":\"left\"}       op after by, "
      "which "
      "was made at the same time;\n"
      "                                                            the left one's text comes "
      "first where both insert\n"
      "An operation is in the form of ot-text-unicode: a number keeps so many characters, a string "
      "is inserted,\n{\"d\": n} or {\"d\": \"text\"} deletes. Characters are code points.\n"
      "Exit code: 0, also where an answer is an error; 2 if standard input cannot be read.");
  command.callback([&exit_code] { exit_code = Run(); });
}

}  // namespace cotext
