// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "exporter/http/pages.h"
#include "exporter/http/web_policy.h"

namespace mre {

/// Whether a path is another page than the metrics: "/", "/-/healthy", "/-/ready", "/-/reload", "/-/quit".
bool is_reserved_path(std::string_view path);

/// Answers requests that have been read and checked. Safe to call from several threads at once.
///
/// cpp-httplib decodes the path, compresses the page and writes the answer. It gets neither the client's
/// bytes nor its connection: the head that it parses is written here, with the path and whether gzip is
/// accepted.
class Site {
 public:
  Site(std::string telemetry_path, Pages pages);

  /// The whole answer as bytes: the page, or 403, 404, 405, 500. `headers` are added to it and replace the
  /// site's own. Empty if memory ran out: then the connection must be closed.
  std::string answer(const RequestHead& head, const HttpHeaders& headers);

  /// The answer with the standard text of `status` as its body.
  static std::string deny(const RequestHead& head, int status, const HttpHeaders& headers);

 private:
  struct Reply;
  Reply find_page(const RequestHead& head, const std::string& path);
  static Reply plain(int status, std::string body = {});
  static std::string write(const RequestHead& head, const HttpHeaders& headers,
                           const std::function<Reply(const std::string& path)>& find);

  const std::string telemetry_path_;
  const Pages pages_;
  std::atomic<bool> failing_ = false;  ///< The last page that was built threw.
};

}  // namespace mre
