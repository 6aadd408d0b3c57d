// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "exporter/http/pages.h"
#include "exporter/http/web_policy.h"

namespace mre {

/// Whether a path belongs to another page than the metrics: "/", "/codes", "/events", "/clients", "/runbook",
/// and all below "/static/", "/api/" and "/-/".
bool is_reserved_path(std::string_view path);

/// Answers parsed requests. Any thread.
///
/// cpp-httplib decodes the path and formats the answer. It gets neither the client's bytes nor its connection:
/// it parses a head that is written here, with the path. Bodies are compressed here, because cpp-httplib would
/// do so at level 6. Pages are self-contained: the Content-Security-Policy allows nothing from other sites, no
/// inline script and no inline style.
class Site {
 public:
  Site(std::string telemetry_path, Pages pages);

  /// Who may have asked: anyone who was admitted, or a browser of this machine, which a page of a stranger may
  /// use to read this site under its own name.
  enum class Clients { admitted, browsers };

  /// The whole answer as bytes: a page, or 400, 403, 404, 405, 421, 500. The body of an error is plain text,
  /// below /api/ {"error":"…"}. `headers` are added to the answer and replace the site's own. Empty if out of
  /// memory: then the connection must be closed.
  ///
  /// For `browsers` the pages and the API are refused (421) if the request names a public host. The metrics,
  /// which name no client, are served. Another site's requests to reload or to stop are refused for all (403).
  std::string answer(const RequestHead& head, const HttpHeaders& headers,
                     Clients clients = Clients::admitted);

  /// The answer with the standard text of `status`.
  static std::string deny(const RequestHead& head, int status, const HttpHeaders& headers);

 private:
  struct Reply;
  Reply find_page(const RequestHead& head, const std::string& path, Clients clients);
  Reply control(const RequestHead& head, const std::string& path, Clients clients);
  static Reply not_allowed(const std::string& path, const char* methods);
  static Reply plain(int status, std::string body);
  static Reply error(std::string_view path, int status);
  static std::string write(const RequestHead& head, const HttpHeaders& headers,
                           const std::function<Reply(const std::string& path)>& find);

  const std::string telemetry_path_;
  const Pages pages_;
  std::atomic<bool> failing_ = false;  ///< Whether the last page threw.
};

}  // namespace mre
