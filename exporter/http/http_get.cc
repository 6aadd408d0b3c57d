// SPDX-License-Identifier: Apache-2.0
// A blocking socket whose timeouts the kernel keeps, and OpenSSL over it. Asio cannot wait with a timeout without
// its event loop, which one request does not need.
#include "exporter/http/http_get.h"

#include <netdb.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <charconv>
#include <memory>
#include <optional>

#include "exporter/base/fd.h"
#include "exporter/base/text.h"

namespace mre {
namespace {

constexpr std::size_t kMaxAnswer = 16U << 20U;
constexpr timeval kTimeout{10, 0};  // of each step

using Bio = std::unique_ptr<BIO, decltype(&BIO_free_all)>;
using Tls = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

struct Url {
  bool tls = false;
  std::string authority;  ///< "host" or "host:port", IPv6 addresses in brackets.
  std::string host;
  std::string port;
};

std::optional<Url> parse_url(std::string_view text) {
  constexpr std::string_view kPlain = "http://";
  constexpr std::string_view kTls = "https://";
  Url url;
  url.tls = text.starts_with(kTls);
  if (url.tls || text.starts_with(kPlain)) text.remove_prefix(url.tls ? kTls.size() : kPlain.size());
  url.authority = text;
  if (text.empty() || text.find_first_of("/?#@ \r\n") != std::string_view::npos) return std::nullopt;
  char* host = nullptr;
  char* port = nullptr;
  const bool parsed = BIO_parse_hostserv(url.authority.c_str(), &host, &port, BIO_PARSE_PRIO_HOST) == 1;
  if (parsed && host != nullptr) url.host = host;
  url.port = port != nullptr ? port : url.tls ? "443" : "80";
  OPENSSL_free(host);
  OPENSSL_free(port);
  if (url.host.empty()) return std::nullopt;
  return url;
}

/// A connection to the first address that accepts one; none if there is no such address.
Fd connect_to(const Url& url) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(url.host.c_str(), url.port.c_str(), &wanted, &found) != 0) return {};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    Fd socket(::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &kTimeout, sizeof kTimeout);  // also of connect
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &kTimeout, sizeof kTimeout);
    if (::connect(socket.get(), address->ai_addr, address->ai_addrlen) == 0) return socket;
  }
  return {};
}

/// Puts TLS over `connection`, and shakes hands. The server's certificate must be of `url`'s host, and one of `ca_file`,
/// or of the system if that is empty, must have signed it.
Result<Bio> secure(Bio connection, const Url& url, const std::string& ca_file) {
  const Tls context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  const bool trusted = ca_file.empty() ? SSL_CTX_set_default_verify_paths(context.get()) == 1
                                       : SSL_CTX_load_verify_file(context.get(), ca_file.c_str()) == 1;
  if (!trusted) return fail(Errc::unavailable, "cannot read CA certificates from " + printable(ca_file));
  SSL* ssl = nullptr;
  Bio secured(BIO_new_ssl(context.get(), 1), &BIO_free_all);
  BIO_get_ssl(secured.get(), &ssl);
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), url.host.c_str()) != 1) {
    std::string name = url.host;
    SSL_set1_host(ssl, name.c_str());
    SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
  }
  BIO_push(secured.get(), connection.release());
  if (BIO_do_handshake(secured.get()) == 1) return secured;
  const long verified = SSL_get_verify_result(ssl);
  if (verified == X509_V_OK)
    return fail(
        Errc::unavailable,
        "the TLS handshake failed: check that the exporter serves https, or needs a client certificate");
  return fail(Errc::unavailable, std::string("the certificate of the exporter is not trusted (") +
                                     X509_verify_cert_error_string(verified) +
                                     "): name the CA that signed it, and a host that it is for");
}

/// HTTP/1.0, so that no proxy sends the body in chunks.
std::string request(const HttpTarget& target, const Url& url, const std::string& path) {
  std::string text = "GET " + path + " HTTP/1.0\r\nHost: " + url.authority + "\r\n";
  if (!target.username.empty()) {
    const std::string user = target.username + ":" + target.password;
    std::string base64((user.size() + 2) / 3 * 4 + 1, '\0');  // with the zero that OpenSSL writes after it
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()),
                    reinterpret_cast<const unsigned char*>(user.data()), static_cast<int>(user.size()));
    base64.pop_back();
    text += "Authorization: Basic " + base64 + "\r\n";
  }
  return text + "\r\n";
}

/// The answer; nullopt: it is not complete, or not HTTP. Without a Content-Length it is complete when the connection has
/// ended.
std::optional<HttpAnswer> parse_answer(std::string_view bytes, bool ended) {
  constexpr std::string_view kStatus = "http/1.1 ";
  constexpr std::string_view kLength = "\r\ncontent-length: ";
  const std::size_t head_end = bytes.find("\r\n\r\n");
  if (head_end == std::string_view::npos) return std::nullopt;
  const std::string head = lower_case(bytes.substr(0, head_end));
  const std::string_view body = bytes.substr(head_end + 4);
  const char* const end = head.data() + head.size();
  HttpAnswer answer;
  if (!head.starts_with("http/1.") || head.size() < kStatus.size() ||
      std::from_chars(head.data() + kStatus.size(), end, answer.status).ec != std::errc())
    return std::nullopt;
  std::size_t length = ended ? body.size() : body.size() + 1;
  if (const std::size_t at = head.find(kLength); at != std::string::npos)
    std::from_chars(head.data() + at + kLength.size(), end, length);
  if (length > body.size()) return std::nullopt;
  answer.body = body.substr(0, length);
  return answer;
}

}  // namespace

Result<HttpAnswer> http_get(const HttpTarget& target, const std::string& path) {
  const auto failed = [&](const std::string& why) {
    return fail(Errc::unavailable, printable(target.url + path, 1024) + ": " + why);
  };
  const auto url = parse_url(target.url);
  if (!url) return failed("not a URL: write http://HOST:PORT or https://HOST:PORT");
  const Fd socket = connect_to(*url);
  if (!socket) return failed("cannot connect: check the URL, and that the exporter runs there");
  Result<Bio> bio = Bio(BIO_new_socket(socket.get(), BIO_NOCLOSE), &BIO_free_all);
  if (url->tls) bio = secure(std::move(*bio), *url, target.ca_file);
  if (!bio) return failed(bio.error().what);
  const std::string text = request(target, *url, path);
  if (BIO_write(bio->get(), text.data(), static_cast<int>(text.size())) <= 0)
    return failed("the connection ended");
  std::string bytes;
  char buffer[16384];
  for (bool ended = false;;) {
    if (auto answer = parse_answer(bytes, ended)) return std::move(*answer);
    if (ended) return failed("no answer within 10 s, or not an HTTP server");
    const int size = BIO_read(bio->get(), buffer, sizeof buffer);
    ended = size <= 0;
    if (!ended) bytes.append(buffer, static_cast<std::size_t>(size));
    if (bytes.size() > kMaxAnswer) return failed("the answer is larger than 16 MiB");
  }
}

}  // namespace mre
