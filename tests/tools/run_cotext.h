// Runs the `cotext` binary as a user would.
#ifndef COTEXT_TESTS_TOOLS_RUN_COTEXT_H_
#define COTEXT_TESTS_TOOLS_RUN_COTEXT_H_

#include <string>

namespace cotext {

struct Finished {
  int exit_code = -1;
  std::string output;  // Standard output.
  std::string errors;  // Standard error.
};

// Runs `cotext` with these arguments, which a shell takes apart, in the test's temporary folder.
// The binary is the one that the environment variable COTEXT_BINARY names, or else the build's.
Finished RunCotext(const std::string& arguments);

// Writes a file in the test's temporary folder.
void WriteTestFile(const std::string& name, const std::string& content);

// Returns the content of a file there.
std::string ReadTestFile(const std::string& name);

}  // namespace cotext

#endif  // COTEXT_TESTS_TOOLS_RUN_COTEXT_H_
