// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/site.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "exporter/base/gzip.h"
#include "exporter/base/text.h"
#include "exporter/http/accept.h"
#include "exporter/http/query.h"
#include "exporter/http/request_origin.h"
#include "exporter/http/server_limits.h"

namespace mre {
namespace {

constexpr const char* kTextFormatType = "text/plain; version=0.0.4; charset=utf-8";
constexpr const char* kOpenMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";
constexpr const char* kJsonType = "application/json";
constexpr const char* kPolicy =
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'";
constexpr const char* kPlainType = "text/plain; charset=utf-8";
constexpr std::string_view kReloadPath = "/-/reload";
constexpr std::string_view kQuitPath = "/-/quit";

const char* text_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 413:
      return "Request bodies are not accepted";
    case 414:
      return "URI Too Long";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Only this machine is served: use the host localhost, or demand authentication "
             "(--web.config.file)";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Transfer codings are not supported";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported: use HTTP/1.1";
    default:
      return "Refused";
  }
}

std::string_view path_of(const RequestHead& head) {
  const std::string_view target = head.target;
  return target.substr(0, target.find('?'));
}

}  // namespace

struct Site::Reply {
  int status;
  std::string type;
  std::string body;
  std::string cache_control = {};  ///< Empty: no such header.
  const char* allow = nullptr;     ///< Allowed methods, for status 405.
};

bool is_reserved_path(std::string_view path) {
  constexpr std::string_view kPaths[] = {"/", "/codes", "/events", "/clients", "/runbook"};
  constexpr std::string_view kDirectories[] = {"/static/", "/api/", "/-/"};
  return std::ranges::find(kPaths, path) != std::end(kPaths) ||
         std::ranges::any_of(kDirectories,
                             [&](std::string_view directory) { return path.starts_with(directory); });
}

Site::Site(std::string telemetry_path, Pages pages)
    : telemetry_path_(std::move(telemetry_path)), pages_(std::move(pages)) {}

std::string Site::answer(const RequestHead& head, const HttpHeaders& headers, Clients clients) {
  std::string why = "unknown exception";
  try {
    const auto path = percent_decode(path_of(head));
    const Reply reply = path ? find_page(head, *path, clients) : error("", 400);
    failing_ = false;
    return write(head, headers, reply);
  } catch (const std::exception& error) {
    why = error.what();
  } catch (...) {
  }
  if (!failing_.exchange(true)) spdlog::error("http: a page failed: {}", printable(why));
  return deny(head, 500, headers);
}

std::string Site::deny(const RequestHead& head, int status, const HttpHeaders& headers) {
  try {
    return write(head, headers, error(path_of(head), status));
  } catch (...) {  // out of memory
    return {};
  }
}

Site::Reply Site::find_page(const RequestHead& head, const std::string& path, Clients clients) {
  if (path == kReloadPath || path == kQuitPath) return control(head, path, clients);
  if (head.method != "GET" && head.method != "HEAD") return not_allowed(path, "GET, HEAD");
  if (path == telemetry_path_) {
    const bool openmetrics = prefers_openmetrics(head.header("Accept"));
    return {200, openmetrics ? kOpenMetricsType : kTextFormatType, pages_.metrics(openmetrics)};
  }
  if (path == "/-/healthy") return plain(200, "Healthy\n");
  if (path == "/-/ready") {
    const bool ready = pages_.ready();
    return plain(ready ? 200 : 503, ready ? "Ready\n" : "Not ready\n");
  }
  if (clients == Clients::browsers && names_public_host(head)) return error(path, 421);
  const std::string_view target = head.target;
  auto query = Query::parse(target.substr(std::min(target.find('?'), target.size())));
  if (!query) return error(path, 400);
  auto page = pages_.page({path, std::move(*query), std::string(head.header("Accept"))});
  if (!page) return error(path, 404);
  return {page->status, std::move(page->type), std::move(page->body), std::move(page->cache_control)};
}

/// Reloads or stops the exporter.
Site::Reply Site::control(const RequestHead& head, const std::string& path, Clients clients) {
  if (head.method != "POST" && head.method != "PUT") return not_allowed(path, "POST, PUT");
  if (clients == Clients::browsers && names_public_host(head)) return error(path, 421);
  if (is_cross_site(head)) return error(path, 403);
  const bool reloads = path == kReloadPath;
  if (reloads ? pages_.reload == nullptr : pages_.quit == nullptr)
    return plain(403, "The lifecycle API is disabled: enable it with --web.enable-lifecycle\n");
  if (!reloads) {
    pages_.quit();
    return plain(200, "Stopping\n");
  }
  const auto done = pages_.reload();
  return done ? plain(200, "Reloaded\n") : plain(500, "Reload failed: " + done.error().what + "\n");
}

Site::Reply Site::not_allowed(const std::string& path, const char* methods) {
  Reply reply = error(path, 405);
  reply.allow = methods;
  return reply;
}

Site::Reply Site::plain(int status, std::string body) { return {status, kPlainType, std::move(body)}; }

Site::Reply Site::error(std::string_view path, int status) {
  const std::string text = text_of(status);
  if (path.starts_with("/api/")) return {status, kJsonType, "{\"error\":\"" + text + "\"}\n"};
  return plain(status, text + "\n");
}

std::string Site::write(const RequestHead& head, const HttpHeaders& headers, const Reply& reply) {
  const std::string packed = accepts_gzip(head.header("Accept-Encoding")) ? gzip(reply.body) : "";
  const std::string& body = packed.empty() ? reply.body : packed;
  HttpHeaders all{{"Content-Type", reply.type},
                  {"Content-Length", std::to_string(body.size())},
                  {"Accept-Ranges", "none"},
                  {"X-Content-Type-Options", "nosniff"},
                  {"Content-Security-Policy", kPolicy},
                  {"Referrer-Policy", "no-referrer"}};
  if (!reply.cache_control.empty()) all.emplace_back("Cache-Control", reply.cache_control);
  if (reply.allow != nullptr) all.emplace_back("Allow", reply.allow);
  if (!packed.empty()) all.emplace_back("Content-Encoding", "gzip");
  if (head.keep_alive) {
    constexpr ServerLimits kLimits;
    all.emplace_back("Keep-Alive",
                     fmt::format("timeout={}, max={}", kLimits.idle_time.count(), kLimits.requests));
  } else {
    all.emplace_back("Connection", "close");
  }
  for (const auto& [name, value] : headers)
    std::erase_if(all, [&](const auto& own) { return equal_ignoring_case(own.first, name); });
  all.insert(all.end(), headers.begin(), headers.end());

  std::string answer = "HTTP/1.1 " + std::to_string(reply.status) + " " + text_of(reply.status) + "\r\n";
  for (const auto& [name, value] : all) answer.append(name).append(": ").append(value).append("\r\n");
  answer += "\r\n";
  if (head.method != "HEAD") answer += body;
  return answer;
}

}  // namespace mre
