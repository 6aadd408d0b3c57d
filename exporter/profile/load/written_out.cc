// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/load/written_out.h"

#include <iterator>
#include <utility>

namespace mre {
namespace {

using Ways = std::vector<std::string>;

/// A descent over the groups of one pattern. Positions are only as deep as groups are nested, and each nested
/// group at least doubles the ways, so that `kMostWays` bounds the depth, too.
class Writer {
 public:
  explicit Writer(std::string_view source) : source_(source) {}

  Result<Ways> all() { return words(/*ends=*/"", 0); }

 private:
  static constexpr int kDeepest = 8;

  static tl::unexpected<Error> refuse(std::string what) {
    return fail(Errc::invalid_config, std::move(what));
  }

  bool at(std::string_view text) const { return source_.substr(at_).starts_with(text); }

  /// What stands until one of `ends`, which is not taken.
  Result<Ways> words(std::string_view ends, int depth) {
    Ways ways{""};
    const auto append = [&](std::string_view text) {
      for (std::string& way : ways) way += text;
      at_ += text.size();
    };
    while (at_ < source_.size() && ends.find(source_[at_]) == std::string_view::npos) {
      if (at("{{")) {
        append("{{");
      } else if (at("{?") || at("{:")) {
        const auto choices = group(depth + 1);
        if (!choices) return choices;
        if (ways.size() * choices->size() > kMostWays) {
          return refuse("the optional and alternative words can be written in more than " +
                        std::to_string(kMostWays) + " ways: make several rules of it");
        }
        Ways product;
        for (const std::string& way : ways) {
          for (const std::string& choice : *choices) product.push_back(way + choice);
        }
        ways = std::move(product);
      } else if (source_[at_] == '{') {
        const std::size_t end = source_.find('}', at_);
        if (end == std::string_view::npos) return refuse("a '{' has no '}'");
        append(source_.substr(at_, end + 1 - at_));
      } else {
        append(source_.substr(at_, 1));
      }
    }
    return ways;
  }

  /// All choices of `{?words}`, the empty one last, or of `{:one|other}`.
  Result<Ways> group(int depth) {
    const bool optional = at("{?");
    if (depth > kDeepest) return refuse("optional and alternative words are nested too deep");
    at_ += 2;
    Ways choices;
    int alternatives = 0;
    while (true) {
      auto ways = words(optional ? "}" : "|}", depth);
      if (!ways) return ways;
      if (at_ == source_.size()) return refuse(optional ? "a '{?' has no '}'" : "a '{:' has no '}'");
      if (ways->front().empty())
        return refuse(optional ? "'{?}' has no words"
                               : "an alternative is empty: words that may be missing are {?words}");
      ++alternatives;
      std::move(ways->begin(), ways->end(), std::back_inserter(choices));
      if (source_[at_++] == '}') break;
    }
    if (!optional && alternatives == 1)
      return refuse("one alternative is none: write {:one|other}, or {?words} for words that may be missing");
    if (optional) choices.emplace_back();
    return choices;
  }

  std::string_view source_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::vector<std::string>> written_out(std::string_view source) { return Writer(source).all(); }

}  // namespace mre
