#include "tools/trace/profile_option.h"

namespace cotext {

void AddProfileOption(CLI::App& command, std::string& name) {
  command
      .add_option(
          "--profile", name,
          "How bytes are encoded. small: as few as there can be (zstd). fast: quick to read "
          "(LZ4)")
      ->check(CLI::IsMember({"small", "fast"}))
      ->capture_default_str();
}

Profile ProfileNamed(const std::string& name) {
  return name == "small" ? Profile::kSmall : Profile::kFast;
}

}  // namespace cotext
