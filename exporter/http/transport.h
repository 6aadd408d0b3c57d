// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace mre {

/// The bytes of a connected, non-blocking socket, plain or through TLS. No call blocks; no call throws.
class Transport {
 public:
  enum class Need : std::uint8_t {
    nothing,   ///< It is done.
    readable,  ///< Again when the socket can be read.
    writable,  ///< Again when the socket can be written.
    end,       ///< The peer has closed, or broke the protocol. Nothing more will come.
  };
  struct Step {
    Need need;
    std::size_t bytes = 0;  ///< Read or written; only with `nothing`.
  };

  /// `tls` null: plain. The socket must outlive the transport, which does not close it.
  Transport(int socket, const std::shared_ptr<SSL_CTX>& tls);

  /// Must be done before the first read. Ends a client that sends more than a handshake needs.
  Step handshake();
  Step read(std::span<char> to);       ///< At least one byte.
  Step write(std::string_view bytes);  ///< At least one byte, perhaps not all. `bytes` is not empty.
  void end_writing();                  ///< Says that nothing more is sent. One attempt.

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
