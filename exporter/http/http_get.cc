// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/http_get.h"

#include <httplib.h>

#include "exporter/base/text.h"

namespace mre {
namespace {

constexpr std::size_t kMaxBody = 16U << 20U;
constexpr std::time_t kTimeoutSeconds = 10;
constexpr std::size_t kMaxReason = 300;  // bytes of an error's body

}  // namespace

Result<std::string> http_get(const HttpTarget& target, const std::string& path) {
  const auto failed = [&](const std::string& why) {
    return fail(Errc::unavailable, printable(target.url + path, 1024) + ": " + why);
  };
  httplib::Client client(target.url);
  if (!client.is_valid()) return failed("not a URL: write http://HOST:PORT or https://HOST:PORT");
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
  if (!result) return failed(httplib::to_string(result.error()));
  if (result->status != 200)
    return failed("status " + std::to_string(result->status) + ": " + printable(body, kMaxReason));
  return body;
}

}  // namespace mre
