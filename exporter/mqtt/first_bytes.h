// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

/// Recognises the protocol of a connection by the first bytes that the client sends.
namespace mre::mqtt {

/// `more`: undecided until more bytes are there.
enum class Answer : std::uint8_t { no, yes, more };

/// A CONNECT packet with any flags and any name of the protocol, because brokers answer those too: OASIS MQTT
/// 5.0 section 3.1. Decided within 5 + 2 + 64 bytes, for the names of the standard within 5 + 2 + 6.
Answer begins_connect(std::string_view bytes);

/// An HTTP request with the method of a WebSocket handshake, GET: RFC 6455 section 4.1.
Answer begins_websocket(std::string_view bytes);

/// A TLS record with a ClientHello, SSL 3.0 to TLS 1.3: RFC 8446 sections 4 and 5.1.
Answer begins_tls(std::string_view bytes);

/// Whether `bytes` are whole TLS records, one of which is an unencrypted fatal alert. Alerts are unencrypted
/// until the keys are agreed: RFC 5246 section 7.2, RFC 8446 section 6. An encrypted alert is longer, or has
/// the record type of application data.
bool holds_tls_alert(std::string_view bytes);

}  // namespace mre::mqtt
