// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/load/pattern_expansion.h"

#include <iterator>
#include <utility>

namespace mre {
namespace {

using Expansions = std::vector<std::string>;

/// Recursive descent over the groups of one pattern. The recursion is as deep as groups are nested.
class Expander {
 public:
  explicit Expander(std::string_view source) : source_(source) {}

  Result<Expansions> all() { return words(/*ends=*/"", 0); }

 private:
  static constexpr int kMaxDepth = 8;

  static tl::unexpected<Error> refuse(std::string what) {
    return fail(Errc::invalid_config, std::move(what));
  }

  bool at(std::string_view text) const { return source_.substr(at_).starts_with(text); }

  /// The expansions of the text up to one of `ends`, which is not consumed.
  Result<Expansions> words(std::string_view ends, int depth) {
    Expansions expansions{""};
    const std::string stops = "{" + std::string(ends);
    const auto append = [&](std::string_view text) {
      for (std::string& expansion : expansions) expansion += text;
      at_ += text.size();
    };
    while (at_ < source_.size() && ends.find(source_[at_]) == std::string_view::npos) {
      if (at("{{")) {
        append("{{");
      } else if (at("{?") || at("{:")) {
        auto choices = group(depth + 1);
        if (!choices) return choices;
        if (expansions.size() * choices->size() > kMaxAlternatives) {
          return refuse("the optional and alternative words expand to more than " +
                        std::to_string(kMaxAlternatives) + " patterns: split the rule");
        }
        Expansions product;
        for (const std::string& expansion : expansions) {
          for (const std::string& choice : *choices) product.push_back(expansion + choice);
        }
        expansions = std::move(product);
      } else if (source_[at_] == '{') {
        const std::size_t end = source_.find('}', at_);
        if (end == std::string_view::npos) return refuse("a '{' has no '}'");
        append(source_.substr(at_, end + 1 - at_));
      } else {
        append(source_.substr(at_, source_.find_first_of(stops, at_) - at_));
      }
    }
    return expansions;
  }

  /// All alternatives of `{?words}`, the empty one last, or of `{:one|other}`.
  Result<Expansions> group(int depth) {
    const bool optional = at("{?");
    if (depth > kMaxDepth) return refuse("optional and alternative words are nested more than 8 levels deep");
    at_ += 2;
    Expansions choices;
    int alternatives = 0;
    while (true) {
      auto expansions = words(optional ? "}" : "|}", depth);
      if (!expansions) return expansions;
      if (at_ == source_.size()) return refuse(optional ? "a '{?' has no '}'" : "a '{:' has no '}'");
      if (expansions->front().empty())
        return refuse(optional ? "'{?}' is empty: write the optional words between '{?' and '}'"
                               : "an alternative is empty: write {?words} for optional words");
      ++alternatives;
      std::move(expansions->begin(), expansions->end(), std::back_inserter(choices));
      if (source_[at_++] == '}') break;
    }
    if (!optional && alternatives == 1)
      return refuse("one alternative is not enough: write {:one|other}, or {?words} for optional words");
    if (optional) choices.emplace_back();
    return choices;
  }

  std::string_view source_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::vector<std::string>> expand_alternatives(std::string_view source) {
  return Expander(source).all();
}

}  // namespace mre
