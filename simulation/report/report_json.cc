#include "simulation/report/report_json.h"

#include <nlohmann/json.hpp>
#include <variant>
#include <vector>

namespace cotext {
namespace {

using Json = nlohmann::ordered_json;

Json ToJson(const ReportValue& value) {
  return std::visit(
      [](const auto& held) -> Json {
        if constexpr (std::is_same_v<decltype(held), const std::monostate&>) {
          return nullptr;
        } else {
          return held;
        }
      },
      value);
}

Json RowToJson(const ReportTable& table, const std::vector<ReportValue>& row) {
  Json fields;
  fields["table"] = table.name;
  for (size_t i = 0; i < row.size(); ++i) fields[table.columns[i].key] = ToJson(row[i]);
  return fields;
}

Json TableToJson(const ReportTable& table) {
  Json rows = Json::array();
  for (const auto& row : table.rows) rows.push_back(RowToJson(table, row));
  return Json{{"name", table.name}, {"title", table.title}, {"rows", std::move(rows)}};
}

Json SeriesToJson(const ChartSeries& series) {
  Json points = Json::array();
  for (const ChartPoint& point : series.points) points.push_back(Json::array({point.x, point.y}));
  return Json{{"label", series.label}, {"points", std::move(points)}};
}

Json ChartToJson(const ReportChart& chart) {
  Json series = Json::array();
  for (const ChartSeries& one : chart.series) series.push_back(SeriesToJson(one));
  return Json{{"title", chart.title},
              {"table", chart.table},
              {"x_title", chart.x_title},
              {"y_title", chart.y_title},
              {"x_logarithmic", chart.x_scale == ChartScale::kLogarithmic},
              {"y_logarithmic", chart.y_scale == ChartScale::kLogarithmic},
              {"categories", chart.categories},
              {"series", std::move(series)}};
}

// File names need not be UTF-8; what is not shows as U+FFFD.
std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

void WriteJsonLines(const Report& report, std::ostream& out) {
  for (const ReportSection& section : report.sections) {
    for (const ReportTable& table : section.tables) {
      for (const auto& row : table.rows) out << Dump(RowToJson(table, row)) << '\n';
    }
  }
}

std::string ReportToJson(const Report& report) {
  Json sections = Json::array();
  for (const ReportSection& section : report.sections) {
    Json tables = Json::array();
    for (const ReportTable& table : section.tables) tables.push_back(TableToJson(table));
    Json charts = Json::array();
    for (const ReportChart& chart : section.charts) charts.push_back(ChartToJson(chart));
    sections.push_back(Json{{"title", section.title},
                            {"paragraphs", section.paragraphs},
                            {"tables", std::move(tables)},
                            {"charts", std::move(charts)}});
  }
  const std::string json = Dump(Json{{"title", report.title},
                                     {"paragraphs", report.paragraphs},
                                     {"sections", std::move(sections)}});
  std::string safe;
  for (const char byte : json) {
    if (byte == '<') {
      safe += "\\u003c";
    } else {
      safe += byte;
    }
  }
  return safe;
}

}  // namespace cotext
