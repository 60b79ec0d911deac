#include "tests/net/parsed_target.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace cotext::net {

std::string Unescape(std::string_view text) {
  constexpr int kHexadecimal = 16;
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    plain +=
        static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, kHexadecimal));
    i += 2;
  }
  return plain;
}

Expected<HttpTarget> ParseTarget(std::string_view target) {
  const size_t end = std::min(target.find('?'), target.size());
  const std::string path = Unescape(target.substr(0, end));
  target.remove_prefix(std::min(end + 1, target.size()));
  std::vector<std::string> parameters;
  while (!target.empty()) {
    const size_t size = std::min(target.find('&'), target.size());
    std::string parameter(target.substr(0, size));
    std::ranges::replace(parameter, '+', ' ');
    if (!parameter.empty()) parameters.push_back(Unescape(parameter));
    target.remove_prefix(std::min(size + 1, target.size()));
  }
  return TargetOfDecoded(path, parameters);
}

}  // namespace cotext::net
