// A report as JSON, as text and as a page.
#include <gtest/gtest.h>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "simulation/report/report.h"
#include "simulation/report/report_html.h"
#include "simulation/report/report_json.h"
#include "simulation/report/report_text.h"
#include "tests/simulation/report/sample_report.h"

namespace cotext {
namespace {

using Json = nlohmann::ordered_json;

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string Between(const std::string& text, const std::string& begin, const std::string& end) {
  const size_t from = text.find(begin);
  if (from == std::string::npos) return {};
  const size_t start = from + begin.size();
  return text.substr(start, text.find(end, start) - start);
}

TEST(ReportJsonTest, EachRowIsAnObjectOnALine) {
  std::ostringstream out;
  WriteJsonLines(SampleReport(), out);
  EXPECT_EQ(out.str(),
            "{\"table\":\"sample\",\"engine\":\"rga\",\"n\":10,\"ms\":5.25,\"ok\":true}\n"
            "{\"table\":\"sample\",\"engine\":\"rga\",\"n\":1,\"ms\":0.5,\"ok\":true}\n"
            "{\"table\":\"sample\",\"engine\":\"ot\",\"n\":1,\"ms\":0.25,\"ok\":false}\n"
            "{\"table\":\"sample\",\"engine\":\"ot\",\"n\":10,\"ms\":null,\"ok\":true}\n"
            "{\"table\":\"names\",\"name\":\"</script><b>\\u001b[1m\\\"&\"}\n"
            "{\"table\":\"names\",\"name\":\"\uFFFD\"}\n");
}

TEST(ReportJsonTest, AllOfAReportIsOneObjectWithoutTags) {
  const std::string text = ReportToJson(SampleReport());
  EXPECT_FALSE(Has(text, "<"));
  const Json json = Json::parse(text);
  EXPECT_EQ(json["title"], "A <sample>");
  const Json& section = json["sections"][0];
  EXPECT_EQ(section["tables"][0]["rows"].size(), 4U);
  EXPECT_EQ(section["tables"][1]["rows"][0]["name"], "</script><b>\x1b[1m\"&");
  EXPECT_EQ(section["charts"][0]["series"][0]["points"], Json::parse("[[1.0,0.5],[10.0,5.25]]"));
}

TEST(ReportTextTest, TablesAreAlignedAndProseIsWrapped) {
  const std::string text = ReportToText(SampleReport());
  EXPECT_TRUE(Has(text,
                  "A <sample>\n\nWhat it is.\n\nOne\n===\nA < B\n\nA table\n"
                  "Engine  Number  Time, <ms>  Right\n"
                  "rga         10        5.25  yes\n"
                  "rga          1         0.5  yes\n"
                  "ot           1        0.25  no\n"
                  "ot          10           \u2013  yes\n"))
      << text;
  EXPECT_FALSE(Has(text, "\x1b"));
  Report long_report{.title = "L",
                     .paragraphs = {std::string(60, 'a') + " " + std::string(60, 'b')}};
  EXPECT_EQ(ReportToText(long_report),
            "L\n\n" + std::string(60, 'a') + "\n" + std::string(60, 'b') + "\n\n");
}

TEST(ReportHtmlTest, NothingIsLoadedFromAnywhere) {
  std::string html = ReportToHtml(SampleReport());
  for (const char* const loads : {" src=", "@import", "url(", "<link", "<iframe", "<img"}) {
    EXPECT_FALSE(Has(html, loads)) << loads;
  }
  // The only links lead to its own tables.
  for (size_t at = html.find("href="); at != std::string::npos; at = html.find("href=", at + 1)) {
    EXPECT_EQ(html.substr(at, 13), "href=\"#table-");
  }
}

TEST(ReportHtmlTest, TheChartLibraryAndItsLicenceAreInIt) {
  const std::string html = ReportToHtml(SampleReport());
  EXPECT_TRUE(Has(html, "var uPlot="));
  EXPECT_TRUE(Has(html, "Permission is hereby granted"));
  EXPECT_TRUE(Has(html, ".u-legend"));
  EXPECT_TRUE(Has(html, "new uPlot("));
}

TEST(ReportHtmlTest, EveryCellIsInATableAndTheDataAreThoseOfTheJson) {
  const Report report = SampleReport();
  const std::string html = ReportToHtml(report);
  const std::string table = Between(html, "<table id=\"table-sample\">", "</table>");
  for (const std::string cell : {"rga", "10", "5.25", "0.25", "yes", "no", "\u2013"}) {
    EXPECT_TRUE(Has(table, '>' + cell + "</td>")) << cell;
  }
  EXPECT_TRUE(Has(table, "data-title=\"Time, &lt;ms&gt;\""));
  EXPECT_EQ(Between(html, "id=\"report-data\">", "</script>"), ReportToJson(report));
}

TEST(ReportHtmlTest, EveryChartNamesItsTable) {
  const std::string html = ReportToHtml(SampleReport());
  const std::string figure = Between(html, "<figure>", "</figure>");
  EXPECT_TRUE(Has(figure, "href=\"#table-sample\""));
  EXPECT_TRUE(Has(figure, "id=\"chart-0\""));
  EXPECT_TRUE(Has(figure, "role=\"img\""));
  EXPECT_TRUE(
      Has(figure, "aria-label=\"Time by n: ms by Number; the numbers are in the table below"))
      << figure;
}

TEST(ReportHtmlTest, WhatAReportSaysIsNoMarkup) {
  const std::string html = ReportToHtml(SampleReport());
  EXPECT_TRUE(Has(html, "<title>A &lt;sample&gt;</title>"));
  EXPECT_FALSE(Has(html, "<b>"));
  EXPECT_TRUE(Has(html, "&lt;/script&gt;&lt;b&gt;"));
}

}  // namespace
}  // namespace cotext
