// SPDX-License-Identifier: Apache-2.0
// A line-by-line reader for the part of Markdown that dashboards/RUNBOOK.md uses. It runs when the exporter
// is built; what it does not know ends the build.
#include "exporter/runbook/markdown.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "exporter/base/text.h"

namespace mre {
namespace {

constexpr std::string_view kAnchorBegin = "<a id=\"";
constexpr std::string_view kAnchorEnd = "\"></a>";

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-'; }

/// The id that GitHub gives a heading: lower case, without punctuation, blanks as '-'.
std::string slug(std::string_view heading) {
  std::string id;
  for (const char c : heading) {
    if (is_word(c)) id += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (c == ' ') id += '-';
  }
  return id;
}

class Page {
 public:
  Result<std::string> read(std::string_view markdown) {
    while (!markdown.empty()) {
      const auto end = std::min(markdown.find('\n'), markdown.size());
      ++line_;
      line(markdown.substr(0, end));
      markdown.remove_prefix(std::min(end + 1, markdown.size()));
    }
    close();
    if (in_code_) complain("code without an end");
    for (const auto& [anchor, line] : asked_) {
      if (!anchors_.contains(anchor)) complain("there is no #" + anchor, line);
    }
    if (!error_.empty()) return fail(Errc::invalid_config, error_);
    return std::move(html_);
  }

 private:
  enum class Block { none, paragraph, list };

  void complain(const std::string& what, int line = 0) {
    if (error_.empty()) error_ = "line " + std::to_string(line != 0 ? line : line_) + ": " + what;
  }

  void line(std::string_view text) {
    if (text.starts_with("```")) return fence();
    if (in_code_) {
      html_ += html_escape(text) + '\n';
      return;
    }
    if (text.empty() || text.starts_with("<!--")) return close();
    if (text.starts_with('#')) return heading(text);
    if (text.starts_with(kAnchorBegin)) return anchor(text);
    if (text.starts_with("- ")) return item(text.substr(2));
    if (text.starts_with("  ") && block_ == Block::list) return more(text.substr(2));
    const bool numbered = std::isdigit(static_cast<unsigned char>(text.front())) != 0 &&
                          text.substr(0, 4).find(". ") != std::string_view::npos;
    if (std::string_view("|> <\t+").find(text.front()) != std::string_view::npos || text.starts_with("* ") ||
        text.starts_with("![") || numbered)
      return complain("unsupported Markdown: " + std::string(text.substr(0, 40)));
    if (block_ == Block::paragraph) return more(text);
    close();
    block_ = Block::paragraph;
    html_ += "<p>" + inline_html(text);
  }

  void fence() {
    close();
    in_code_ = !in_code_;
    html_ += in_code_ ? "<pre><code>" : "</code></pre>\n";
  }

  void heading(std::string_view text) {
    close();
    const std::size_t level = text.find_first_not_of('#');
    if (level > 3 || text[level] != ' ')  // npos too
      return complain("unsupported heading: " + std::string(text));
    text.remove_prefix(level + 1);
    std::string id = slug(text);
    if (const int times = seen_[id]++; times > 0) id += "-" + std::to_string(times);
    const bool is_new = anchors_.insert(id).second;  // an anchor in front of it may have the same name
    const std::string tag = "h" + std::to_string(level);
    html_ += "<" + tag + (is_new ? " id=\"" + html_escape(id) + "\">" : ">") + inline_html(text) + "</" +
             tag + ">\n";
  }

  void anchor(std::string_view text) {
    close();
    text.remove_prefix(kAnchorBegin.size());
    const std::string_view id = text.substr(0, text.find('"'));
    if (id.empty() || !std::ranges::all_of(id, is_word) || text.substr(id.size()) != kAnchorEnd)
      return complain("unsupported HTML: only <a id=\"NAME\"></a> on a line of its own");
    anchors_.insert(std::string(id));
    html_ += std::string(kAnchorBegin) + std::string(id) + std::string(kAnchorEnd) + '\n';
  }

  void item(std::string_view text) {
    if (block_ != Block::list) {
      close();
      html_ += "<ul>\n";
    } else {
      html_ += "</li>\n";
    }
    block_ = Block::list;
    html_ += "<li>" + inline_html(text);
  }

  void more(std::string_view text) {
    if (text.starts_with(' ') || text.starts_with("- ")) return complain("unsupported: a nested list");
    html_ += '\n' + inline_html(text);
  }

  void close() {
    if (block_ == Block::paragraph) html_ += "</p>\n";
    if (block_ == Block::list) html_ += "</li>\n</ul>\n";
    block_ = Block::none;
  }

  /// The text between two marks of this line. Without a second mark the first is text.
  static bool between(std::string_view& rest, std::string_view mark, std::string_view& inside) {
    if (!rest.starts_with(mark)) return false;
    const auto end = rest.find(mark, mark.size());
    if (end == std::string_view::npos || end == mark.size()) return false;
    inside = rest.substr(mark.size(), end - mark.size());
    rest.remove_prefix(end + mark.size());
    return true;
  }

  std::string inline_html(std::string_view rest) {
    std::string html;
    while (!rest.empty()) {
      std::string_view inside;
      if (between(rest, "`", inside)) {
        html += "<code>" + html_escape(inside) + "</code>";
      } else if (between(rest, "**", inside)) {
        html += "<strong>" + inline_html(inside) + "</strong>";
      } else if (between(rest, "*", inside)) {
        html += "<em>" + inline_html(inside) + "</em>";
      } else if (!link(rest, html)) {
        html += html_escape(rest.substr(0, 1));
        rest.remove_prefix(1);
      }
    }
    return html;
  }

  bool link(std::string_view& rest, std::string& html) {
    if (!rest.starts_with('[')) return false;
    const auto middle = rest.find("](");
    const auto end = rest.find(')', middle);
    if (middle == std::string_view::npos || end == std::string_view::npos) return false;
    const std::string text = inline_html(rest.substr(1, middle - 1));
    const std::string_view to = rest.substr(middle + 2, end - middle - 2);
    rest.remove_prefix(end + 1);
    if (to.starts_with('#')) asked_.emplace(to.substr(1), line_);
    const bool leads = to.starts_with('#') || to.starts_with("https://") || to.starts_with("http://");
    html += leads ? "<a href=\"" + html_escape(to) + "\">" + text + "</a>" : text;
    return true;
  }

  std::string html_;
  Block block_ = Block::none;
  bool in_code_ = false;
  int line_ = 0;
  std::map<std::string, int> seen_;  ///< How many headings had this id.
  std::set<std::string> anchors_;
  std::map<std::string, int> asked_;  ///< Anchors that links lead to, with a line.
  std::string error_;                 ///< The first one.
};

}  // namespace

Result<std::string> html_from_markdown(std::string_view markdown) { return Page().read(markdown); }

}  // namespace mre
