// SPDX-License-Identifier: Apache-2.0
// Only this file and http_get.cc include httplib. Its macros change the layout of its classes and must equal those of
// the packaged library; pkg-config provides them.
//
// httplib::Server is used without a socket: process_request reads a head from memory and writes the answer to
// memory. A server object costs about a microsecond, so each answer has its own and shares nothing.
#include "exporter/http/site.h"

#include <httplib.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <utility>

#include "exporter/base/gzip.h"
#include "exporter/base/text.h"
#include "exporter/http/accept.h"
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

class MemoryStream final : public httplib::Stream {
 public:
  explicit MemoryStream(std::string_view input) : input_(input) {}

  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  ssize_t read(char* to, std::size_t size) override {
    size = std::min(size, input_.size());
    std::memcpy(to, input_.data(), size);
    input_.remove_prefix(size);
    return static_cast<ssize_t>(size);
  }
  ssize_t write(const char* from, std::size_t size) override {
    output_.append(from, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return INVALID_SOCKET; }

  std::string output() { return std::move(output_); }

 private:
  std::string_view input_;
  std::string output_;
};

class Engine final : public httplib::Server {
 public:
  explicit Engine(Handler handler) {
    set_keep_alive_timeout(ServerLimits().idle_time.count());
    set_keep_alive_max_count(ServerLimits().requests);
    // Routes here, because httplib would compile the paths as regular expressions.
    set_pre_routing_handler(
        [handler = std::move(handler)](const httplib::Request& request, httplib::Response& response) {
          handler(request, response);
          return HandlerResponse::Handled;
        });
  }

  std::string run(std::string_view head, bool close) {
    MemoryStream stream(head);
    process(*this, stream, close);
    return stream.output();
  }

 private:
  /// The parameters depend on the version of the library: 0.11 gets the addresses from the stream.
  template <class Self>
  static void process(Self& self, httplib::Stream& stream, bool close) {
    bool closed = false;
    const std::function<void(httplib::Request&)> nothing;
    if constexpr (requires { self.process_request(stream, close, closed, nothing); }) {
      self.process_request(stream, close, closed, nothing);
    } else {
      self.process_request(stream, {}, 0, {}, 0, close, closed, nothing);
    }
  }
};

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
  return write(head, headers, [&](const std::string& path) {
    std::string why = "unknown exception";
    try {
      Reply reply = find_page(head, path, clients);
      failing_ = false;
      return reply;
    } catch (const std::exception& error) {
      why = error.what();
    } catch (...) {
    }
    if (!failing_.exchange(true)) spdlog::error("http: a page failed: {}", printable(why));
    return error(path, 500);
  });
}

std::string Site::deny(const RequestHead& head, int status, const HttpHeaders& headers) {
  return write(head, headers, [status](const std::string& path) { return error(path, status); });
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

std::string Site::write(const RequestHead& head, const HttpHeaders& headers,
                        const std::function<Reply(const std::string& path)>& find) {
  const bool head_only = head.method == "HEAD";
  std::string text = head_only ? "HEAD " : "GET ";
  text += head.target.empty() ? "/" : head.target.substr(0, head.target.find('?'));
  text += " HTTP/1.1\r\n\r\n";
  try {
    Engine engine([&](const httplib::Request& request, httplib::Response& response) {
      Reply reply = find(request.path);
      response.status = reply.status;
      response.body = std::move(reply.body);
      httplib::Headers all{
          {"Content-Type", reply.type},
          {"X-Content-Type-Options", "nosniff"},
          {"Content-Security-Policy", kPolicy},
          {"Referrer-Policy", "no-referrer"},
          {"Accept-Ranges", "none"},  // cpp-httplib would say "bytes" to HEAD
      };
      if (!reply.cache_control.empty()) all.emplace("Cache-Control", reply.cache_control);
      if (reply.allow != nullptr) all.emplace("Allow", reply.allow);
      std::string packed = accepts_gzip(head.header("Accept-Encoding")) ? gzip(response.body) : "";
      if (!packed.empty()) {
        response.body = std::move(packed);
        all.emplace("Content-Encoding", "gzip");
      }
      for (const auto& [name, value] : headers) all.erase(name);
      for (const auto& [name, value] : headers) all.emplace(name, value);
      response.headers.merge(all);
    });
    return engine.run(text, !head.keep_alive);
  } catch (...) {  // out of memory
    return {};
  }
}

}  // namespace mre
