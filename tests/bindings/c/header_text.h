// What the headers of the C interface declare, read as text.
#ifndef COTEXT_TESTS_BINDINGS_C_HEADER_TEXT_H_
#define COTEXT_TESTS_BINDINGS_C_HEADER_TEXT_H_

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

namespace cotext::c {

inline std::string TextOfHeader(const std::string& name) {
  std::ifstream file("bindings/c/" + name);
  EXPECT_TRUE(file.is_open()) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

// The names of the functions of a header: COTEXT_API type name(
inline std::set<std::string> FunctionsOf(const std::string& name) {
  const std::string text = TextOfHeader(name);
  const std::regex declaration(R"(\nCOTEXT_API [a-z0-9_ ]+\*? ?(cotext_[a-z0-9_]+)\()");
  std::set<std::string> functions;
  for (std::sregex_iterator it(text.begin(), text.end(), declaration), end; it != end; ++it) {
    functions.insert((*it)[1]);
  }
  EXPECT_FALSE(functions.empty());
  return functions;
}

}  // namespace cotext::c

#endif  // COTEXT_TESTS_BINDINGS_C_HEADER_TEXT_H_
