// SPDX-License-Identifier: Apache-2.0
// The bytes of an HTTP client: how they are cut makes no difference, what a reader holds is bounded, and an
// answer is well formed and repeats nothing of the request. The first byte of the input chooses the pieces.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "exporter/http/request_head.h"
#include "exporter/http/site.h"

namespace {

using mre::RequestHead;
using mre::RequestReader;

void require(bool holds) {
  if (!holds) std::abort();
}

/// Ends where the reader has no more use for the bytes.
std::size_t read(RequestReader& reader, std::string_view bytes, std::size_t piece) {
  std::size_t used = 0;
  while (used < bytes.size() && reader.state() == RequestReader::State::more) {
    std::string_view part = bytes.substr(used, piece);
    const std::size_t before = part.size();
    reader.consume(part);
    used += before - part.size();
  }
  require(used <= RequestReader::kMaxHead + 1);
  return used;
}

mre::Site& site() {
  static mre::Site pages("/metrics",
                         {.metrics = [](bool) { return std::string("mqtt_up 1\n"); },
                          .page = [](const mre::PageRequest& request) -> std::optional<mre::Page> {
                            if (request.path != "/") return std::nullopt;
                            return mre::Page{.body = "<p>"};
                          },
                          .ready = [] { return true; }});
  return pages;
}

/// The answers depend on the request's method, path, query and connection, and on nothing else in it.
void check_answer(const RequestHead& head) {
  const std::string answer = site().answer(head, {});
  const auto end = answer.find("\r\n\r\n");
  require(answer.starts_with("HTTP/1.1 ") && end != std::string::npos);
  const int status = std::atoi(answer.c_str() + 9);
  require(status == 200 || status == 400 || status == 403 || status == 404 || status == 405);
  require((answer.find("\r\nConnection: close\r\n") < end) == !head.keep_alive);
  require((answer.size() == end + 4) == (head.method == "HEAD"));

  const RequestHead plain{
      .method = head.method, .target = "/nothing", .headers = {}, .keep_alive = head.keep_alive};
  if (status == 404 && head.header("Accept-Encoding").empty() &&
      answer.find("\r\nContent-Type: text/plain") < end)
    require(answer == site().answer(plain, {}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t piece = std::size_t{data[0]} + 1;
  while (!bytes.empty()) {
    RequestReader whole;
    RequestReader cut;
    const std::size_t used = read(whole, bytes, bytes.size());
    require(read(cut, bytes, piece) == used);
    require(whole.state() == cut.state() && whole.status() == cut.status());
    if (whole.state() != RequestReader::State::complete) break;
    const RequestHead& head = whole.head();
    require(head.method == cut.head().method && head.target == cut.head().target &&
            head.headers == cut.head().headers && head.keep_alive == cut.head().keep_alive);
    require(head.headers.size() <= RequestReader::kMaxHeaders);
    require(head.target.starts_with('/') || head.target == "*");
    check_answer(head);
    bytes.remove_prefix(used);
  }
  return 0;
}
