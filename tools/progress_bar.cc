#include "tools/progress_bar.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <utility>

namespace cotext {
namespace {

// Often enough to look alive, seldom enough to cost nothing.
constexpr std::chrono::milliseconds kInterval{100};
constexpr uint64_t kWidth = 40;

}  // namespace

ProgressBar::ProgressBar(const std::string& path, std::string unit)
    : label_(std::filesystem::path(path).filename()),
      unit_(std::move(unit)),
      is_terminal_(isatty(STDERR_FILENO) == 1),
      begun_(Clock::now()),
      last_shown_(begun_) {}

ProgressBar::~ProgressBar() {
  if (is_shown_) std::fputs("\r\033[K", stderr);
}

Progress ProgressBar::Callback() {
  if (!is_terminal_) return {};
  return [this](uint64_t done, uint64_t total) { Show(done, total); };
}

void ProgressBar::Show(uint64_t done, uint64_t total) {
  const auto now = Clock::now();
  if (now - last_shown_ < kInterval || total == 0) return;
  last_shown_ = now;
  is_shown_ = true;
  const std::string filled(done * kWidth / total, '#');
  std::fprintf(stderr, "\r\033[K%s [%-*s] %3u%%", label_.c_str(), static_cast<int>(kWidth),
               filled.c_str(), static_cast<unsigned>(done * 100 / total));
  if (!unit_.empty()) {
    const double seconds = std::chrono::duration<double>(now - begun_).count();
    std::fprintf(stderr, " %.0f %s a second", static_cast<double>(done) / seconds, unit_.c_str());
  }
  std::fflush(stderr);
}

}  // namespace cotext
