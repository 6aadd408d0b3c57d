// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/http_get.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <thread>

#include "tests/support/tcp.h"

namespace mre {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Takes one connection, reads a request and answers with these bytes.
class OneAnswer {
 public:
  explicit OneAnswer(std::string answer) {
    thread_ = std::thread([this, answer = std::move(answer)] {
      const Fd client(::accept(listener_.get(), nullptr, nullptr));
      char buffer[4096];
      while (request_.find("\r\n\r\n") == std::string::npos && !request_.starts_with('\x16')) {  // of TLS
        const ssize_t size = ::recv(client.get(), buffer, sizeof buffer, 0);
        if (size <= 0) return;
        request_.append(buffer, static_cast<std::size_t>(size));
      }
      for (std::string_view rest = answer; !rest.empty();) {
        const ssize_t size = ::send(client.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (size <= 0) return;
        rest.remove_prefix(static_cast<std::size_t>(size));
      }
    });
  }
  ~OneAnswer() { thread_.join(); }

  std::string authority() const { return "127.0.0.1:" + std::to_string(listener_.port()); }

  /// To be called after the answer was read.
  std::string request() {
    thread_.join();
    thread_ = std::thread([] {});
    return request_;
  }

 private:
  test::TcpListener listener_{1};
  std::string request_;
  std::thread thread_;
};

TEST(HttpGet, ReadsTheStatusAndTheBody) {
  const struct {
    const char* why;
    std::string answer;
    int status;
    std::string body;
  } cases[] = {
      {"with a length", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", 200, "abc"},
      {"nothing after the length", "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabcdef", 200, "abc"},
      {"until the end of the connection", "HTTP/1.0 401 Unauthorized\r\n\r\n{\"error\":1}", 401,
       "{\"error\":1}"},
      {"no body", "HTTP/1.1 503 \r\nContent-Length: 0\r\n\r\n", 503, ""},
      {"large", "HTTP/1.1 200 OK\r\n\r\n" + std::string(1'000'000, 'x'), 200, std::string(1'000'000, 'x')},
  };
  for (const auto& c : cases) {
    OneAnswer server(c.answer);
    const auto answer = http_get({.url = "http://" + server.authority()}, "/x");
    ASSERT_TRUE(answer) << c.why << ": " << answer.error().what;
    EXPECT_EQ(answer->status, c.status) << c.why;
    EXPECT_EQ(answer->body, c.body) << c.why;
  }
}

TEST(HttpGet, SendsThePathTheHostAndTheUser) {
  OneAnswer server("HTTP/1.1 200 OK\r\n\r\n");
  ASSERT_TRUE(http_get({.url = server.authority(), .username = "admin", .password = "secret"}, "/a?b=c"));
  const std::string request = server.request();
  EXPECT_THAT(request, StartsWith("GET /a?b=c HTTP/1."));
  EXPECT_THAT(request, HasSubstr("\r\nHost: " + server.authority() + "\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nAuthorization: Basic YWRtaW46c2VjcmV0\r\n"));
}

TEST(HttpGet, SaysWhyThereIsNoAnswer) {
  const struct {
    const char* why;
    std::string answer;
    const char* error;
  } cases[] = {
      {"no HTTP", "SSH-2.0-OpenSSH_9.2\r\n\r\n", "not an HTTP server"},
      {"no status", "HTTP/1.1 \r\n\r\n", "not an HTTP server"},
      {"nothing", "", "not an HTTP server"},
      {"an answer that is cut off", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc",
       "no answer within 10 s"},
      {"too much", "HTTP/1.1 200 OK\r\n\r\n" + std::string(17U << 20U, 'x'), "larger than 16 MiB"},
  };
  for (const auto& c : cases) {
    OneAnswer server(c.answer);
    const auto answer = http_get({.url = "http://" + server.authority()}, "/x");
    ASSERT_FALSE(answer) << c.why;
    EXPECT_THAT(answer.error().what, HasSubstr(server.authority() + "/x: ")) << c.why;
    EXPECT_THAT(answer.error().what, HasSubstr(c.error)) << c.why;
  }
  OneAnswer server("no TLS");
  const auto answer = http_get({.url = "https://" + server.authority()}, "/x");
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().what, HasSubstr("the TLS handshake failed"));
}

TEST(HttpGet, RefusesWhatIsNotAUrl) {
  for (const char* url : {"", "http://", "ftp://localhost", "http://localhost/metrics", "http://a b",
                          "http://admin@localhost"}) {
    const auto answer = http_get({.url = url}, "/x");
    ASSERT_FALSE(answer) << url;
    EXPECT_THAT(answer.error().what, EndsWith("not a URL: write http://HOST:PORT or https://HOST:PORT"));
  }
}

TEST(HttpGet, ConnectsToOtherAddressesOfTheName) {
  OneAnswer server("HTTP/1.1 200 OK\r\n\r\n");
  const std::string authority = server.authority();
  EXPECT_TRUE(http_get({.url = "http://localhost" + authority.substr(authority.rfind(':'))}, "/"))
      << "it listens on 127.0.0.1, but not on ::1";
}

}  // namespace
}  // namespace mre
