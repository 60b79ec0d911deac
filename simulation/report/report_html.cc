// Charts are numbered in the order of the report, here and in what report.js reads: the figure
// `chart-N` is drawn from the N-th chart of the JSON.
#include "simulation/report/report_html.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "simulation/report/report_assets.h"
#include "simulation/report/report_json.h"

namespace cotext {
namespace {

// Escapes what has a meaning in HTML's text and quoted attributes.
std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char byte : text) {
    switch (byte) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      default: escaped += byte;
    }
  }
  return escaped;
}

// Returns an element; the content is HTML.
std::string Element(std::string_view tag, std::string_view attributes, std::string_view content) {
  std::string element("<");
  element.append(tag).append(attributes.empty() ? "" : " ").append(attributes).append(">");
  return element.append(content).append("</").append(tag).append(">\n");
}

std::string Attribute(std::string_view name, std::string_view value) {
  return std::string(name) + "=\"" + Escaped(value) + '"';
}

std::string Paragraphs(const std::vector<std::string>& paragraphs) {
  std::string html;
  for (const std::string& paragraph : paragraphs) html += Element("p", "", Escaped(paragraph));
  return html;
}

bool IsNumber(const ReportValue& value) {
  return std::holds_alternative<uint64_t>(value) || std::holds_alternative<double>(value);
}

// Each cell names its column for narrow pages, which have no head.
std::string RowToHtml(const ReportTable& table, const std::vector<ReportValue>& row) {
  std::string cells;
  for (size_t i = 0; i < row.size(); ++i) {
    std::string attributes = Attribute("data-title", table.columns[i].title);
    if (IsNumber(row[i])) attributes += " class=\"number\"";
    cells += Element("td", attributes, Escaped(ForPeople(row[i])));
  }
  return Element("tr", "", cells);
}

std::string TableToHtml(const ReportTable& table) {
  std::string head;
  for (const ReportColumn& column : table.columns) {
    head += Element("th", "scope=\"col\"", Escaped(column.title));
  }
  std::string rows;
  for (const auto& row : table.rows) rows += RowToHtml(table, row);
  const std::string content = Element("caption", "", Escaped(table.title)) +
                              Element("thead", "", Element("tr", "", head)) +
                              Element("tbody", "", rows);
  return Element("table", Attribute("id", "table-" + table.name), content);
}

std::string ChartToHtml(const ReportChart& chart, size_t number) {
  const std::string id = "chart-" + std::to_string(number);
  const std::string where = "#table-" + chart.table;
  const std::string caption =
      Escaped(chart.title) + " (" + "<a " + Attribute("href", where) + ">the numbers</a>)";
  const std::string label = chart.title + ": " + chart.y_title + " by " + chart.x_title +
                            "; the numbers are in the table below";
  return Element("figure", "",
                 Element("figcaption", "", caption) +
                     Element("div",
                             Attribute("id", id) + " class=\"chart\" role=\"img\" " +
                                 Attribute("aria-label", label),
                             ""));
}

std::string SectionToHtml(const ReportSection& section, size_t& charts) {
  std::string content = Element("h2", "", Escaped(section.title)) + Paragraphs(section.paragraphs);
  for (const ReportChart& chart : section.charts) content += ChartToHtml(chart, charts++);
  for (const ReportTable& table : section.tables) content += TableToHtml(table);
  return Element("section", "", content);
}

std::string Head(const Report& report) {
  std::string head("<meta charset=\"utf-8\">\n");
  head += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  head += "<meta name=\"color-scheme\" content=\"light dark\">\n";
  head += Element("title", "", Escaped(report.title));
  head += Element("style", "", ChartLibraryStyle());
  head += Element("style", "", ReportStyle());
  return Element("head", "", head);
}

// A comment cannot hold two hyphens; the licence has none.
std::string Scripts(const Report& report) {
  std::string scripts =
      Element("script", "type=\"application/json\" id=\"report-data\"", ReportToJson(report));
  scripts.append("<!-- The next script is uPlot.\n").append(ChartLibraryLicense()).append("-->\n");
  return scripts + Element("script", "", ChartLibraryScript()) +
         Element("script", "", ReportScript());
}

}  // namespace

std::string ReportToHtml(const Report& report) {
  size_t charts = 0;
  std::string body = Element("h1", "", Escaped(report.title)) + Paragraphs(report.paragraphs);
  for (const ReportSection& section : report.sections) body += SectionToHtml(section, charts);
  return "<!DOCTYPE html>\n" +
         Element("html", "lang=\"en\"",
                 Head(report) + Element("body", "", Element("main", "", body) + Scripts(report)));
}

}  // namespace cotext
