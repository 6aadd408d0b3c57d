// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "exporter/mqtt/reason_code.h"

/// THE table: every reason code of MQTT 5.0, and the return codes of MQTT 3.1.1. All else about codes is made
/// from it. Included by reason_code.cc and close_reason.cc; what the standard says of it is asserted in
/// reason_code_test.cc.
///
/// A row names the packets in which a broker and in which a client may send the code. Class and sender follow
/// from them.
namespace mre::mqtt::table {

inline constexpr unsigned kConnack = set_of(Packet::connack);
inline constexpr unsigned kPuback =
    set_of(Packet::puback) | set_of(Packet::pubrec);  // first answer to a PUBLISH
inline constexpr unsigned kPubrel = set_of(Packet::pubrel) | set_of(Packet::pubcomp);  // rest of QoS 2
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
       {"The request was accepted and done.", "Nothing to do."}, "5.0 §2.4"),
    v5(0x00, "Normal disconnection", "normal_disconnection", {.client = kDisconnect},
       {"The client says goodbye and does not want its will published.", "Nothing to do."}, "5.0 §3.14.2.1"),
    v5(0x00, "Granted QoS 0", "granted_qos_0", {.broker = kSuback},
       {"The subscription stands; messages arrive at most once.",
        "Nothing to do, unless the client asked for a higher QoS: then see the broker's maximum QoS."},
       "5.0 §3.9.3"),
    v5(0x01, "Granted QoS 1", "granted_qos_1", {.broker = kSuback},
       {"The subscription stands; messages arrive with QoS 1 at most.",
        "Nothing to do, unless the client asked for QoS 2: then see the broker's maximum QoS."},
       "5.0 §3.9.3"),
    v5(0x02, "Granted QoS 2", "granted_qos_2", {.broker = kSuback},
       {"The subscription stands; messages arrive with up to QoS 2.", "Nothing to do."}, "5.0 §3.9.3"),
    v5(0x04, "Disconnect with Will Message", "disconnect_with_will_message", {.client = kDisconnect},
       {"The client leaves in order, but asks the broker to publish its will all the same.",
        "Nothing to do; some devices announce their sleep in this way."},
       "5.0 §3.14.2.1"),
    v5(0x10, "No matching subscribers", "no_matching_subscribers", {.broker = kPuback},
       {"The message was accepted, but nobody subscribes to its topic just now.",
        "Usually normal. If somebody should be listening, compare the topic with the subscriber's filter."},
       "5.0 §3.4.2.1"),
    v5(0x11, "No subscription existed", "no_subscription_existed", {.broker = kUnsuback},
       {"The client gave up a subscription that it did not hold.",
        "Usually normal after a lost session. If it keeps coming, compare the filters the client subscribes "
        "to and gives up."},
       "5.0 §3.11.3"),
    v5(0x18, "Continue authentication", "continue_authentication", {.broker = kAuth, .client = kAuth},
       {"One more step of an authentication that takes several.",
        "Nothing to do; if logins hang here, read the log of the authentication plugin."},
       "5.0 §4.12"),
    v5(0x19, "Re-authenticate", "re_authenticate", {.client = kAuth},
       {"A connected client starts to prove its identity anew, for example because a token runs out.",
        "Nothing to do."},
       "5.0 §4.12.1"),
    v5(0x80, "Unspecified error", "unspecified_error", {.broker = kRefusals, .client = kPuback | kDisconnect},
       {"The sender refuses and does not say why: it has no better code, or wants to hide the cause.",
        "Read the log of the side that sent it, at the time of the event: only there is the cause."},
       "5.0 §2.4"),
    v5(0x81, "Malformed Packet", "malformed_packet",
       {.broker = kConnack | kDisconnect, .client = kDisconnect},
       {"A packet arrived that cannot be decoded.",
        "Find the client's library and version; then look for a port scanner, or a proxy that speaks another "
        "protocol on this port."},
       "5.0 §4.13.1"),
    v5(0x82, "Protocol Error", "protocol_error", {.broker = kConnack | kDisconnect, .client = kDisconnect},
       {"A packet could be decoded, but must not come like this or at this moment: a second CONNECT, a "
        "property sent twice.",
        "Find the client's library and version, and capture one connection of it."},
       "5.0 §4.13.1"),
    v5(0x83, "Implementation specific error", "implementation_specific_error",
       {.broker = kRefusals, .client = kPuback | kDisconnect},
       {"The packet is valid, but this broker or client does not take it.",
        "Read the reason string or the log of the side that sent it: a limit or a plugin decided."},
       "5.0 §2.4"),
    v5(0x84, "Unsupported Protocol Version", "unsupported_protocol_version", {.broker = kConnack},
       {"The broker does not speak the version of MQTT that the client asked for.",
        "Compare the client's protocol version with the versions that this listener allows."},
       "5.0 §3.1.2.2"),
    v5(0x85, "Client Identifier not valid", "client_identifier_not_valid", {.broker = kConnack},
       {"The client id is well formed, but this broker does not allow it: empty, too long, or with a wrong "
        "prefix.",
        "Look up the broker's rules for client ids; an empty one needs Clean Start and a broker that assigns "
        "ids."},
       "5.0 §3.1.3.1"),
    v5(0x86, "Bad User Name or Password", "bad_user_name_or_password", {.broker = kConnack},
       {"The credentials are wrong, or are missing where the broker wants some.",
        "Check the secret of that device; if many fail at once, check the broker's password file or "
        "authentication server."},
       "5.0 §3.2.2.2"),
    v5(0x87, "Not authorized", "not_authorized", {.broker = kRefusals, .client = kPuback},
       {"The identity is known, but is not permitted to connect, publish or subscribe here.",
        "Find client and topic in the broker's log and compare them with the ACL."},
       "5.0 §2.4"),
    v5(0x88, "Server unavailable", "server_unavailable", {.broker = kConnack},
       {"The broker runs, but cannot serve this connection: often something behind it is down.",
        "Check the broker's health and what it depends on: authentication server, database, cluster."},
       "5.0 §3.2.2.2"),
    v5(0x89, "Server busy", "server_busy", {.broker = kConnack | kDisconnect},
       {"The broker is overloaded and asks the client to come back later.",
        "Look at CPU, memory and connections of the broker, and at clients that reconnect without pause."},
       "5.0 §2.4"),
    v5(0x8A, "Banned", "banned", {.broker = kConnack},
       {"The client is on a ban list, put there by an administrator or by a flapping detector.",
        "Look at the ban list, and why the client came onto it, before you lift the ban."},
       "5.0 §3.2.2.2"),
    v5(0x8B, "Server shutting down", "server_shutting_down", {.broker = kDisconnect},
       {"The broker is going down and closes its connections.",
        "Expected in maintenance. Otherwise find who or what stopped the broker."},
       "5.0 §3.14.2.1"),
    v5(0x8C, "Bad authentication method", "bad_authentication_method", {.broker = kConnack | kDisconnect},
       {"The broker does not know the authentication method, or the client changed it in the middle of a "
        "connection.",
        "Compare the method that the client names with the mechanisms the broker has switched on."},
       "5.0 §4.12"),
    v5(0x8D, "Keep Alive timeout", "keep_alive_timeout", {.broker = kDisconnect},
       {"Nothing came from the client for one and a half times its keep alive.",
        "Look for a poor network, sleeping devices, or a NAT that forgets idle connections sooner than the "
        "keep alive."},
       "5.0 §3.1.2.10"),
    v5(0x8E, "Session taken over", "session_taken_over", {.broker = kDisconnect},
       {"Another connection came with the same client id and took the place of this one.",
        "Look for two devices with one client id, or for a client that reconnects before its old connection "
        "is gone."},
       "5.0 §3.1.4"),
    v5(0x8F, "Topic Filter invalid", "topic_filter_invalid", {.broker = kSuback | kUnsuback | kDisconnect},
       {"The topic filter is well formed, but this broker does not take it: too many levels, say.",
        "Look at the filter in the broker's log, and at its limits on depth and length of topics."},
       "5.0 §4.7"),
    v5(0x90, "Topic Name invalid", "topic_name_invalid",
       {.broker = kConnack | kPuback | kDisconnect, .client = kPuback | kDisconnect},
       {"The topic is well formed, but the receiver does not take it; in a CONNACK it is the topic of the "
        "will.",
        "Look at the topic in the broker's log, and at its limits on depth, length and reserved names."},
       "5.0 §4.7"),
    v5(0x91, "Packet Identifier in use", "packet_identifier_in_use",
       {.broker = kPuback | kSuback | kUnsuback, .client = kPuback},
       {"The number of this packet is still taken by an unfinished exchange: the two sides disagree about "
        "the session.",
        "Let the client connect once with Clean Start, then look for clients that do not store their "
        "session."},
       "5.0 §2.2.1"),
    v5(0x92, "Packet Identifier not found", "packet_identifier_not_found",
       {.broker = kPubrel, .client = kPubrel},
       {"One side goes on with a QoS 2 exchange that the other does not know (any more).",
        "A few after a reconnect are normal. If they go on, look for lost sessions on broker or client."},
       "5.0 §2.2.1"),
    v5(0x93, "Receive Maximum exceeded", "receive_maximum_exceeded",
       {.broker = kDisconnect, .client = kDisconnect},
       {"More unconfirmed messages were under way than the receiver had allowed.",
        "Lower the number of messages in flight on the sending side, or raise the receive maximum."},
       "5.0 §4.9"),
    v5(0x94, "Topic Alias invalid", "topic_alias_invalid", {.broker = kDisconnect, .client = kDisconnect},
       {"A message came with topic alias 0, or with one above the agreed maximum.",
        "Find the client's library and version: it ignores the topic alias maximum."},
       "5.0 §3.3.2.3.4"),
    v5(0x95, "Packet too large", "packet_too_large",
       {.broker = kConnack | kDisconnect, .client = kDisconnect},
       {"A packet was larger than the receiver had said it would take; in a CONNACK usually because of a "
        "large will.",
        "Compare the size of the message with the broker's limit on packet or message size."},
       "5.0 §3.2.2.3.6"),
    v5(0x96, "Message rate too high", "message_rate_too_high", {.broker = kDisconnect, .client = kDisconnect},
       {"Messages came faster than the receiver permits.",
        "Find the client that floods; only then think of raising the rate limit."},
       "5.0 §3.14.2.1"),
    v5(0x97, "Quota exceeded", "quota_exceeded",
       {.broker = kConnack | kPuback | kSuback | kDisconnect, .client = kPuback | kDisconnect},
       {"A quota is used up: of connections, subscriptions, messages or stored bytes.",
        "Find out which quota of the broker it was (user, tenant, licence, queue) and who used it up."},
       "5.0 §4.13.2"),
    v5(0x98, "Administrative action", "administrative_action", {.broker = kDisconnect, .client = kDisconnect},
       {"Somebody closed the connection by hand, or an automatic rule of the administration did.",
        "Ask, or read the broker's audit log, who kicked the client and why."},
       "5.0 §3.14.2.1"),
    v5(0x99, "Payload format invalid", "payload_format_invalid",
       {.broker = kConnack | kPuback | kDisconnect, .client = kPuback | kDisconnect},
       {"The payload is said to be UTF-8 text and is not; in a CONNACK it is the payload of the will.",
        "Look at the publisher: binary data with the payload format indicator set."},
       "5.0 §3.3.2.3.2"),
    v5(0x9A, "Retain not supported", "retain_not_supported", {.broker = kConnack | kDisconnect},
       {"The client sent a retained message, or a retained will, to a broker that does not store any.",
        "Switch retained messages on in the broker, or off in the client."},
       "5.0 §3.2.2.3.5"),
    v5(0x9B, "QoS not supported", "qos_not_supported", {.broker = kConnack | kDisconnect},
       {"The client published, or set a will, with a higher QoS than the broker offers.",
        "Compare the client's QoS with the broker's maximum QoS."},
       "5.0 §3.2.2.3.4"),
    v5(0x9C, "Use another server", "use_another_server", {.broker = kConnack | kDisconnect},
       {"The broker sends the client to another server for the time being.",
        "Expected while a cluster is rebalanced or a node drained. Check that clients follow the server "
        "reference."},
       "5.0 §4.11"),
    v5(0x9D, "Server moved", "server_moved", {.broker = kConnack | kDisconnect},
       {"The broker sends the client to another server for good.",
        "Change the address in the configuration of the clients that still come."},
       "5.0 §4.11"),
    v5(0x9E, "Shared Subscriptions not supported", "shared_subscriptions_not_supported",
       {.broker = kSuback | kDisconnect},
       {"The client asked for a shared subscription ($share/…), which this broker does not offer.",
        "Switch shared subscriptions on in the broker, or use plain ones in the client."},
       "5.0 §3.2.2.3.13"),
    v5(0x9F, "Connection rate exceeded", "connection_rate_exceeded", {.broker = kConnack | kDisconnect},
       {"Too many connections came in too short a time.",
        "Look for clients that reconnect without back-off; after an outage wait, then raise the limit if it "
        "stays."},
       "5.0 §2.4"),
    v5(0xA0, "Maximum connect time", "maximum_connect_time", {.broker = kDisconnect},
       {"The connection lasted as long as it was allowed to, for example until its token ran out.",
        "Expected with expiring tokens. Check that the clients come back with a fresh one."},
       "5.0 §3.14.2.1"),
    v5(0xA1, "Subscription Identifiers not supported", "subscription_identifiers_not_supported",
       {.broker = kSuback | kDisconnect},
       {"The client numbered its subscription, which this broker does not offer.",
        "Switch subscription identifiers on in the broker, or off in the client."},
       "5.0 §3.2.2.3.12"),
    v5(0xA2, "Wildcard Subscriptions not supported", "wildcard_subscriptions_not_supported",
       {.broker = kSuback | kDisconnect},
       {"The client subscribed with + or #, which this broker does not offer.",
        "Allow wildcards in the broker, or subscribe to the topics by name."},
       "5.0 §3.2.2.3.11"),
    // MQTT 3.1.1, and 3.1. The labels are those of the MQTT 5.0 codes of the same meaning.
    v3(0x00, "Connection Accepted", "success", kConnack,
       {"The broker accepted the connection.", "Nothing to do."}, "3.1.1 §3.2.2.3"),
    v3(0x00, "Success - Maximum QoS 0", "granted_qos_0", kSuback,
       {"The subscription stands; messages arrive at most once.",
        "Nothing to do, unless the client asked for a higher QoS: then see the broker's maximum QoS."},
       "3.1.1 §3.9.3"),
    v3(0x01, "Connection Refused, unacceptable protocol version", "unsupported_protocol_version", kConnack,
       {"The broker does not speak the version of MQTT that the client asked for.",
        "Compare the client's protocol version with the versions that this listener allows."},
       "3.1.1 §3.2.2.3"),
    v3(0x01, "Success - Maximum QoS 1", "granted_qos_1", kSuback,
       {"The subscription stands; messages arrive with QoS 1 at most.",
        "Nothing to do, unless the client asked for QoS 2: then see the broker's maximum QoS."},
       "3.1.1 §3.9.3"),
    v3(0x02, "Connection Refused, identifier rejected", "client_identifier_not_valid", kConnack,
       {"The client id is well formed, but this broker does not allow it: empty, too long, or with a wrong "
        "prefix.",
        "Look up the broker's rules for client ids; an empty one needs Clean Session."},
       "3.1.1 §3.2.2.3"),
    v3(0x02, "Success - Maximum QoS 2", "granted_qos_2", kSuback,
       {"The subscription stands; messages arrive with up to QoS 2.", "Nothing to do."}, "3.1.1 §3.9.3"),
    v3(0x03, "Connection Refused, Server unavailable", "server_unavailable", kConnack,
       {"The broker runs, but cannot serve this connection: often something behind it is down.",
        "Check the broker's health and what it depends on: authentication server, database, cluster."},
       "3.1.1 §3.2.2.3"),
    v3(0x04, "Connection Refused, bad user name or password", "bad_user_name_or_password", kConnack,
       {"The credentials are wrong, or are missing where the broker wants some.",
        "Check the secret of that device; if many fail at once, check the broker's password file or "
        "authentication server."},
       "3.1.1 §3.2.2.3"),
    v3(0x05, "Connection Refused, not authorized", "not_authorized", kConnack,
       {"The client is not permitted to connect.",
        "Find the client in the broker's log. Some brokers answer wrong passwords with this code too."},
       "3.1.1 §3.2.2.3"),
    v3(0x80, "Failure", "unspecified_error", kSuback,
       {"The subscription was refused; MQTT 3.1.1 has no code that says why.",
        "Find client and topic filter in the broker's log; usually the ACL denies it."},
       "3.1.1 §3.9.3"),
};

}  // namespace mre::mqtt::table
