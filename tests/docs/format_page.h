// The worked examples of docs/FORMAT.md.
#ifndef COTEXT_TESTS_DOCS_FORMAT_PAGE_H_
#define COTEXT_TESTS_DOCS_FORMAT_PAGE_H_

#include <charconv>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

namespace cotext {

// Returns the bytes of a block that begins with "```hex NAME": per line the pairs of hexadecimal
// digits in front of the first thing that is none.
inline std::string ExampleBytes(const std::string& name) {
  std::ifstream page("docs/FORMAT.md");
  std::string line;
  while (std::getline(page, line) && line != "```hex " + name) continue;
  std::string bytes;
  while (std::getline(page, line) && line != "```") {
    std::istringstream words(line);
    for (std::string word; words >> word && word.size() == 2;) {
      unsigned value = 0;
      const char* const end = word.data() + word.size();
      if (std::from_chars(word.data(), end, value, 16).ptr != end) break;
      bytes.push_back(static_cast<char>(value));
    }
  }
  return bytes;
}

// Says what is wrong in the page's own form.
inline std::string Hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const char byte : bytes) {
    hex.push_back(kDigits[static_cast<unsigned char>(byte) >> 4U]);
    hex.push_back(kDigits[static_cast<unsigned char>(byte) & 0x0fU]);
    hex.push_back(' ');
  }
  return hex;
}

}  // namespace cotext

#endif  // COTEXT_TESTS_DOCS_FORMAT_PAGE_H_
