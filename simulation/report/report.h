// A report as values: sections of prose, tables and charts, to be written as a page
// (report_html.h), as JSON (report_json.h) or for a terminal (report_text.h).
//
// A chart shows numbers of a table and has none of its own (ChartOf), so whatever is drawn can also
// be read, by people who do not see charts and by programs.
#ifndef COTEXT_SIMULATION_REPORT_REPORT_H_
#define COTEXT_SIMULATION_REPORT_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace cotext {

// A cell: nothing, where there is nothing to say; a text; yes or no; a number.
using ReportValue = std::variant<std::monostate, std::string, bool, uint64_t, double>;

struct ReportColumn {
  std::string key;    // In JSON; unique in its table.
  std::string title;  // For people, with the unit.
};

struct ReportTable {
  std::string name;  // In JSON; unique in its report.
  std::string title;
  std::vector<ReportColumn> columns;
  std::vector<std::vector<ReportValue>> rows = {};  // Each as long as `columns`.
};

struct ChartPoint {
  double x = 0;
  double y = 0;
  friend bool operator==(const ChartPoint&, const ChartPoint&) = default;
};

struct ChartSeries {
  std::string label;
  std::vector<ChartPoint> points;  // Ascending by x.
};

enum class ChartScale : uint8_t { kLinear, kLogarithmic };

struct ReportChart {
  std::string title;
  std::string table;  // Where its numbers are.
  std::string x_title;
  std::string y_title;
  ChartScale x_scale = ChartScale::kLinear;
  ChartScale y_scale = ChartScale::kLinear;
  // If there are any, x counts them from 0, and each series is dots without a line.
  std::vector<std::string> categories = {};
  std::vector<ChartSeries> series = {};
};

struct ReportSection {
  std::string title;
  std::vector<std::string> paragraphs = {};
  std::vector<ReportChart> charts = {};
  std::vector<ReportTable> tables = {};
};

struct Report {
  std::string title;
  std::vector<std::string> paragraphs = {};
  std::vector<ReportSection> sections = {};
};

// What of a table a chart shows.
struct ChartColumns {
  std::string x;               // If it holds texts, they are the chart's categories.
  std::vector<std::string> y;  // Where one has no number in a row, it has no point there.
  // Their values, one after the other, name a row's series; if there are several columns y, so do
  // the titles of these.
  std::vector<std::string> label = {};
  // Columns and what people read in them, of the rows that are shown.
  std::vector<std::pair<std::string, std::string>> where = {};
};

// Returns the number of a column.
// REQUIRES: there is one of that key.
size_t ColumnOf(const ReportTable& table, const std::string& key);

// Returns a chart of a table, x_title being that of the column; series and categories stand in the
// order in which they first appear.
// REQUIRES: the table has these columns; x holds numbers alone or texts alone.
ReportChart ChartOf(const ReportTable& table, const ChartColumns& columns, const std::string& title,
                    const std::string& y_title);

// Returns a value as people read it: numbers to four digits with the thousands set apart, a dash
// for nothing.
std::string ForPeople(const ReportValue& value);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_REPORT_REPORT_H_
