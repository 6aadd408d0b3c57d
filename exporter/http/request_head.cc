// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/request_head.h"

#include <algorithm>

#include "exporter/base/text.h"

namespace mre {
namespace {

bool is_token(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_digit(c) || is_letter(c) || kOthers.find(c) != std::string_view::npos;
  });
}

bool is_host_value(std::string_view text) {
  constexpr std::string_view kOthers = "-._~!$&'()*+,;=:%[]";
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return is_digit(c) || is_letter(c) || kOthers.find(c) != std::string_view::npos;
  });
}

/// Whether a head may contain this byte. A carriage return is valid only before the line feed that ends a
/// line.
bool is_allowed(char c) {
  return (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) || c == '\t' || c == '\r' || c == '\n';
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool lists(std::string_view value, std::string_view wanted) {
  for (;;) {
    const auto comma = value.find(',');
    if (equal_ignoring_case(trim(value.substr(0, comma)), wanted)) return true;
    if (comma == std::string_view::npos) return false;
    value.remove_prefix(comma + 1);
  }
}

/// The path and query of a target, "*", or empty if it is malformed. The host of "http://host/path" is
/// ignored.
std::string path_of(std::string_view target, std::string_view method) {
  if (target == "*") return method == "OPTIONS" ? "*" : "";
  const bool printable =
      std::all_of(target.begin(), target.end(), [](char c) { return c > 0x20 && c < 0x7F && c != '#'; });
  if (!printable) return "";
  if (target.starts_with('/')) return std::string(target);
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!equal_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    const auto end = std::min(target.find_first_of("/?"), target.size());
    if (end == 0 || !is_host_value(target.substr(0, end))) return "";
    target.remove_prefix(end);
    return target.starts_with('/') ? std::string(target) : "/" + std::string(target);
  }
  return "";
}

}  // namespace

std::string_view RequestHead::header(std::string_view name) const {
  std::string_view found;
  std::size_t times = 0;
  for (const auto& [key, value] : headers) {
    if (!equal_ignoring_case(key, name)) continue;
    found = value;
    ++times;
  }
  return times == 1 ? found : std::string_view();
}

RequestReader::State RequestReader::consume(std::string_view& bytes) {
  while (state_ == State::more && !bytes.empty()) {
    const bool in_headers = !head_.method.empty();
    const char c = bytes.front();
    bytes.remove_prefix(1);
    ++bytes_;
    if (!is_allowed(c)) {
      refuse(400);
    } else if (c == '\n') {
      end_line();
    } else if (!in_headers && line_.size() == kMaxLine) {
      refuse(414);
    } else if (bytes_ > kMaxHead) {
      refuse(431);
    } else {
      line_ += c;
    }
  }
  return state_;
}

void RequestReader::refuse(int status) {
  state_ = State::refused;
  status_ = status;
  line_ = {};
}

void RequestReader::end_line() {
  std::string_view line = line_;
  if (!line.ends_with('\r')) return refuse(400);
  line.remove_suffix(1);
  if (line.find('\r') != std::string_view::npos) return refuse(400);
  if (head_.method.empty()) {
    read_request_line(line);
  } else if (line.empty()) {
    end_head();
  } else {
    read_header(line);
  }
  line_.clear();
}

void RequestReader::read_request_line(std::string_view line) {
  if (line.empty()) {  // some clients send an empty line after a body
    if (std::exchange(blank_line_, true)) refuse(400);
    return;
  }
  const auto first = line.find(' ');
  const auto second = line.rfind(' ');
  if (first == second) return refuse(400);
  const std::string_view method = line.substr(0, first);
  const std::string_view version = line.substr(second + 1);
  head_.target = path_of(line.substr(first + 1, second - first - 1), method);
  if (!is_token(method) || version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) ||
      version[6] != '.' || !is_digit(version[7])) {
    return refuse(400);
  }
  if (version[5] != '1') return refuse(505);
  if (head_.target.empty()) return refuse(400);
  http_1_0_ = version[7] == '0';
  head_.method = method;
}

void RequestReader::read_header(std::string_view line) {
  if (head_.headers.size() == kMaxHeaders) return refuse(431);
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return refuse(400);
  head_.headers.emplace_back(line.substr(0, colon), trim(line.substr(colon + 1)));
}

std::size_t RequestReader::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(head_.headers.begin(), head_.headers.end(),
                    [&](const auto& header) { return equal_ignoring_case(header.first, name); }));
}

void RequestReader::end_head() {
  const std::size_t hosts = count("Host");
  if (hosts > 1 || (hosts == 0 && !http_1_0_) || !is_host_value(head_.header("Host"))) return refuse(400);

  const std::size_t lengths = count("Content-Length");
  const std::string_view length = head_.header("Content-Length");
  const bool coded = count("Transfer-Encoding") > 0;
  if (lengths > 1 || (coded && (lengths > 0 || http_1_0_))) return refuse(400);
  if (lengths == 1 && (length.empty() || !std::all_of(length.begin(), length.end(), is_digit)))
    return refuse(400);
  if (coded) return refuse(501);
  if (length.find_first_not_of('0') != std::string_view::npos) return refuse(413);

  // There is no body to continue with, so 100-continue needs no answer of its own.
  if (count("Expect") > 0 && !equal_ignoring_case(head_.header("Expect"), "100-continue")) return refuse(417);

  head_.keep_alive = !http_1_0_;
  for (const auto& [name, value] : head_.headers) {
    if (equal_ignoring_case(name, "Connection") && lists(value, "close")) head_.keep_alive = false;
  }
  state_ = State::complete;
}

}  // namespace mre
