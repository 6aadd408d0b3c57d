// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace mre {

/// Reads and writes a connected, non-blocking socket, with or without TLS. No call blocks or throws.
class Transport {
 public:
  enum class Need : std::uint8_t {
    nothing,   ///< Done.
    readable,  ///< Call again when the socket is readable.
    writable,  ///< Call again when the socket is writable.
    end,       ///< The peer has closed, or violated the protocol.
  };
  struct Step {
    Need need;
    std::size_t bytes = 0;  ///< Bytes read or written, with `nothing`.
  };

  /// `tls` null: plain. The socket must outlive this object, which does not close it.
  Transport(int socket, const std::shared_ptr<SSL_CTX>& tls);

  /// Must be done before the first read. Fails if the client sends more than a handshake needs.
  Step handshake();
  Step read(std::span<char> to);       ///< Reads at least one byte.
  Step write(std::string_view bytes);  ///< Writes at least one byte. `bytes` is not empty.
  void end_writing();                  ///< Shuts the sending side down. One attempt.

 private:
  Step step_of(int result);
  void refuse_plain_http();

  struct FreeSsl {
    void operator()(SSL* ssl) const;
  };
  int socket_;
  bool tls_wanted_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
};

}  // namespace mre
