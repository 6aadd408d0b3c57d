// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/http_get.h"

#include <httplib.h>

#include <charconv>
#include <cstdint>
#include <string_view>
#include <utility>

#include "exporter/base/text.h"

namespace mre {
namespace {

constexpr std::size_t kMaxBody = 16U << 20U;
constexpr std::time_t kTimeoutSeconds = 10;

std::string reason_of(httplib::Error error) {
  switch (error) {
    case httplib::Error::Connection:
    case httplib::Error::ConnectionTimeout:
      return "cannot connect: check the URL, and that the exporter runs there";
    case httplib::Error::SSLConnection:
      return "the TLS handshake failed: check that the exporter serves https, or needs a client certificate";
    case httplib::Error::SSLServerVerification:
      return "the certificate of the exporter is not trusted: name its CA";
    case httplib::Error::Read:
      return "no answer within 10 s, or not an HTTP server";
    case httplib::Error::Canceled:
      return "the answer is larger than 16 MiB";
    default:
      return "the request failed: " + httplib::to_string(error);
  }
}

/// Whether it is "host" or "host:port", perhaps after "http://" or "https://". The library throws for any other scheme
/// and for a port that is not a 32-bit number; it takes most other texts for a host.
bool is_url(std::string_view text) {
  if (const std::size_t end = text.find("://"); end != std::string_view::npos) {
    if (text.substr(0, end) != "http" && text.substr(0, end) != "https") return false;
    text.remove_prefix(end + 3);
  }
  const std::size_t colon = text.rfind(':');
  if (colon != std::string_view::npos && text.find(']', colon) == std::string_view::npos) {
    std::uint16_t port = 0;
    const char* const end = text.data() + text.size();
    if (std::from_chars(text.data() + colon + 1, end, port).ptr != end || port == 0) return false;
    text = text.substr(0, colon);
  }
  return !text.empty() && text.find_first_of("/?#@ \r\n") == std::string_view::npos;
}

}  // namespace

Result<HttpAnswer> http_get(const HttpTarget& target, const std::string& path) {
  const auto failed = [&](const std::string& why) {
    return fail(Errc::unavailable, printable(target.url + path, 1024) + ": " + why);
  };
  if (!is_url(target.url)) return failed("not a URL: write http://HOST:PORT or https://HOST:PORT");
  httplib::Client client(target.url);
  client.set_connection_timeout(kTimeoutSeconds);
  client.set_read_timeout(kTimeoutSeconds);
  client.set_keep_alive(false);
  if (!target.username.empty()) client.set_basic_auth(target.username, target.password);
  if (!target.ca_file.empty()) client.set_ca_cert_path(target.ca_file);
  std::string body;
  const auto result = client.Get(path, [&](const char* data, std::size_t size) {
    body.append(data, size);
    return body.size() <= kMaxBody;
  });
  if (!result) return failed(reason_of(result.error()));
  return HttpAnswer{result->status, std::move(body)};
}

}  // namespace mre
