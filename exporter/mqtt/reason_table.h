// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "exporter/mqtt/reason_code.h"

/// The table of all reason codes of MQTT 5.0 and all return codes of MQTT 3.1.1. Everything else about codes
/// is derived from it. Only reason_code.cc and close_reason.cc include it; reason_code_test.cc compares it
/// with the standard.
///
/// A row names the packets in which a broker may send the code, and those in which a client may. Class and
/// sender follow from them.
namespace mre::mqtt::table {

inline constexpr unsigned kConnack = set_of(Packet::connack);
inline constexpr unsigned kPuback =
    set_of(Packet::puback) | set_of(Packet::pubrec);  // first answer to a PUBLISH
inline constexpr unsigned kPubrel = set_of(Packet::pubrel) | set_of(Packet::pubcomp);  // second half of QoS 2
inline constexpr unsigned kSuback = set_of(Packet::suback);
inline constexpr unsigned kUnsuback = set_of(Packet::unsuback);
inline constexpr unsigned kDisconnect = set_of(Packet::disconnect);
inline constexpr unsigned kAuth = set_of(Packet::auth);
inline constexpr unsigned kRefusals =
    kConnack | kPuback | kSuback | kUnsuback | kDisconnect;  // 0x80, 0x83, 0x87

struct By {
  unsigned broker = 0;
  unsigned client = 0;
};

struct Texts {
  std::string_view meaning;
  std::string_view first_step;
};

consteval Packet first_packet(unsigned set) {
  unsigned i = 0;
  while (((set >> i) & 1U) == 0) ++i;  // an empty set does not compile
  return static_cast<Packet>(i);
}

consteval Reason row(Protocol protocol, std::uint8_t code, std::string_view name, std::string_view label,
                     By by, Texts texts, std::string_view section) {
  const unsigned packets = by.broker | by.client;
  return Reason{.protocol = protocol,
                .code = code,
                .name = name,
                .label = label,
                .cls = classify(protocol, first_packet(packets), code),
                .packets = static_cast<PacketSet>(packets),
                .sender = by.client == 0   ? Sender::broker
                          : by.broker == 0 ? Sender::client
                                           : Sender::both,
                .by_broker = static_cast<PacketSet>(by.broker),
                .by_client = static_cast<PacketSet>(by.client),
                .meaning = texts.meaning,
                .first_step = texts.first_step,
                .section = section};
}

consteval Reason v5(std::uint8_t code, std::string_view name, std::string_view label, By by, Texts texts,
                    std::string_view section) {
  return row(Protocol::v5, code, name, label, by, texts, section);
}

consteval Reason v3(std::uint8_t code, std::string_view name, std::string_view label, unsigned packet,
                    Texts texts, std::string_view section) {
  return row(Protocol::v3_1_1, code, name, label, {packet, 0}, texts, section);
}

inline constexpr std::array kReasons{
    v5(0x00, "Success", "success",
       {.broker = kConnack | kPuback | kPubrel | kUnsuback | kAuth, .client = kPuback | kPubrel},
       {"The request succeeded.", "Nothing to do."}, "5.0 §2.4"),
    v5(0x00, "Normal disconnection", "normal_disconnection", {.client = kDisconnect},
       {"The client disconnected normally; the broker discards its will.", "Nothing to do."},
       "5.0 §3.14.2.1"),
    v5(0x00, "Granted QoS 0", "granted_qos_0", {.broker = kSuback},
       {"The broker granted the subscription with QoS 0: messages arrive at most once.",
        "Nothing to do. If the client asked for a higher QoS, check the broker's maximum QoS."},
       "5.0 §3.9.3"),
    v5(0x01, "Granted QoS 1", "granted_qos_1", {.broker = kSuback},
       {"The broker granted the subscription with QoS 1 as the maximum.",
        "Nothing to do. If the client asked for QoS 2, check the broker's maximum QoS."},
       "5.0 §3.9.3"),
    v5(0x02, "Granted QoS 2", "granted_qos_2", {.broker = kSuback},
       {"The broker granted the subscription with QoS 2 as the maximum.", "Nothing to do."}, "5.0 §3.9.3"),
    v5(0x04, "Disconnect with Will Message", "disconnect_with_will_message", {.client = kDisconnect},
       {"The client disconnected normally and asked the broker to publish its will.",
        "Nothing to do. Some devices announce that they go to sleep in this way."},
       "5.0 §3.14.2.1"),
    v5(0x10, "No matching subscribers", "no_matching_subscribers", {.broker = kPuback},
       {"The broker accepted the message, but no client subscribes to its topic.",
        "Usually normal. If a subscriber should receive it, compare the topic with its topic filter."},
       "5.0 §3.4.2.1"),
    v5(0x11, "No subscription existed", "no_subscription_existed", {.broker = kUnsuback},
       {"The client unsubscribed from a topic filter that it was not subscribed to.",
        "Usually normal after a lost session. If it recurs, compare the filters in the client's SUBSCRIBE "
        "and "
        "UNSUBSCRIBE packets."},
       "5.0 §3.11.3"),
    v5(0x18, "Continue authentication", "continue_authentication", {.broker = kAuth, .client = kAuth},
       {"One step of an authentication exchange with several steps.",
        "Nothing to do. If logins hang at this step, read the log of the authentication plugin."},
       "5.0 §4.12"),
    v5(0x19, "Re-authenticate", "re_authenticate", {.client = kAuth},
       {"A connected client authenticates again, for example because its token expires.", "Nothing to do."},
       "5.0 §4.12.1"),
    v5(0x80, "Unspecified error", "unspecified_error", {.broker = kRefusals, .client = kPuback | kDisconnect},
       {"The sender refused and gave no reason: it has no better code, or hides the cause.",
        "Read the log of the side that sent the code, at the time of the event. Only that log has the "
        "cause."},
       "5.0 §2.4"),
    v5(0x81, "Malformed Packet", "malformed_packet",
       {.broker = kConnack | kDisconnect, .client = kDisconnect},
       {"A packet could not be decoded.",
        "Find the client's library and version. Otherwise check for a port scanner, or for a proxy that "
        "speaks "
        "another protocol on this port."},
       "5.0 §4.13.1"),
    v5(0x82, "Protocol Error", "protocol_error", {.broker = kConnack | kDisconnect, .client = kDisconnect},
       {"A packet could be decoded but violates the protocol: for example a second CONNECT, or a duplicate "
        "property.",
        "Find the client's library and version, and capture the packets of one connection."},
       "5.0 §4.13.1"),
    v5(0x83, "Implementation specific error", "implementation_specific_error",
       {.broker = kRefusals, .client = kPuback | kDisconnect},
       {"The packet is valid, but this broker or client does not accept it.",
        "Read the reason string, or the log of the side that sent the code: a limit or a plugin decided."},
       "5.0 §2.4"),
    v5(0x84, "Unsupported Protocol Version", "unsupported_protocol_version", {.broker = kConnack},
       {"The broker does not support the MQTT version that the client asked for.",
        "Compare the client's protocol version with the versions that this listener allows."},
       "5.0 §3.1.2.2"),
    v5(0x85, "Client Identifier not valid", "client_identifier_not_valid", {.broker = kConnack},
       {"The client id is well formed, but this broker does not allow it: it is empty, too long, or has the "
        "wrong prefix.",
        "Check the broker's rules for client ids. An empty id needs Clean Start and a broker that assigns "
        "ids."},
       "5.0 §3.1.3.1"),
    v5(0x86, "Bad User Name or Password", "bad_user_name_or_password", {.broker = kConnack},
       {"The credentials are wrong, or they are missing and the broker requires them.",
        "Check the credentials of that device. If many clients fail at once, check the broker's password "
        "file "
        "or authentication server."},
       "5.0 §3.2.2.2"),
    v5(0x87, "Not authorized", "not_authorized", {.broker = kRefusals, .client = kPuback},
       {"The client is not permitted to connect, or to publish or subscribe to this topic.",
        "Find the client and the topic in the broker's log and compare them with the ACL."},
       "5.0 §2.4"),
    v5(0x88, "Server unavailable", "server_unavailable", {.broker = kConnack},
       {"The broker is running but cannot serve this connection. Often a service it depends on is down.",
        "Check the health of the broker and of what it depends on: authentication server, database, "
        "cluster."},
       "5.0 §3.2.2.2"),
    v5(0x89, "Server busy", "server_busy", {.broker = kConnack | kDisconnect},
       {"The broker is overloaded and asks the client to come back later.",
        "Check the broker's CPU, memory and connections. Then find clients that reconnect without back-off."},
       "5.0 §2.4"),
    v5(0x8A, "Banned", "banned", {.broker = kConnack},
       {"The client is on a ban list. An administrator or a flapping detector put it there.",
        "Find out why the client is on the ban list before you lift the ban."},
       "5.0 §3.2.2.2"),
    v5(0x8B, "Server shutting down", "server_shutting_down", {.broker = kDisconnect},
       {"The broker is shutting down and closes its connections.",
        "Expected during maintenance. Otherwise find out who or what stopped the broker."},
       "5.0 §3.14.2.1"),
    v5(0x8C, "Bad authentication method", "bad_authentication_method", {.broker = kConnack | kDisconnect},
       {"The broker does not support the authentication method, or the client changed it during the "
        "connection.",
        "Compare the method that the client uses with the methods that are enabled in the broker."},
       "5.0 §4.12"),
    v5(0x8D, "Keep Alive timeout", "keep_alive_timeout", {.broker = kDisconnect},
       {"The broker received nothing from the client for one and a half times its keep alive.",
        "Check for a poor network, sleeping devices, or a NAT that drops idle connections before the keep "
        "alive expires."},
       "5.0 §3.1.2.10"),
    v5(0x8E, "Session taken over", "session_taken_over", {.broker = kDisconnect},
       {"Another connection with the same client id replaced this one.",
        "Check for two devices with the same client id, or for a client that reconnects before its old "
        "connection is closed."},
       "5.0 §3.1.4"),
    v5(0x8F, "Topic Filter invalid", "topic_filter_invalid", {.broker = kSuback | kUnsuback | kDisconnect},
       {"The topic filter is well formed, but this broker does not accept it: for example too many levels.",
        "Find the filter in the broker's log and compare it with the broker's limits on topic depth and "
        "length."},
       "5.0 §4.7"),
    v5(0x90, "Topic Name invalid", "topic_name_invalid",
       {.broker = kConnack | kPuback | kDisconnect, .client = kPuback | kDisconnect},
       {"The topic name is well formed, but the receiver does not accept it. In a CONNACK it is the topic of "
        "the will.",
        "Find the topic in the broker's log and compare it with the limits on depth, length and reserved "
        "names."},
       "5.0 §4.7"),
    v5(0x91, "Packet Identifier in use", "packet_identifier_in_use",
       {.broker = kPuback | kSuback | kUnsuback, .client = kPuback},
       {"The packet identifier is still used by an unfinished exchange: the two sides disagree about the "
        "session.",
        "Let the client connect once with Clean Start. Then check whether it persists its session state."},
       "5.0 §2.2.1"),
    v5(0x92, "Packet Identifier not found", "packet_identifier_not_found",
       {.broker = kPubrel, .client = kPubrel},
       {"One side continues a QoS 2 exchange that the other side does not know, or no longer knows.",
        "A few after a reconnect are normal. If they recur, check for lost sessions on the broker or the "
        "client."},
       "5.0 §2.2.1"),
    v5(0x93, "Receive Maximum exceeded", "receive_maximum_exceeded",
       {.broker = kDisconnect, .client = kDisconnect},
       {"The sender had more unacknowledged messages in flight than the receiver allows.",
        "Lower the number of messages in flight on the sending side, or raise the receive maximum."},
       "5.0 §4.9"),
    v5(0x94, "Topic Alias invalid", "topic_alias_invalid", {.broker = kDisconnect, .client = kDisconnect},
       {"A message had topic alias 0, or one above the agreed maximum.",
        "Find the client's library and version: it ignores the topic alias maximum."},
       "5.0 §3.3.2.3.4"),
    v5(0x95, "Packet too large", "packet_too_large",
       {.broker = kConnack | kDisconnect, .client = kDisconnect},
       {"A packet was larger than the maximum that the receiver announced. In a CONNACK the cause is usually "
        "a large will.",
        "Compare the size of the message with the broker's limit on packet or message size."},
       "5.0 §3.2.2.3.6"),
    v5(0x96, "Message rate too high", "message_rate_too_high", {.broker = kDisconnect, .client = kDisconnect},
       {"The sender exceeded the message rate that the receiver permits.",
        "Find the client that floods the broker before you consider raising the rate limit."},
       "5.0 §3.14.2.1"),
    v5(0x97, "Quota exceeded", "quota_exceeded",
       {.broker = kConnack | kPuback | kSuback | kDisconnect, .client = kPuback | kDisconnect},
       {"A quota is exhausted: connections, subscriptions, messages or stored bytes.",
        "Find out which quota it was (user, tenant, licence, queue) and which clients use it up."},
       "5.0 §4.13.2"),
    v5(0x98, "Administrative action", "administrative_action", {.broker = kDisconnect, .client = kDisconnect},
       {"An administrator or an automated rule closed the connection.",
        "Find out in the broker's audit log who disconnected the client, and why."},
       "5.0 §3.14.2.1"),
    v5(0x99, "Payload format invalid", "payload_format_invalid",
       {.broker = kConnack | kPuback | kDisconnect, .client = kPuback | kDisconnect},
       {"The payload is declared as UTF-8 text but is not valid UTF-8. In a CONNACK it is the payload of the "
        "will.",
        "Check the publisher: it sends binary data with the payload format indicator set."},
       "5.0 §3.3.2.3.2"),
    v5(0x9A, "Retain not supported", "retain_not_supported", {.broker = kConnack | kDisconnect},
       {"The client sent a retained message or a retained will, and the broker does not support retained "
        "messages.",
        "Enable retained messages in the broker, or disable them in the client."},
       "5.0 §3.2.2.3.5"),
    v5(0x9B, "QoS not supported", "qos_not_supported", {.broker = kConnack | kDisconnect},
       {"The client published or set a will with a higher QoS than the broker supports.",
        "Compare the client's QoS with the broker's maximum QoS."},
       "5.0 §3.2.2.3.4"),
    v5(0x9C, "Use another server", "use_another_server", {.broker = kConnack | kDisconnect},
       {"The broker redirects the client to another server temporarily.",
        "Expected while a cluster is rebalanced or a node is drained. Check that the clients follow the "
        "server "
        "reference."},
       "5.0 §4.11"),
    v5(0x9D, "Server moved", "server_moved", {.broker = kConnack | kDisconnect},
       {"The broker redirects the client to another server permanently.",
        "Change the server address in the configuration of the clients that still connect here."},
       "5.0 §4.11"),
    v5(0x9E, "Shared Subscriptions not supported", "shared_subscriptions_not_supported",
       {.broker = kSuback | kDisconnect},
       {"The client asked for a shared subscription ($share/…), which this broker does not support.",
        "Enable shared subscriptions in the broker, or use ordinary subscriptions in the client."},
       "5.0 §3.2.2.3.13"),
    v5(0x9F, "Connection rate exceeded", "connection_rate_exceeded", {.broker = kConnack | kDisconnect},
       {"Too many connections were opened in too short a time.",
        "Find clients that reconnect without back-off. After an outage, wait; raise the limit only if the "
        "code persists."},
       "5.0 §2.4"),
    v5(0xA0, "Maximum connect time", "maximum_connect_time", {.broker = kDisconnect},
       {"The connection reached its maximum duration, for example because its token expired.",
        "Expected with expiring tokens. Check that the clients reconnect with a new token."},
       "5.0 §3.14.2.1"),
    v5(0xA1, "Subscription Identifiers not supported", "subscription_identifiers_not_supported",
       {.broker = kSuback | kDisconnect},
       {"The client used a subscription identifier, which this broker does not support.",
        "Enable subscription identifiers in the broker, or disable them in the client."},
       "5.0 §3.2.2.3.12"),
    v5(0xA2, "Wildcard Subscriptions not supported", "wildcard_subscriptions_not_supported",
       {.broker = kSuback | kDisconnect},
       {"The client subscribed with a wildcard (+ or #), which this broker does not support.",
        "Enable wildcard subscriptions in the broker, or subscribe to each topic by name."},
       "5.0 §3.2.2.3.11"),
    // MQTT 3.1.1, and 3.1. The labels are those of the MQTT 5.0 codes with the same meaning.
    v3(0x00, "Connection Accepted", "success", kConnack,
       {"The broker accepted the connection.", "Nothing to do."}, "3.1.1 §3.2.2.3"),
    v3(0x00, "Success - Maximum QoS 0", "granted_qos_0", kSuback,
       {"The broker granted the subscription with QoS 0: messages arrive at most once.",
        "Nothing to do. If the client asked for a higher QoS, check the broker's maximum QoS."},
       "3.1.1 §3.9.3"),
    v3(0x01, "Connection Refused, unacceptable protocol version", "unsupported_protocol_version", kConnack,
       {"The broker does not support the MQTT version that the client asked for.",
        "Compare the client's protocol version with the versions that this listener allows."},
       "3.1.1 §3.2.2.3"),
    v3(0x01, "Success - Maximum QoS 1", "granted_qos_1", kSuback,
       {"The broker granted the subscription with QoS 1 as the maximum.",
        "Nothing to do. If the client asked for QoS 2, check the broker's maximum QoS."},
       "3.1.1 §3.9.3"),
    v3(0x02, "Connection Refused, identifier rejected", "client_identifier_not_valid", kConnack,
       {"The client id is well formed, but this broker does not allow it: it is empty, too long, or has the "
        "wrong prefix.",
        "Check the broker's rules for client ids. An empty id needs Clean Session."},
       "3.1.1 §3.2.2.3"),
    v3(0x02, "Success - Maximum QoS 2", "granted_qos_2", kSuback,
       {"The broker granted the subscription with QoS 2 as the maximum.", "Nothing to do."}, "3.1.1 §3.9.3"),
    v3(0x03, "Connection Refused, Server unavailable", "server_unavailable", kConnack,
       {"The broker is running but cannot serve this connection. Often a service it depends on is down.",
        "Check the health of the broker and of what it depends on: authentication server, database, "
        "cluster."},
       "3.1.1 §3.2.2.3"),
    v3(0x04, "Connection Refused, bad user name or password", "bad_user_name_or_password", kConnack,
       {"The credentials are wrong, or they are missing and the broker requires them.",
        "Check the credentials of that device. If many clients fail at once, check the broker's password "
        "file "
        "or authentication server."},
       "3.1.1 §3.2.2.3"),
    v3(0x05, "Connection Refused, not authorized", "not_authorized", kConnack,
       {"The client is not permitted to connect.",
        "Find the client in the broker's log. Some brokers also answer wrong passwords with this code."},
       "3.1.1 §3.2.2.3"),
    v3(0x80, "Failure", "unspecified_error", kSuback,
       {"The subscription was refused; MQTT 3.1.1 has no code that says why.",
        "Find the client and the topic filter in the broker's log. Usually the ACL denies it."},
       "3.1.1 §3.9.3"),
};

}  // namespace mre::mqtt::table
