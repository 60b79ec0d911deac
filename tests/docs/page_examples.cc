#include "tests/docs/page_examples.h"

#include <charconv>
#include <cstddef>
#include <fstream>
#include <sstream>

namespace cotext {
namespace {

constexpr std::string_view kFence = "```hex ";

// Returns what stands between the bars of a table's line, without the spaces around it.
std::vector<std::string> Cells(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream rest(line.substr(1));
  for (std::string cell; std::getline(rest, cell, '|');) {
    const size_t begin = cell.find_first_not_of(' ');
    const size_t end = cell.find_last_not_of(' ');
    cells.push_back(begin == std::string::npos ? "" : cell.substr(begin, end - begin + 1));
  }
  return cells;
}

}  // namespace

std::string ExampleBytes(const std::string& page, const std::string& name) {
  std::ifstream file(page);
  std::string line;
  while (std::getline(file, line) && line != std::string(kFence) + name) continue;
  std::string bytes;
  while (std::getline(file, line) && line != "```") {
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

std::vector<std::string> ExampleNames(const std::string& page) {
  std::ifstream file(page);
  std::vector<std::string> names;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(kFence)) names.push_back(line.substr(kFence.size()));
  }
  return names;
}

std::vector<std::vector<std::string>> TableRows(const std::string& page, std::string_view header) {
  std::ifstream file(page);
  std::vector<std::vector<std::string>> rows;
  bool is_inside = false;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("|")) {
      is_inside = false;
    } else if (line == header) {
      is_inside = true;
    } else if (is_inside && !line.starts_with("|---")) {
      rows.push_back(Cells(line));
    }
  }
  return rows;
}

std::string Hex(std::string_view bytes) {
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
