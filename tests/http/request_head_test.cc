// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/request_head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace mre {
namespace {

using State = RequestReader::State;

struct Reading {
  RequestReader reader;
  std::string rest;  ///< Bytes that the reader left.
};

/// Feeds the bytes in two pieces, the first of `cut` bytes.
Reading read(std::string_view bytes, std::size_t cut) {
  Reading reading;
  std::string_view first = bytes.substr(0, cut);
  std::string_view second = bytes.substr(cut);
  reading.reader.consume(first);
  if (first.empty()) reading.reader.consume(second);
  reading.rest = std::string(first) + std::string(second);
  return reading;
}

std::string get(std::string_view headers) {
  return "GET /metrics HTTP/1.1\r\nHost: t\r\n" + std::string(headers) + "\r\n";
}

TEST(RequestReader, ParsesValidRequestsHoweverTheyAreSplit) {
  const struct {
    const char* why;
    std::string bytes;
    const char* method;
    const char* target;
    std::size_t headers;
    bool keep_alive;
  } cases[] = {
      {"Prometheus",
       "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:10883\r\nUser-Agent: Prometheus/3.5.0\r\n"
       "Accept: application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,*/*;q=0.1\r\n"
       "Accept-Encoding: gzip\r\nX-Prometheus-Scrape-Timeout-Seconds: 10\r\n\r\n",
       "GET", "/metrics", 5, true},
      {"curl", "GET / HTTP/1.1\r\nHost: localhost:10883\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n",
       "GET", "/", 3, true},
      {"a browser over IPv6 with cookies",
       "GET /?a=b HTTP/1.1\r\nHost: [::1]:10883\r\nConnection: keep-alive\r\nCookie: a=\xC3\xA9; b=c\r\n\r\n",
       "GET", "/?a=b", 3, true},
      {"HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", "GET", "/", 0, false},
      {"HTTP/1.0 always closes", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET", "/", 1, false},
      {"a later minor version", "GET / HTTP/1.9\r\nHost: t\r\n\r\n", "GET", "/", 1, true},
      {"HEAD", "HEAD /metrics HTTP/1.1\r\nHost: t\r\n\r\n", "HEAD", "/metrics", 1, true},
      {"POST without a body", "POST /-/reload HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n", "POST",
       "/-/reload", 2, true},
      {"an unknown method", "BREW /pot HTTP/1.1\r\nHost: t\r\n\r\n", "BREW", "/pot", 1, true},
      {"OPTIONS of the server", "OPTIONS * HTTP/1.1\r\nHost: t\r\n\r\n", "OPTIONS", "*", 1, true},
      {"absolute form", "GET http://t:1/metrics?x HTTP/1.1\r\nHost: t\r\n\r\n", "GET", "/metrics?x", 1, true},
      {"absolute form without a path", "GET HTTPS://t HTTP/1.1\r\nHost: t\r\n\r\n", "GET", "/", 1, true},
      {"absolute form with a query only", "GET http://t?q HTTP/1.1\r\nHost: t\r\n\r\n", "GET", "/?q", 1,
       true},
      {"percent-encoded", "GET /%6detrics%00 HTTP/1.1\r\nHost: t\r\n\r\n", "GET", "/%6detrics%00", 1, true},
      {"an empty line first", "\r\nGET / HTTP/1.1\r\nHost: t\r\n\r\n", "GET", "/", 1, true},
      {"Connection: close", get("Connection: close\r\n"), "GET", "/metrics", 2, false},
      {"close in a list, in capitals", get("Connection: TE , Close\r\n"), "GET", "/metrics", 2, false},
      {"close in the second of two", get("Connection: te\r\nCONNECTION: close\r\n"), "GET", "/metrics", 3,
       false},
      {"a token that only contains close", get("Connection: closed\r\n"), "GET", "/metrics", 2, true},
      {"Expect: 100-continue without a body", get("Expect: 100-Continue\r\n"), "GET", "/metrics", 2, true},
      {"an upgrade to HTTP/2 is not offered", get("Connection: Upgrade\r\nUpgrade: h2c\r\n"), "GET",
       "/metrics", 3, true},
      {"no body of length 0", get("Content-Length: 000\r\n"), "GET", "/metrics", 2, true},
      {"an empty value and blanks", get("A:\r\nB: \t b \t\r\n"), "GET", "/metrics", 3, true},
      {"the maximum number of headers", get([] {
         std::string headers;
         for (int i = 1; i < 100; ++i) headers += "a:b\r\n";
         return headers;
       }()),
       "GET", "/metrics", 100, true},
      {"the longest request line", "GET /" + std::string(4096 - 15, 'a') + " HTTP/1.1\r\nHost: t\r\n\r\n",
       "GET", nullptr, 1, true},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    for (std::size_t cut = 0; cut <= c.bytes.size(); ++cut) {
      const Reading reading = read(c.bytes + "GET", cut);
      ASSERT_EQ(reading.reader.state(), State::complete)
          << "cut at " << cut << ", " << reading.reader.status();
      ASSERT_EQ(reading.rest, "GET") << "cut at " << cut;
      const RequestHead& head = reading.reader.head();
      ASSERT_EQ(head.method, c.method);
      if (c.target != nullptr) {
        ASSERT_EQ(head.target, c.target);
      }
      ASSERT_EQ(head.headers.size(), c.headers);
      ASSERT_EQ(head.keep_alive, c.keep_alive);
    }
  }
}

TEST(RequestReader, RefusesMalformedAmbiguousAndOversizedRequests) {
  const struct {
    const char* why;
    std::string bytes;
    int status;
  } cases[] = {
      // Implementations may interpret these differently.
      {"Content-Length and Transfer-Encoding", get("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"),
       400},
      {"Transfer-Encoding and Content-Length", get("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
       400},
      {"two lengths", get("Content-Length: 0\r\nContent-Length: 5\r\n"), 400},
      {"two equal lengths", get("Content-Length: 0\r\nContent-Length: 0\r\n"), 400},
      {"a list of lengths", get("Content-Length: 0, 0\r\n"), 400},
      {"a length with a sign", get("Content-Length: +0\r\n"), 400},
      {"a negative length", get("Content-Length: -2\r\n"), 400},
      {"a length in hexadecimal", get("Content-Length: 0x0\r\n"), 400},
      {"an empty length", get("Content-Length:\r\n"), 400},
      {"a transfer coding in HTTP/1.0", "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"a folded line", get("A: b\r\n c\r\n"), 400},
      {"a first header that is folded", "GET / HTTP/1.1\r\n Host: t\r\n\r\n", 400},
      {"a line feed alone", "GET / HTTP/1.1\nHost: t\n\n", 400},
      {"a line feed alone in the headers", get("A: b\nContent-Length: 5\r\n"), 400},
      {"a carriage return alone", get("A: b\rContent-Length: 5\r\n"), 400},
      {"two carriage returns", get("A: b\r\r\n"), 400},
      {"a NUL in a header", get(std::string_view("A: b\0c\r\n", 8)), 400},
      {"a NUL in the path", std::string("GET /me\0trics HTTP/1.1\r\n", 24), 400},
      {"a blank before the colon", get("Content-Length : 5\r\n"), 400},
      {"a header without a colon", get("nonsense\r\n"), 400},
      {"a header without a name", get(": b\r\n"), 400},
      {"a name that is not a token", get("a/b: c\r\n"), 400},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two Hosts", get("Host: u\r\n"), 400},
      {"a Host with a blank", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
      {"a Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {"two empty lines first", "\r\n\r\n", 400},
      {"HTTP/0.9", "GET /\r\n", 400},
      {"no method", " / HTTP/1.1\r\n", 400},
      {"two blanks", "GET  / HTTP/1.1\r\n", 400},
      {"a tab for a blank", "GET\t/ HTTP/1.1\r\n", 400},
      {"a blank in the path", "GET /a b HTTP/1.1\r\n", 400},
      {"a fragment", "GET /#a HTTP/1.1\r\n", 400},
      {"a path that is not ASCII", "GET /\xC3\xA9 HTTP/1.1\r\n", 400},
      {"a path without a slash", "GET metrics HTTP/1.1\r\n", 400},
      {"the asterisk with GET", "GET * HTTP/1.1\r\n", 400},
      {"another scheme", "GET ftp://t/ HTTP/1.1\r\n", 400},
      {"a URL without a host", "GET http:///metrics HTTP/1.1\r\n", 400},
      {"a URL with a user that looks like a path", "GET http://a\\b/ HTTP/1.1\r\n", 400},
      {"CONNECT", "CONNECT t:443 HTTP/1.1\r\n", 400},
      {"a version without digits", "GET / HTTP/x.1\r\n", 400},
      {"a version in small letters", "GET / http/1.1\r\n", 400},
      {"a version of three digits", "GET / HTTP/1.11\r\n", 400},
      {"the start of TLS", std::string("\x16\x03\x01\x02\x00\x01\x00", 7), 400},
      // Bodies.
      {"a length", get("Content-Length: 5\r\n"), 413},
      {"a length beyond 64 bits", get("Content-Length: 99999999999999999999999\r\n"), 413},
      {"chunks", get("Transfer-Encoding: chunked\r\n"), 501},
      {"another coding", get("Transfer-Encoding: gzip\r\n"), 501},
      {"a coding that hides", get("Transfer-Encoding: \vchunked\r\n"), 400},
      {"a body to continue with", get("Content-Length: 5\r\nExpect: 100-continue\r\n"), 413},
      {"another expectation", get("Expect: the-unexpected\r\n"), 417},
      {"two expectations", get("Expect: 100-continue\r\nExpect: 100-continue\r\n"), 417},
      // Versions.
      {"HTTP/2 without an upgrade", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"HTTP/3", "GET / HTTP/3.0\r\n", 505},
      // Limits.
      {"a long request line", "GET /" + std::string(4096, 'a'), 414},
      {"a long method", std::string(5000, 'A'), 414},
      {"a long header", get("A: " + std::string(17000, 'a')), 431},
      {"many headers", get([] {
         std::string headers;
         for (int i = 0; i < 100; ++i) headers += "a:b\r\n";
         return headers;
       }()),
       431},
      {"many long headers", get([] {
         std::string headers;
         for (int i = 0; i < 40; ++i) headers += "a:" + std::string(500, 'b') + "\r\n";
         return headers;
       }()),
       431},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    for (std::size_t cut = 0; cut <= c.bytes.size(); cut += c.bytes.size() > 10000 ? 7U : 1U) {
      const Reading reading = read(c.bytes, cut);
      ASSERT_EQ(reading.reader.state(), State::refused) << "cut at " << cut;
      ASSERT_EQ(reading.reader.status(), c.status) << "cut at " << cut;
    }
  }
}

TEST(RequestReader, IsNotCompleteBeforeTheLastByte) {
  const std::string whole = get("A: b\r\n");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    RequestReader reader;
    std::string_view bytes(whole.data(), size);
    ASSERT_EQ(reader.consume(bytes), State::more) << size;
    ASSERT_TRUE(bytes.empty());
  }
}

TEST(RequestReader, UsesLimitedMemory) {
  for (const char* beginning : {"", "GET / HTTP/1.1\r\nA: ", "GET / HTTP/1.1\r\nHost: t\r\n"}) {
    SCOPED_TRACE(beginning);
    RequestReader reader;
    std::string_view start = beginning;
    reader.consume(start);
    std::size_t consumed = 0;
    const std::string piece = "a:b\r\n";
    for (int i = 0; i < 1'000'000 && reader.state() == State::more; ++i) {
      std::string_view bytes = piece;
      reader.consume(bytes);
      consumed += piece.size() - bytes.size();
    }
    EXPECT_EQ(reader.state(), State::refused);
    EXPECT_LE(consumed, RequestReader::kMaxHead + 1);
  }
}

TEST(RequestHead, ReturnsAHeaderOnlyIfItIsUnique) {
  const RequestHead head{
      .method = "GET", .target = "/", .headers = {{"AUTHORIZATION", "one"}, {"Twice", "a"}, {"twice", "b"}}};
  EXPECT_EQ(head.header("Authorization"), "one");
  EXPECT_EQ(head.header("Twice"), "");
  EXPECT_EQ(head.header("Other"), "");
}

}  // namespace
}  // namespace mre
