// SPDX-License-Identifier: Apache-2.0
// OpenSSL reads and writes the socket itself: memory buffers would need
// 64 KiB more per connection, and more code.
#include "exporter/http/transport.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cerrno>

namespace mre {
namespace {

/// Limit of the bytes that a client sends in a handshake, including its certificate chain.
constexpr std::uint64_t kMaxHandshake = 64 * 1024;

}  // namespace

void Transport::FreeSsl::operator()(SSL* ssl) const { SSL_free(ssl); }

Transport::Transport(int socket, const std::shared_ptr<SSL_CTX>& tls)
    : socket_(socket), tls_wanted_(tls != nullptr), ssl_(tls ? SSL_new(tls.get()) : nullptr) {
  if (!ssl_ || SSL_set_fd(ssl_.get(), socket) != 1) return;
  SSL_set_mode(ssl_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                               SSL_MODE_RELEASE_BUFFERS);
  SSL_set_options(ssl_.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_set_max_cert_list(ssl_.get(), kMaxHandshake / 2);
}

Transport::Step Transport::handshake() {
  if (!tls_wanted_) return {Need::nothing};
  if (!ssl_) return {Need::end};  // out of memory
  ERR_clear_error();
  const Step step = step_of(SSL_accept(ssl_.get()));
  if (step.need == Need::end && ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST) refuse_plain_http();
  const bool too_much = BIO_number_read(SSL_get_rbio(ssl_.get())) > kMaxHandshake;
  return too_much ? Step{Need::end} : step;
}

void Transport::refuse_plain_http() {
  constexpr std::string_view kAnswer =
      "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: "
      "33\r\n\r\n"
      "This port uses TLS: use https://\n";
  ::send(socket_, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL);
  char unread[4096];  // closing a socket with unread bytes discards sent data
  ::recv(socket_, unread, sizeof unread, 0);
}

Transport::Step Transport::read(std::span<char> to) {
  if (ssl_) {
    ERR_clear_error();
    return step_of(SSL_read(ssl_.get(), to.data(), static_cast<int>(to.size())));
  }
  const ssize_t size = ::recv(socket_, to.data(), to.size(), 0);
  if (size > 0) return {Need::nothing, static_cast<std::size_t>(size)};
  return {size < 0 && (errno == EAGAIN || errno == EINTR) ? Need::readable : Need::end};
}

Transport::Step Transport::write(std::string_view bytes) {
  if (ssl_) {
    constexpr std::size_t kRecord = 16384;
    ERR_clear_error();
    return step_of(SSL_write(ssl_.get(), bytes.data(),
                             static_cast<int>(bytes.size() < kRecord ? bytes.size() : kRecord)));
  }
  const ssize_t size = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (size > 0) return {Need::nothing, static_cast<std::size_t>(size)};
  return {size < 0 && (errno == EAGAIN || errno == EINTR) ? Need::writable : Need::end};
}

void Transport::end_writing() {
  if (ssl_ && SSL_is_init_finished(ssl_.get()) == 1) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
  }
  ::shutdown(socket_, SHUT_WR);
}

Transport::Step Transport::step_of(int result) {
  if (result > 0) return {Need::nothing, static_cast<std::size_t>(result)};
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return {Need::readable};
    case SSL_ERROR_WANT_WRITE:
      return {Need::writable};
    default:
      return {Need::end};
  }
}

}  // namespace mre
