// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/web_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporter/runbook/page.h"
#include "exporter/web/static_files.h"
#include "tests/web/balanced.h"

namespace mre {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

WebPages pages() {
  FeedSample sample;
  sample.broker = "hall";
  sample.source = "log";
  static CountHistory counts(1e9 - 60);
  return WebPages({"1.2.3", "abc", "/metrics"}, {.samples = [sample] { return std::vector{sample}; },
                                                 .now_seconds = [] { return 1e9; },
                                                 .remembered = [] { return Remembered(); },
                                                 .counts = &counts});
}

Page get(const std::string& path, std::string_view query = {}) {
  auto page = pages().answer({path, Query::parse(query).value(), ""});
  EXPECT_TRUE(page.has_value()) << path;
  return page.value_or(Page{.status = 404, .body = {}});
}

constexpr const char* kPeoplesPages[] = {"/", "/codes", "/events", "/clients", "/runbook"};

TEST(WebPages, ShareOneLayout) {
  for (const char* path : kPeoplesPages) {
    const Page page = get(path);
    EXPECT_EQ(page.status, 200) << path;
    EXPECT_EQ(page.type, "text/html; charset=utf-8");
    EXPECT_EQ(page.cache_control, "no-store") << "pages name clients";
    test::expect_balanced(page.body);
    for (const std::string other : kPeoplesPages)
      EXPECT_THAT(page.body,
                  HasSubstr("<a href=\"" + other + (other == path ? "\" aria-current=\"page\">" : "\">")));
    for (const char* part : {"Version 1.2.3 (revision abc)", "<a href=\"/metrics\">Metrics</a>",
                             "href=\"/-/ready\"", "<html lang=\"en\">", "<h1", "<main id=\"main\">"})
      EXPECT_THAT(page.body, HasSubstr(part)) << path;
  }
}

TEST(WebPages, LoadTheExportersOwnFilesOnlyAndHaveNoInlineScriptOrStyle) {
  for (const char* path : kPeoplesPages) {
    const std::string html = get(path).body;
    EXPECT_THAT(html, Not(HasSubstr("<style"))) << path;
    EXPECT_THAT(html, Not(HasSubstr(" style="))) << path;
    EXPECT_THAT(html, Not(HasSubstr("<img"))) << path;
    static const std::regex loads(
        "<(?:script src|link rel=\"stylesheet\" href)=\"([^\"]*)\"( defer)?>(</script>)?");
    std::vector<std::string> files;
    for (std::sregex_iterator at(html.begin(), html.end(), loads), end; at != end; ++at)
      files.push_back((*at)[1]);
    EXPECT_EQ(files.size(), 2U) << path;
    for (const std::string& file : files) {
      const auto question = file.find("?v=");
      EXPECT_EQ(get(file.substr(0, question)).status, 200) << file;
    }
    const std::size_t scripts = html.find("<script");
    EXPECT_EQ(html.find("<script", scripts + 1), html.npos) << path;
  }
}

TEST(WebPages, ServeTheStaticFilesAsTheyAreWritten) {
  for (const StaticFile& file : static_files()) {
    const Page page = get("/static/" + std::string(file.name));
    EXPECT_EQ(page.body, file.content);
    EXPECT_EQ(page.cache_control, "max-age=31536000, immutable");
    EXPECT_EQ(file.version.size(), 16U);
  }
  EXPECT_EQ(get("/static/page.css").type, "text/css; charset=utf-8");
  EXPECT_EQ(get("/static/page.js").type, "text/javascript; charset=utf-8");
  for (const char* path : {"/static/", "/static/page", "/static/../page.css", "/codes/", "/nothing"})
    EXPECT_FALSE(pages().answer({path, {}, ""}).has_value()) << path;
}

TEST(Api, AnswersJsonAndErrorsAsJson) {
  const struct {
    const char* why;
    const char* path;
    const char* query;
    const char* accept;
    int status;
    const char* part;
  } cases[] = {
      {"codes", "/api/v1/codes", "", "", 200, R"({"codes":[{"code":"0x00")"},
      {"a search", "/api/v1/codes", "?q=0x8D", "*/*", 200, R"({"codes":[{"code":"0x8D","decimal":141)"},
      {"a browser's Accept", "/api/v1/codes", "", "text/html, */*;q=0.8", 200, "codes"},
      {"Accept without JSON", "/api/v1/codes", "", "text/html", 406, "error"},
      {"the description", "/api/v1/openapi.json", "", "application/json", 200, "\"openapi\": \"3.1.0\""},
      {"one broker", "/api/v1/codes", "?broker=hall", "", 200, "codes"},
      {"an unknown broker", "/api/v1/codes", "?broker=%3Cx%3E%ff", "", 404,
       "{\"error\":\"there is no broker \\\"<x>\uFFFD\\\"\"}\n"},
      {"sources", "/api/v1/sources", "?broker=hall", "", 200,
       R"({"sources":[{"broker":"hall","source":"log")"},
      {"events", "/api/v1/events", "?packet=Puback&limit=5&reason=banned", "", 200, "\"events\":[]"},
      {"clients", "/api/v1/clients", "?period=5m&packet=publish+denied", "", 200, "\"period\":\"5m\""},
      {"an unknown packet", "/api/v1/events", "?packet=PUBLISH", "", 400,
       "is not a value of packet: use one of: CONNACK"},
      {"a misspelt reason", "/api/v1/events", "?reason=not_autorized", "", 400,
       R"(\"not_autorized\" is not a value of reason: did you mean \"not_authorized\"?)"},
      {"no reason at all", "/api/v1/clients", "?reason=%ff%00", "", 400, "use a reason of /api/v1/codes"},
      {"a reason without a code", "/api/v1/events", "?reason=tls_error", "", 200, "\"events\":[]"},
      {"codes that the standard does not define", "/api/v1/events", "?reason=unknown", "", 200, "events"},
      {"an empty period", "/api/v1/clients", "?period=", "", 400, "use 5m, 1h or start"},
      {"a limit of 0", "/api/v1/events", "?limit=0", "", 400, "use a number from 1 to 1000"},
      {"a limit above the bound", "/api/v1/events", "?limit=1001", "", 400, "use a number from 1 to 1000"},
      {"an unknown period", "/api/v1/clients", "?period=1d", "", 400, "use 5m, 1h or start"},
      {"the description has no parameters", "/api/v1/openapi.json", "?a=1", "", 400, "there is none"},
      {"an unknown parameter", "/api/v1/codes", "?brokers=a", "", 400,
       "{\"error\":\"unknown parameter \\\"brokers\\\": use broker, q\"}\n"},
  };
  for (const auto& c : cases) {
    const auto page = pages().answer({c.path, Query::parse(c.query).value(), c.accept});
    ASSERT_TRUE(page.has_value()) << c.why;
    EXPECT_EQ(page->status, c.status) << c.why;
    EXPECT_EQ(page->type, "application/json") << c.why;
    EXPECT_THAT(page->body, HasSubstr(c.part)) << c.why;
  }
  for (const char* path : {"/api/", "/api/v1/", "/api/v1/code", "/api/v2/codes"})
    EXPECT_FALSE(pages().answer({path, {}, ""}).has_value()) << path;
}

TEST(Runbook, EachChapterOfAReasonHasItsParts) {
  std::size_t chapters = 0;
  for (const RunbookPart& part : runbook()) {
    if (part.reason.empty()) continue;
    ++chapters;
    EXPECT_THAT(std::string(part.title), HasSubstr("<a id=\"" + std::string(part.reason) + "\"></a>\n<h3"));
    EXPECT_TRUE(part.title.ends_with("</h3>\n"));
    EXPECT_EQ(runbook_chapter(part.reason), &part);
  }
  EXPECT_GT(chapters, 35U);
  EXPECT_EQ(runbook_chapter(""), nullptr);
  EXPECT_EQ(runbook_chapter("no_such_reason"), nullptr);
  const RunbookPart* chapter = runbook_chapter("not_authorized");
  ASSERT_NE(chapter, nullptr);
  EXPECT_THAT(std::string(chapter->causes), HasSubstr("<li>Mosquitto: "));
  EXPECT_THAT(get("/runbook").body,
              AllOf(HasSubstr(std::string(chapter->title)), HasSubstr(std::string(chapter->text))));
}

}  // namespace
}  // namespace mre
