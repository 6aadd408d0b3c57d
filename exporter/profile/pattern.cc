#include "exporter/profile/pattern.h"

#include <algorithm>

namespace mre {
namespace {

constexpr std::array<std::string_view, kFields> kFieldNames = {"client",  "peer",    "protocol", "code",
                                                               "codes",   "version", "why",      "event",
                                                               "message", "filter",  "identity"};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string_view to_string(Field field) { return kFieldNames[static_cast<std::size_t>(field)]; }

bool Pattern::in_class(Kind kind, char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  switch (kind) {
    case Kind::number:
      return is_digit(c);
    case Kind::word:  // an address with its port, a version, a number, a name without blanks
      return letter || is_digit(c) || c == '.' || c == ':' || c == '_' || c == '-' || c == '%';
    case Kind::phrase:
      return letter || is_digit(c) || c == ' ' || c == '_' || c == '-';
    case Kind::token:
      return c != ' ';
    case Kind::id:
      return c != ' ' && c != ',';
    case Kind::literal:
    case Kind::text:
      break;
  }
  return false;
}

// How many bytes at the end of the words before a field could be part of it.
std::size_t Pattern::before_run(Kind kind, std::string_view words) {
  std::size_t length = 0;
  while (length < words.size() && in_class(kind, words[words.size() - 1 - length])) ++length;
  return length;
}

Result<Pattern> Pattern::compile(std::string_view source) {
  const auto refuse = [](std::string what) { return fail(Errc::invalid_config, std::move(what)); };
  Pattern pattern;
  std::size_t texts = 0;
  for (std::size_t at = 0; at < source.size();) {
    const bool escaped = source.substr(at).starts_with("{{");
    if (source[at] != '{' || escaped) {
      at += escaped ? 1 : 0;
      const std::size_t end = std::min(source.find('{', at + 1), source.size());
      if (pattern.elements_.empty() || pattern.elements_.back().kind != Kind::literal)
        pattern.elements_.push_back({Kind::literal, {}});
      pattern.elements_.back().literal += source.substr(at, end - at);
      at = end;
      continue;
    }
    const std::size_t end = source.find('}', at);
    if (end == std::string_view::npos) return refuse("a '{' has no '}'");
    const std::string_view name = source.substr(at + 1, end - at - 1);
    at = end + 1;
    Element element{Kind::word, {}};
    if (name == "client" || name == "*" || name == "codes" || name == "filter") {
      element.kind = Kind::text;
      if (++texts > 2)
        return refuse(
            "more than two texts of any kind ({client}, {filter}, {codes}, {*}): no line can be read "
            "reliably then");
    } else if (name == "n") {
      element.kind = Kind::number;
    } else if (name == "name") {
      element.kind = Kind::phrase;
    } else if (name == "token") {
      element.kind = Kind::token;
    } else if (name == "id") {
      element.kind = Kind::id;
    }
    const std::string_view field = name == "name" ? "code" : name == "id" ? "client" : name;
    const auto known = std::ranges::find(kFieldNames, field);
    if (known != kFieldNames.end() && name != "identity") {
      element.named = true;
      element.field = static_cast<Field>(known - kFieldNames.begin());
      if (pattern.has(element.field)) return refuse("the field {" + std::string(name) + "} stands twice");
    } else if (name != "*" && name != "n" && name != "word" && name != "token") {
      return refuse("unknown field {" + std::string(name) +
                    "}; known are {client} {id} {filter} {peer} {protocol} {code} {name} {codes} {version} "
                    "{why} {word} "
                    "{token} {n} {*}");
    }
    if (!pattern.elements_.empty() && pattern.elements_.back().kind != Kind::literal)
      return refuse("two fields side by side: put the broker's words between them");
    pattern.elements_.push_back(std::move(element));
  }
  if (pattern.elements_.empty()) return refuse("the pattern is empty");

  const auto& elements = pattern.elements_;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (elements[i].kind == Kind::literal || elements[i].kind == Kind::text) continue;
    const bool swallows_next =
        i + 1 < elements.size() && in_class(elements[i].kind, elements[i + 1].literal.front());
    const bool swallows_last =
        i > 1 && before_run(elements[i].kind, elements[i - 1].literal) == elements[i - 1].literal.size();
    if (swallows_next || swallows_last)
      return refuse("a word or number runs into the text beside it: they cannot be told apart");
  }
  const auto is_text = [](const Element& element) { return element.kind == Kind::text; };
  pattern.first_text_ = static_cast<std::size_t>(std::ranges::find_if(elements, is_text) - elements.begin());
  pattern.last_text_ = pattern.first_text_;
  for (std::size_t i = pattern.first_text_; i < elements.size(); ++i) {
    if (is_text(elements[i])) pattern.last_text_ = i;
  }
  return pattern;
}

std::string_view Pattern::head() const {
  return elements_.front().kind == Kind::literal ? std::string_view(elements_.front().literal)
                                                 : std::string_view{};
}

std::string_view Pattern::tail() const {
  return elements_.back().kind == Kind::literal ? std::string_view(elements_.back().literal)
                                                : std::string_view{};
}

bool Pattern::has(Field field) const {
  return std::ranges::any_of(elements_, [&](const Element& e) { return e.named && e.field == field; });
}

void Pattern::capture(const Element& element, std::string_view text, Captures& captures) const {
  if (element.named) captures.set(element.field, text);
}

// Reads elements [from, to), none of them a text, from the left of `rest` and takes them off.
bool Pattern::match_forward(std::size_t from, std::size_t to, std::string_view& rest,
                            Captures& captures) const {
  for (std::size_t i = from; i < to; ++i) {
    const Element& element = elements_[i];
    if (element.kind == Kind::literal) {
      if (!rest.starts_with(element.literal)) return false;
      rest.remove_prefix(element.literal.size());
      continue;
    }
    std::size_t length = 0;
    while (length < rest.size() && in_class(element.kind, rest[length])) ++length;
    if (length == 0) return false;
    capture(element, rest.substr(0, length), captures);
    rest.remove_prefix(length);
  }
  return true;
}

// The same from the right.
bool Pattern::match_backward(std::size_t from, std::size_t to, std::string_view& rest,
                             Captures& captures) const {
  for (std::size_t i = to; i-- > from;) {
    const Element& element = elements_[i];
    if (element.kind == Kind::literal) {
      if (!rest.ends_with(element.literal)) return false;
      rest.remove_suffix(element.literal.size());
      continue;
    }
    std::size_t begin = rest.size();
    while (begin > 0 && in_class(element.kind, rest[begin - 1])) --begin;
    // The run may have taken the end of the words before it: "rc135" of `rc{code}`.
    if (i > 0) begin += before_run(element.kind, elements_[i - 1].literal);
    if (begin >= rest.size()) return false;
    capture(element, rest.substr(begin), captures);
    rest.remove_suffix(rest.size() - begin);
  }
  return true;
}

// Finds the words between the two texts. Every place where they fit is a way to read the line.
bool Pattern::match_between(std::string_view middle, Captures& captures) const {
  const std::string& words = elements_[first_text_ + 1].literal;
  bool found = false;
  for (std::size_t at = middle.find(words); at != std::string_view::npos; at = middle.find(words, at + 1)) {
    std::string_view rest = middle.substr(at);
    Captures here;
    if (!match_forward(first_text_ + 1, last_text_, rest, here)) continue;
    if (!found) {
      found = true;
      capture(elements_[first_text_], middle.substr(0, at), captures);
      capture(elements_[last_text_], rest, captures);
      for (std::size_t i = first_text_ + 1; i < last_text_; ++i) {
        if (elements_[i].named) captures.set(elements_[i].field, here[elements_[i].field]);
      }
      continue;
    }
    for (const std::size_t text : {first_text_, last_text_}) {
      if (elements_[text].named) captures.set_ambiguous(elements_[text].field);
    }
    for (std::size_t i = first_text_ + 1; i < last_text_; ++i) {
      const Element& element = elements_[i];
      if (element.named && captures[element.field] != here[element.field])
        captures.set_ambiguous(element.field);
    }
  }
  return found;
}

std::size_t Pattern::match_begin(std::string_view line, Captures& captures) const {
  std::string_view rest = line;
  return match_forward(0, first_text_, rest, captures) ? line.size() - rest.size() : 0;
}

bool Pattern::match(std::string_view line, Captures& captures) const {
  std::string_view rest = line;
  if (first_text_ == elements_.size())
    return match_forward(0, elements_.size(), rest, captures) && rest.empty();
  if (!match_forward(0, first_text_, rest, captures)) return false;
  if (!match_backward(last_text_ + 1, elements_.size(), rest, captures)) return false;
  if (first_text_ != last_text_) return match_between(rest, captures);
  capture(elements_[first_text_], rest, captures);
  return true;
}

}  // namespace mre
