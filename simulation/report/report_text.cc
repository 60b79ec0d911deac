#include "simulation/report/report_text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "document/utf8.h"

namespace cotext {
namespace {

constexpr size_t kLineWidth = 100;

std::string Harmless(std::string text) {
  for (char& byte : text) {
    if (static_cast<unsigned char>(byte) < 0x20U || byte == 0x7f) byte = '?';
  }
  return text;
}

bool IsNumber(const ReportValue& value) {
  return std::holds_alternative<uint64_t>(value) || std::holds_alternative<double>(value);
}

// Returns a paragraph in lines of at most kLineWidth, unless a word is longer.
std::string Wrapped(std::string_view paragraph) {
  std::string text;
  size_t width = 0;
  while (!paragraph.empty()) {
    const size_t end = std::min(paragraph.find(' '), paragraph.size());
    const std::string_view word = paragraph.substr(0, end);
    const bool fits = width + 1 + word.size() <= kLineWidth;
    if (width > 0) text += fits ? ' ' : '\n';
    width = (width > 0 && fits ? width + 1 : 0) + word.size();
    text += word;
    paragraph.remove_prefix(std::min(end + 1, paragraph.size()));
  }
  return text + '\n';
}

std::string Padded(const std::string& text, size_t width, bool to_the_right) {
  const std::string space(width - std::min(width, CountCodePoints(text)), ' ');
  return to_the_right ? space + text : text + space;
}

// Returns a line without the spaces at its end.
std::string Line(const std::vector<std::string>& cells, const std::vector<size_t>& widths,
                 const std::vector<bool>& to_the_right) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line += "  ";
    line += Padded(cells[i], widths[i], to_the_right[i]);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + '\n';
}

std::string TableToText(const ReportTable& table) {
  std::vector<std::vector<std::string>> lines(1);
  std::vector<size_t> widths(table.columns.size());
  std::vector<bool> to_the_right(table.columns.size());
  for (const ReportColumn& column : table.columns) lines[0].push_back(column.title);
  for (const auto& row : table.rows) {
    std::vector<std::string>& cells = lines.emplace_back();
    for (size_t i = 0; i < row.size(); ++i) {
      cells.push_back(Harmless(ForPeople(row[i])));
      if (IsNumber(row[i])) to_the_right[i] = true;
    }
  }
  for (const auto& cells : lines) {
    for (size_t i = 0; i < cells.size(); ++i) {
      widths[i] = std::max<size_t>(widths[i], CountCodePoints(cells[i]));
    }
  }
  std::string text = table.title + '\n';
  for (const auto& cells : lines) text += Line(cells, widths, to_the_right);
  return text;
}

}  // namespace

std::string ReportToText(const Report& report) {
  std::string text = report.title + "\n\n";
  for (const std::string& paragraph : report.paragraphs) text += Wrapped(paragraph) + '\n';
  for (const ReportSection& section : report.sections) {
    text += section.title + '\n' + std::string(CountCodePoints(section.title), '=') + '\n';
    for (const std::string& paragraph : section.paragraphs) text += Wrapped(paragraph);
    for (const ReportTable& table : section.tables) text += '\n' + TableToText(table);
    text += '\n';
  }
  return text;
}

}  // namespace cotext
