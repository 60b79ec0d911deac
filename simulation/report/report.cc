#include "simulation/report/report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <optional>
#include <utility>

#include "document/check.h"

namespace cotext {
namespace {

std::string WithThousandsApart(std::string digits) {
  const size_t first = digits.starts_with('-') ? 1 : 0;
  for (size_t end = digits.size(); end > first + 3;) digits.insert(end -= 3, ",");
  return digits;
}

std::string ToText(double number) {
  if (!std::isfinite(number)) return "\u2013";
  std::array<char, 64> text{};
  const double size = std::abs(number);
  if (size >= 1000) {
    std::snprintf(text.data(), text.size(), "%.0f", number);
    return WithThousandsApart(text.data());
  }
  const bool is_small = size > 0 && size < 0.001;
  std::snprintf(text.data(), text.size(), is_small ? "%.2g" : "%.4g", number);
  return text.data();
}

std::optional<double> NumberIn(const ReportValue& value) {
  if (const auto* const count = std::get_if<uint64_t>(&value)) return static_cast<double>(*count);
  if (const auto* const number = std::get_if<double>(&value)) return *number;
  return std::nullopt;
}

bool IsShown(const ReportTable& table, const ChartColumns& columns,
             const std::vector<ReportValue>& row) {
  return std::ranges::all_of(columns.where, [&](const auto& condition) {
    return ForPeople(row[ColumnOf(table, condition.first)]) == condition.second;
  });
}

std::string LabelOf(const ReportTable& table, const ChartColumns& columns,
                    const std::vector<ReportValue>& row, const std::string& y) {
  std::vector<std::string> parts;
  parts.reserve(columns.label.size() + 1);
  for (const std::string& key : columns.label) {
    parts.push_back(ForPeople(row[ColumnOf(table, key)]));
  }
  if (columns.y.size() > 1) parts.push_back(table.columns[ColumnOf(table, y)].title);
  std::string label;
  for (const std::string& part : parts) label += (label.empty() ? "" : ", ") + part;
  return label;
}

// Returns the series of that label, which is added if there is none.
ChartSeries& SeriesNamed(const std::string& label, std::vector<ChartSeries>& all) {
  const auto found = std::ranges::find(all, label, &ChartSeries::label);
  if (found != all.end()) return *found;
  return all.emplace_back(ChartSeries{.label = label, .points = {}});
}

// Returns a value as a place on the x axis: a text is a category, which is added if it is new.
double PlaceAt(const ReportValue& value, std::vector<std::string>& categories) {
  const auto* const category = std::get_if<std::string>(&value);
  if (category == nullptr) return NumberIn(value).value_or(0);
  const auto found = std::ranges::find(categories, *category);
  const auto place = static_cast<double>(found - categories.begin());
  if (found == categories.end()) categories.push_back(*category);
  return place;
}

}  // namespace

std::string ForPeople(const ReportValue& value) {
  if (const auto* const text = std::get_if<std::string>(&value)) return *text;
  if (const auto* const truth = std::get_if<bool>(&value)) return *truth ? "yes" : "no";
  if (const auto* const count = std::get_if<uint64_t>(&value)) {
    return WithThousandsApart(std::to_string(*count));
  }
  if (const auto* const number = std::get_if<double>(&value)) return ToText(*number);
  return "\u2013";
}

size_t ColumnOf(const ReportTable& table, const std::string& key) {
  const auto found = std::ranges::find(table.columns, key, &ReportColumn::key);
  COTEXT_CHECK(found != table.columns.end());
  return static_cast<size_t>(found - table.columns.begin());
}

ReportChart ChartOf(const ReportTable& table, const ChartColumns& columns, const std::string& title,
                    const std::string& y_title) {
  const size_t x_column = ColumnOf(table, columns.x);
  ReportChart chart{.title = title,
                    .table = table.name,
                    .x_title = table.columns[x_column].title,
                    .y_title = y_title};
  for (const std::vector<ReportValue>& row : table.rows) {
    if (!IsShown(table, columns, row)) continue;
    for (const std::string& key : columns.y) {
      const std::optional<double> y = NumberIn(row[ColumnOf(table, key)]);
      if (!y) continue;
      ChartSeries& series = SeriesNamed(LabelOf(table, columns, row, key), chart.series);
      series.points.push_back(ChartPoint{.x = PlaceAt(row[x_column], chart.categories), .y = *y});
    }
  }
  for (ChartSeries& series : chart.series) {
    std::ranges::sort(series.points, {},
                      [](const ChartPoint& point) { return std::pair(point.x, point.y); });
  }
  return chart;
}

}  // namespace cotext
