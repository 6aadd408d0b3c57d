// SPDX-License-Identifier: Apache-2.0
#include "exporter/runbook/markdown.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

namespace mre {
namespace {

TEST(Markdown, BecomesHtml) {
  const struct {
    const char* why;
    const char* markdown;
    const char* html;
  } cases[] = {
      {"a paragraph over two lines", "one\ntwo\n\nthree\n", "<p>one\ntwo</p>\n<p>three</p>\n"},
      {"the marks of a line", "a **b** *c* `d`\n", "<p>a <strong>b</strong> <em>c</em> <code>d</code></p>\n"},
      {"text that looks like HTML", "a < b & \"c\"\n", "<p>a &lt; b &amp; &quot;c&quot;</p>\n"},
      {"HTML in code stays code", "`<script>`\n", "<p><code>&lt;script&gt;</code></p>\n"},
      {"marks in code are text", "`a **b** [c](#d)`\n", "<p><code>a **b** [c](#d)</code></p>\n"},
      {"a mark without a second one", "2 * 3 and `x\n", "<p>2 * 3 and `x</p>\n"},
      {"a block of code", "```\na < b\n\n# c\n```\n", "<pre><code>a &lt; b\n\n# c\n</code></pre>\n"},
      {"a block with a language", "```yaml\na: 1\n```\n", "<pre><code>a: 1\n</code></pre>\n"},
      {"a list, one item over two lines", "- a\n- b\n  c\n\nd\n",
       "<ul>\n<li>a</li>\n<li>b\nc</li>\n</ul>\n<p>d</p>\n"},
      {"a list after a paragraph", "a\n- b\n", "<p>a</p>\n<ul>\n<li>b</li>\n</ul>\n"},
      {"headings with the ids of GitHub", "# A\n\n## Who was it?\n\n### 0x8D Keep Alive timeout\n",
       "<h1 id=\"a\">A</h1>\n<h2 id=\"who-was-it\">Who was it?</h2>\n"
       "<h3 id=\"0x8d-keep-alive-timeout\">0x8D Keep Alive timeout</h3>\n"},
      {"the second heading of a name", "## A\n## A\n", "<h2 id=\"a\">A</h2>\n<h2 id=\"a-1\">A</h2>\n"},
      {"an anchor and a link to it", "<a id=\"not_authorized\"></a>\n\n[see `it`](#not_authorized)\n",
       "<a id=\"not_authorized\"></a>\n<p><a href=\"#not_authorized\">see <code>it</code></a></p>\n"},
      {"a heading with the name of the anchor in front of it", "<a id=\"tls\"></a>\n\n## tls\n",
       "<a id=\"tls\"></a>\n<h2>tls</h2>\n"},
      {"a link to another site", "[a](https://b/c?d&e)\n", "<p><a href=\"https://b/c?d&amp;e\">a</a></p>\n"},
      {"a link to a file of the repository", "[a](alerts.yaml)\n", "<p>a</p>\n"},
      {"a link that would run a script", "[a](javascript:x)\n", "<p>a</p>\n"},
      {"a comment", "a\n<!-- b -->\nc\n", "<p>a</p>\n<p>c</p>\n"},
      {"nothing", "", ""},
      {"no newline at the end", "a", "<p>a</p>\n"},
  };
  for (const auto& c : cases) {
    const auto html = html_from_markdown(c.markdown);
    ASSERT_TRUE(html.has_value()) << c.why << ": " << html.error().what;
    EXPECT_EQ(*html, c.html) << c.why;
  }
}

TEST(Markdown, UnsupportedMarkdownIsRefusedWithItsLine) {
  const struct {
    const char* why;
    const char* markdown;
    const char* error;
  } cases[] = {
      {"a table", "a\n\n| b | c |\n", "line 3: unsupported Markdown: | b | c |"},
      {"a quote", "> a\n", "line 1: unsupported Markdown: > a"},
      {"other HTML", "<b>a</b>\n", "line 1: unsupported Markdown: <b>a</b>"},
      {"a script in an anchor", "<a id=\"x\"></a><script>\n",
       "line 1: unsupported HTML: only <a id=\"NAME\"></a> on a line of its own"},
      {"a picture", "![a](b)\n", "line 1: unsupported Markdown: ![a](b)"},
      {"a numbered list", "1. a\n", "line 1: unsupported Markdown: 1. a"},
      {"a nested list", "- a\n  - b\n", "line 2: unsupported: a nested list"},
      {"code by indentation", "\n    a\n", "line 2: unsupported Markdown:     a"},
      {"a deep heading", "#### a\n", "line 1: unsupported heading: #### a"},
      {"code without an end", "```\na\n", "line 2: code without an end"},
      {"a link that leads nowhere", "a\n\n[b](#c)\n", "line 3: there is no #c"},
  };
  for (const auto& c : cases) {
    const auto html = html_from_markdown(c.markdown);
    ASSERT_FALSE(html.has_value()) << c.why << ": " << *html;
    EXPECT_EQ(html.error().what, c.error) << c.why;
  }
}

/// Every element of `html` that is not void, opened and closed in order.
void expect_balanced(const std::string& html) {
  static const std::regex tag("<(/?)([a-z0-9]+)[^>]*>");
  std::vector<std::string> open;
  for (std::sregex_iterator at(html.begin(), html.end(), tag), end; at != end; ++at) {
    const std::string name = (*at)[2];
    if ((*at)[1].length() == 0) {
      open.push_back(name);
      continue;
    }
    ASSERT_FALSE(open.empty()) << name;
    ASSERT_EQ(open.back(), name) << at->position();
    open.pop_back();
  }
  EXPECT_TRUE(open.empty());
}

TEST(Runbook, IsUnderstoodAndHasNoScript) {
  std::ifstream file(MRE_SOURCE_DIR "/dashboards/RUNBOOK.md");
  const std::string markdown{std::istreambuf_iterator<char>(file), {}};
  const auto html = html_from_markdown(markdown);
  ASSERT_TRUE(html.has_value()) << html.error().what;
  expect_balanced(*html);
  static const std::regex tag("<([a-z0-9]+)");
  std::set<std::string> tags;
  for (std::sregex_iterator at(html->begin(), html->end(), tag), end; at != end; ++at) tags.insert((*at)[1]);
  EXPECT_EQ(tags,
            (std::set<std::string>{"a", "code", "em", "h1", "h2", "h3", "li", "p", "pre", "strong", "ul"}));
  for (const char* id :
       {"mqttreasonnobodygetsin", "who-was-it", "not_authorized", "no_matching_subscribers"}) {
    EXPECT_NE(html->find("id=\"" + std::string(id) + "\""), std::string::npos) << id;
  }
}

}  // namespace
}  // namespace mre
