// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "tests/profile/decode/subjects.h"

// Whom the events of each profile concern. Lines are of the recordings in tests/testdata, or built from the broker's
// format strings.
namespace mre {
namespace {

struct LineCase {
  const char* why;
  const char* profile;
  std::string line;
  std::string event;  // with its subject; empty: no event
};

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : "; ") + text;
  return all;
}

const std::string kFlashmq = "[2026-11-22 04:54:59.368] [NOTICE] [T 1] ";
const std::string kEjabberd =
    "2026-11-22 04:32:40.116369+00:00 [info] <0.391.0>@mod_mqtt_session:unregister_session/2:535 ";
const std::string kRabbit = "2026-08-21 10:00:02.123456+00:00 [error] <0.902.0> ";
const std::string kVerne =
    "2026-08-17T10:00:00.123456+00:00 [warning] <0.400.0> vmq_mqtt5_fsm:check_user/2:764: ";
const std::string kHive = "2026-08-22 10:00:07,411 - ";
const std::string kTbmq =
    "2026-05-13 10:00:00,123 [mqtt-actor-1] DEBUG o.t.m.b.a.c.s.d.DisconnectServiceImpl - ";
const std::string kMoquette =
    "29/11/2026 21:29:36,374 [nioEventLoopGroup-3-2][id: 0x382bf794, L:/127.0.0.1:28283 - "
    "R:/127.0.0.1:36446][CONNECT] INFO  MQTTConnection login 311  - ";
const std::string kArtemis = "2026-11-29 21:25:35,445 WARN  [org.apache.activemq.artemis.core.server] ";
const std::string kNano = "2026-11-22 05:00:00 [1234] WARN  /srv/nng/src/x.c:755: ";
const std::string kAmqtt = "[2026-11-29 21:12:40,000] amqtt.broker:503 :: ";
const std::string kMochi = "time=2026-11-22T07:59:54.107Z ";
const std::string kRumqttd = "  2026-11-29T23:47:15.077332Z ERROR rumqttd::router::routing: ";

const LineCase kLines[] = {
    {"refused before its id is known: 2.1 writes the address twice", "mosquitto",
     "1: Client 127.0.0.1 [127.0.0.1:48568] disconnected: not authorised.",
     "CONNACK sent unknown 0x87 inferred peer=127.0.0.1:48568"},
    {"an end of the network", "mosquitto",
     "1: Client pump [192.0.2.7:1] disconnected: Connection reset by peer.",
     "close unknown network_error network client=pump peer=192.0.2.7:1 text=Connection reset by peer."},
    {"no connection is taken", "mosquitto",
     "1: Client connection from 192.0.2.7 denied: max_connections exceeded.",
     "close unknown quota_exceeded broker peer=192.0.2.7"},
    {"the TLS handshake fails", "mosquitto",
     "1: Client connection from 192.0.2.7 failed: error:0A000418:unknown ca.",
     "close unknown tls_error network peer=192.0.2.7 text=error:0A000418:unknown ca."},
    {"an id that imitates the line", "mosquitto",
     "1: Client a [1.1.1.1:1] disconnected: x [192.0.2.7:1] disconnected: not authorised.",
     "CONNACK sent unknown 0x87 inferred client=a [1.1.1.1:1] disconnected: x peer=192.0.2.7:1"},

    {"the client text has four parts", "flashmq",
     kFlashmq + "Removing client '[ClientID='conn-badpass-v5', username='user1', fd=20, keepalive=60s, "
                "transport='TCP/Non-SSL', address='127.0.0.1', prot=5.0, clean=1]'. Reason(s): Access denied",
     "CONNACK sent 5.0 0x87 inferred client=conn-badpass-v5 user=user1 peer=127.0.0.1"},
    {"a denied filter", "flashmq",
     kFlashmq +
         "Client '[ClientID='a', username='', fd=20, keepalive=60s, transport='TCP/Websocket/SSL (TLSv1.3)', "
         "address='::1', prot=5.0, clean=1]' subscribe to 'secret/#' denied or failed.",
     "SUBACK sent 5.0 0x87 inferred client=a peer=::1 topic=secret/#"},
    {"before CONNECT there is an address only", "flashmq",
     kFlashmq +
         "Removing client '[fd=20, transport='TCP/Non-SSL', address='127.0.0.1']'. Reason(s): Unsupported "
         "protocol version",
     "CONNACK sent unknown 0x84 inferred peer=127.0.0.1"},
    {"an id that imitates its own user name", "flashmq",
     kFlashmq + "Removing client '[ClientID='victim', username='x', username='user1', fd=20, keepalive=60s, "
                "transport='TCP/Non-SSL', address='127.0.0.1', prot=5.0, clean=1]'. Reason(s): Access denied",
     "CONNACK sent 5.0 0x87 inferred peer=127.0.0.1"},

    {"user, host and id are one text", "ejabberd",
     kEjabberd + "Closing MQTT session for u@localhost/pump from 192.0.2.7: Protocol error: Malformed topic",
     "close unknown malformed_packet broker client=pump user=u peer=192.0.2.7 text=Malformed topic"},
    {"what the client said", "ejabberd",
     kEjabberd +
         "Closing MQTT session for u@localhost/a from ::1: Peer disconnected with reason: bye (banned) "
         "(administrative-action)",
     "DISCONNECT received 5.0 0x98 explicit client=a user=u peer=::1 text=bye (banned)"},
    {"refused: no id", "ejabberd",
     kEjabberd + "Rejected MQTT connection from 192.0.2.7: Authentication failed: Not authorized",
     "CONNACK sent unknown 0x87 inferred peer=192.0.2.7"},
    {"an id that imitates an address", "ejabberd",
     kEjabberd + "Closing MQTT session for u@localhost/x from 1.2.3.4 from 192.0.2.7: TLS failed: y",
     "close unknown tls_error unknown client=x from 1.2.3.4 user=u peer=192.0.2.7 text=y"},
    {"an id that imitates a user", "ejabberd",
     kEjabberd + "Closing MQTT session for u@localhost/v@host/x from 192.0.2.7: TLS failed: y",
     "close unknown tls_error unknown client=v@host/x user=u peer=192.0.2.7 text=y"},

    {"the name of a connection", "rabbitmq",
     kRabbit + "Rejected MQTT connection 127.0.0.1:40001 -> 127.0.0.1:1883 with Connect Reason Code 140",
     "CONNACK sent 5.0 0x8C explicit peer=127.0.0.1:40001"},
    {"with the client id", "rabbitmq",
     kRabbit + "MQTT disconnecting client <<\"127.0.0.1:40001 -> 127.0.0.1:1883\">> with duplicate id 'c1'",
     "close unknown session_taken_over broker client=c1 peer=127.0.0.1:40001"},
    {"a denied topic", "rabbitmq",
     kRabbit +
         "MQTT topic access refused: write access to topic 'denied.t' in exchange 'amq.topic' in vhost '/' "
         "refused for user 'u'",
     "denial unknown publish not_authorized user=u topic=denied.t"},
    {"the queue of a client", "rabbitmq",
     kRabbit + "Terminating MQTT connection because consuming queue 'mqtt-subscription-c1qos1' in vhost '/' "
               "is down.",
     "close unknown implementation_specific_error broker client=c1"},
    {"the process of a connection is no client id", "rabbitmq",
     kRabbit + "Received a DISCONNECT with reason code 128 and properties #{}",
     "DISCONNECT received 5.0 0x80 explicit"},
    {"a topic that imitates a user", "rabbitmq",
     kRabbit +
         "MQTT topic access refused: write access to topic 'x' in exchange 'y' in vhost '/' refused for user "
         "'admin' in exchange 'amq.topic' in vhost '/' refused for user 'u'",
     "denial unknown publish not_authorized"},
    {"an id that imitates another connection", "rabbitmq",
     kRabbit +
         "MQTT disconnecting client <<\"127.0.0.1:40001 -> 127.0.0.1:1883\">> with client ID 'x', reason: "
         "maintenance', reason: closed by y",
     "close unknown administrative_action broker peer=127.0.0.1:40001"},

    {"an Erlang term and an address", "vernemq",
     kVerne + "can't authenticate client {[],<<\"c1\">>} from 127.0.0.1:51000 due to invalid_credentials",
     "CONNACK sent 5.0 0x86 inferred client=c1 peer=127.0.0.1:51000"},
    {"a mountpoint and a user", "vernemq",
     kVerne + "client {\"mp\",<<\"c1\">>} with username <<\"u\">> stopped due to keepalive expired",
     "DISCONNECT sent 5.0 0x8D inferred client=c1 user=u"},
    {"no user", "vernemq",
     kVerne + "client {[],<<\"c1\">>} with username undefined stopped due to keepalive expired",
     "DISCONNECT sent 5.0 0x8D inferred client=c1"},
    {"a denied message", "vernemq",
     kVerne +
         "can't auth publish for client {[],<<\"c2\">>} (user <<\"u\">>) on topic [<<\"denied\">>] due to "
         "not_authorized",
     "denial 5.0 publish not_authorized client=c2 user=u topic=denied"},
    {"an id that imitates an address", "vernemq",
     kVerne + "can't authenticate client {[],<<\"c1\\\">>} from 1.2.3.4:5\">>} from 127.0.0.1:51000 due to "
              "invalid_credentials",
     "CONNACK sent 5.0 0x86 inferred client=c1\\\">>} from 1.2.3.4:5 peer=127.0.0.1:51000"},

    {"the event log", "hivemq",
     kHive + "Client ID: c4, IP: 127.0.0.1 was disconnected. reason: Not authorized to subscribe to topic "
             "'a/b', QoS "
             "'1'.",
     "close unknown not_authorized broker client=c4 peer=127.0.0.1 topic=a/b"},
    {"the broker has no id", "hivemq",
     kHive + "Client ID: UNKNOWN, IP: 10.0.0.9 was disconnected. reason: No CONNECT sent in time.",
     "close unknown connect_timeout broker peer=10.0.0.9"},
    {"a denied message", "hivemq",
     kHive + "Client ID: c6, IP: 127.0.0.1 was disconnected. reason: Not authorized to publish on topic "
             "'denied/t' "
             "with QoS '1' and retain 'false'.",
     "close unknown not_authorized broker client=c6 peer=127.0.0.1 topic=denied/t"},
    {"the message log", "hivemq",
     "2026-08-22 10:00:00,000 INFO  - Sent DISCONNECT to client 'c1': Reason Code: 'SESSION_TAKEN_OVER', "
     "Reason "
     "String: 'bye', Server Reference: 'null', Session Expiry: 'null', User Properties: 'null'",
     "DISCONNECT sent unknown 0x8E explicit client=c1 text=bye"},
    {"a JSON object that names the client in words", "hivemq",
     "2026-08-22 10:00:00,000 INFO  - "
     "{\"messageType\":\"DISCONNECT\",\"direction\":\"EVENT\",\"message\":\"Sent "
     "DISCONNECT to client 'c5' because authentication failed\",\"reasonCode\":\"NOT_AUTHORIZED\"}",
     "DISCONNECT sent unknown 0x87 explicit client=c5"},
    {"an id that imitates an address", "hivemq",
     kHive + "Client ID: x, IP: 1.1.1.1, IP: 127.0.0.1 was disconnected. reason: SSL handshake failed.",
     "close unknown tls_error network client=x, IP: 1.1.1.1 peer=127.0.0.1"},

    {"the text log of 4.4: the id and its address are one text", "emqx",
     "2026-11-22T05:17:42.786564+00:00 [debug] c1@127.0.0.1:38762 [MQTT] SEND CONNACK(Q0, R0, D0, "
     "AckFlags=0, "
     "ReasonCode=134)",
     "CONNACK sent 5.0 0x86 explicit client=c1 peer=127.0.0.1:38762"},
    {"an id that imitates an address", "emqx",
     "2026-11-22T05:17:42.786564+00:00 [debug] c1@9.9.9.9:1@127.0.0.1:38762 [MQTT] SEND CONNACK(Q0, R0, D0, "
     "AckFlags=0, ReasonCode=134)",
     "CONNACK sent 5.0 0x86 explicit client=c1@9.9.9.9:1 peer=127.0.0.1:38762"},
    {"the text log of 5.8", "emqx",
     "2026-11-22T05:27:38.559122+00:00 [warning] tag: AUTHZ, clientid: c1, msg: "
     "authorization_permission_denied, "
     "peername: 127.0.0.1:34478, username: u, topic: deny/x, pid: <0.8.0>, action: SUBSCRIBE(Q1), source: "
     "file",
     "SUBACK sent unknown 0x87 inferred client=c1 user=u peer=127.0.0.1:34478 topic=deny/x"},
    {"the text log of 5.1, which ends with its tag", "emqx",
     "2026-11-22T05:27:33.603014+00:00 [debug] msg: mqtt_packet_sent, mfa: emqx_connection:f/1, line: 876, "
     "peername: "
     "127.0.0.1:34478, clientid: c1, packet: CONNACK(Q0, R0, D0, AckFlags=0, ReasonCode=134), tag: MQTT",
     "CONNACK sent 5.0 0x86 explicit client=c1 peer=127.0.0.1:34478"},
    {"an id that imitates a user name", "emqx",
     "2026-11-22T05:27:38.559122+00:00 [warning] tag: AUTHN, clientid: c1, username: admin, msg: "
     "authentication_failure, peername: 127.0.0.1:34478, pid: <0.8.0>, reason: bad_username_or_password",
     ""},
    {"the same in 5.1, whose id comes last", "emqx",
     "2026-11-22T05:27:38.559122+00:00 [info] msg: terminate, mfa: emqx_connection:f/2, line: 686, peername: "
     "127.0.0.1:34478, clientid: c1, username: admin, reason: {shutdown,keepalive_timeout}",
     "close unknown keep_alive_timeout broker peer=127.0.0.1:34478"},
    {"an id that imitates a key of the broker", "emqx",
     "2026-11-22T05:27:38.559122+00:00 [warning] tag: AUTHN, clientid: c1, msg: x, msg: "
     "authentication_failure, "
     "peername: 127.0.0.1:34478, username: u, pid: <0.8.0>, reason: bad_username_or_password",
     ""},
    {"JSON", "emqx",
     R"({"level":"warning","msg":"authorization_permission_denied","peername":"127.0.0.1:34478","clientid":"c1",)"
     R"_("username":"u","topic":"deny/x","action":"SUBSCRIBE(Q1)","source":"file"})_",
     "SUBACK sent unknown 0x87 inferred client=c1 user=u peer=127.0.0.1:34478 topic=deny/x"},

    {"JSON with the client beside the message", "gmqtt",
     R"({"level":"warn","caller":"server/client.go:275","msg":"connection lost","client_id":"k5","remote_addr":)"
     R"("127.0.0.1:47558","error":"read tcp 127.0.0.1:18833->127.0.0.1:47558: i/o timeout"})",
     "close unknown keep_alive_timeout broker client=k5 peer=127.0.0.1:47558"},
    {"refused: the id is empty, and the address is none", "gmqtt",
     R"({"level":"debug","caller":"server/client.go:359","msg":"sending packet","packet":"Connack, Version: 5, )"
     R"(Code:134, SessionPresent:false, Properties: <nil>","remote_addr":"127.0.0.1:47520","client_id":""})",
     "CONNACK sent 5.0 0x86 explicit peer=127.0.0.1:47520"},
    {"an id that imitates a packet", "gmqtt",
     R"({"level":"debug","caller":"server/client.go:359","msg":"sending packet","packet":"Connack, Version: 5, )"
     R"(Code:134, SessionPresent:false, Properties: <nil>","remote_addr":"127.0.0.1:4","client_id":"a\",\"x\":\"b"})",
     "CONNACK sent 5.0 0x86 explicit client=a\",\"x\":\"b peer=127.0.0.1:4"},

    {"a reason string", "mochi",
     kMochi +
         R"(level=DEBUG msg="CONNACK >> a" hook=debug m="map[id:0 reason:134 reason_string:bad username]")",
     "CONNACK sent 5.0 0x86 explicit client=a text=bad username"},
    {"both ends of a connection", "mochi",
     kMochi +
         R"(level=WARN msg="" listener=t1 error="read tcp 127.0.0.1:1883->127.0.0.1:40002: i/o timeout")",
     "close unknown keep_alive_timeout broker peer=127.0.0.1:40002"},
    {"no client", "mochi", kMochi + R"(level=WARN msg="" listener=t1 error="not authorized")",
     "close unknown not_authorized broker"},

    {"refused, with the address in the prefix", "moquette",
     kMoquette + "Authenticator has rejected the MQTT credentials CId=badpw-v3, username=dev",
     "CONNACK sent unknown 0x04 inferred client=badpw-v3 user=dev peer=127.0.0.1:36446"},
    {"a denied message", "moquette",
     "29/11/2026 21:29:39,258 [Session Executor 1] ERROR PostOffice receivedPublishQos1 345  - MQTT client: "
     "deny1-v3 "
     "is not authorized to publish on topic: deny/x",
     "denial unknown publish not_authorized client=deny1-v3 topic=deny/x"},
    {"an id that imitates its user name", "moquette",
     kMoquette + "Authenticator has rejected the MQTT credentials CId=victim, username=x, username=dev",
     "CONNACK sent unknown 0x04 inferred peer=127.0.0.1:36446"},

    {"a user and an address", "artemis",
     kArtemis + "AMQ222216: Security problem while authenticating: AMQ229031: Unable to validate user from "
                "127.0.0.1:50084. Username: dev; SSL certificate subject DN: unavailable",
     "CONNACK sent unknown 0x86 inferred user=dev peer=127.0.0.1:50084"},
    {"no user", "artemis",
     kArtemis + "AMQ222216: Security problem while authenticating: AMQ229031: Unable to validate user from "
                "/127.0.0.1:50096. Username: null; SSL certificate subject DN: unavailable",
     "CONNACK sent unknown 0x86 inferred peer=127.0.0.1:50096"},
    {"a session", "artemis",
     "2026-11-29 21:25:56,548 TRACE [org.apache.activemq.artemis.core.protocol.mqtt.MQTTUtil] MQTT(dev): OUT "
     ">> "
     "PUBREC(1) reasonCode=0x87 ",
     "PUBREC sent 5.0 0x87 explicit client=dev"},
    {"no session yet", "artemis",
     "2026-11-29 21:25:35,446 TRACE [org.apache.activemq.artemis.core.protocol.mqtt.MQTTUtil] MQTT(null): "
     "OUT >> "
     "CONNACK connectReasonCode=0x87 , sessionPresent=false",
     "CONNACK sent 5.0 0x87 explicit"},

    {"three texts of a client", "nanomq", kNano + "acl deny publish clientid [dev1] username [u] topic [a/b",
     ""},
    {"a denied message", "nanomq", kNano + "acl deny publish clientid [dev1] username [u] topic [a/b]",
     "denial unknown publish not_authorized client=dev1 user=u topic=a/b"},
    {"an id that imitates its user name", "nanomq",
     kNano + "acl deny publish clientid [victim] username [x] username [u] topic [a/b]",
     "denial unknown publish not_authorized"},
    {"no client", "nanomq", kNano + "Invalid auth info.", "close unknown not_authorized broker"},

    {"an address in front of the id", "tbmq",
     kTbmq + "[127.0.0.1][c2][5f0d] Init client disconnection. Reason - ON_KEEP_ALIVE(Client was inactive "
             "too long).",
     "close unknown keep_alive_timeout broker client=c2 peer=127.0.0.1"},
    {"a denied filter", "tbmq",
     "2026-05-13 10:00:08,123 [mqtt-actor-1] WARN  o.t.m.b.a.c.s.h.MqttSubscribeHandler - [c][5f0d] Client "
     "is not "
     "authorized to subscribe to the topic a/b",
     "SUBACK sent unknown 0x87 inferred client=c topic=a/b"},
    {"an id that imitates a session", "tbmq",
     kTbmq + "[127.0.0.1][a][b][5f0d] Init client disconnection. Reason - ON_KEEP_ALIVE(Client was inactive "
             "too long).",
     "close unknown keep_alive_timeout broker client=a][b peer=127.0.0.1"},

    {"an address", "amqtt", kAmqtt + "ERROR - No data from (client @=127.0.0.1:59316) : No more data",
     "close unknown connection_closed unknown peer=127.0.0.1:59316 text=No more data"},
    {"a denied message", "amqtt", kAmqtt + "INFO - c1 not allowed to publish to TOPIC prohibited.",
     "denial 3.1.1 publish not_authorized client=c1 topic=prohibited"},

    {"a filter in words", "rumqttd",
     "  2026-11-29T23:47:15.077332Z  WARN rumqttd::router::routing: Subscription cannot be validated: "
     "Invalid filter "
     "prefix $SYS/#",
     "close unknown topic_filter_invalid broker text=Invalid filter prefix $SYS/#"},
    {"an id that is refused", "rumqttd", kRumqttd + "Invalid client_id: Invalid client_id a+",
     "close unknown client_identifier_not_valid broker client=a+"},

    {"the log of the cloud", "aws-iot",
     R"({"status": "Failure", "eventType": "Publish-In", "clientId": "c1", "principalId": "p", "sourceIp": )"
     R"("192.0.2.1", "topicName": "a", "reason": "AUTHORIZATION_FAILURE", "details": "Authorization Failure"})",
     "denial unknown publish not_authorized client=c1 peer=192.0.2.1 topic=a text=Authorization Failure"},
};

TEST(SubjectOfProfile, IsWhatItsLinesName) {
  for (const LineCase& c : kLines) {
    SCOPED_TRACE(std::string(c.profile) + ": " + c.why);
    EXPECT_EQ(joined(test::subjects_of(c.profile, {c.line})), c.event);
  }
}

struct MessageCase {
  const char* why;
  const char* profile;
  const char* topic;
  std::string payload;
  std::string event;
};

const MessageCase kMessages[] = {
    {"connected_at distinguishes connections, and is not an address", "emqx",
     "$SYS/brokers/emqx@127.0.0.1/clients/c1/disconnected",
     R"({"username":"user1","reason":"keepalive_timeout","proto_ver":4,"ipaddress":"192.0.2.7","connected_at":1,)"
     R"("clientid":"c1"})",
     "close 3.1.1 keep_alive_timeout broker client=c1 user=user1 peer=192.0.2.7"},
    {"without an address", "emqx", "$SYS/brokers/emqx@127.0.0.1/clients/c1/disconnected",
     R"({"reason":"keepalive_timeout","proto_ver":4,"connected_at":1,"clientid":"c1","username":"undefined"})",
     "close 3.1.1 keep_alive_timeout broker client=c1"},
    {"a republished event", "emqx", "exporter/client_check_authz",
     R"({"clientid":"c1","username":"u","peerhost":"192.0.2.7","topic":"a/b","action":"publish","result":"deny"})",
     "denial unknown publish not_authorized client=c1 user=u peer=192.0.2.7 topic=a/b"},
    {"a member that occurs twice", "emqx", "exporter/client_check_authz",
     R"({"clientid":"c1","clientid":"c2","username":"u","action":"publish","result":"deny"})",
     "denial unknown publish not_authorized user=u"},
    {"no user name", "nanomq", "$SYS/brokers/connected",
     R"_({"username":"(null)", "return_code":"4","proto_ver":4,"client_id":"a", "IPv4":"127.0.0.1"})_",
     "CONNACK sent 3.1.1 0x04 explicit client=a peer=127.0.0.1"},
    {"a user name that adds a member", "nanomq", "$SYS/brokers/connected",
     R"({"username":"x","IPv4":"9.9.9.9","username":"y", "return_code":"4","proto_ver":4,"client_id":"a",)"
     R"("IPv4":"127.0.0.1"})",
     "CONNACK sent 3.1.1 0x04 explicit client=a"},
    {"a user name that is not valid JSON", "nanomq", "$SYS/brokers/connected",
     R"({"username":"x\q", "return_code":"4","proto_ver":4,"client_id":"a", "IPv4":"127.0.0.1"})",
     "CONNACK sent 3.1.1 0x04 explicit client=a peer=127.0.0.1"},
    {"a peer that is an address", "rmqtt", "$SYS/brokers/1/clients/c/disconnected",
     R"_({"node":1,"ipaddress":"127.0.0.1:40000","clientid":"c","username":"u","reason":"Disconnect(V3)"})_",
     "close unknown normal_disconnection client client=c user=u peer=127.0.0.1:40000"},
    {"a payload that is an id", "aedes", "$SYS/aedes-1/disconnect/clients", "c1",
     "close unknown connection_closed unknown client=c1"},
    {"the id in a list of codes", "aedes", "$SYS/aedes-1/new/subscribes",
     R"({"clientId":"c1","subs":[{"topic":"denied/a","qos":128}]})",
     "SUBACK sent unknown 0x80 explicit client=c1"},
    {"presence", "aws-iot", "$aws/events/presence/connect_failed/c1",
     R"({"clientId": "c1", "timestamp": 1, "eventType": "connect_failed", "connectFailureReason": )"
     R"("AUTHORIZATION_FAILED", "sessionIdentifier": "0000", "ipAddress": "192.0.2.0"})",
     "close unknown not_authorized broker client=c1 peer=192.0.2.0"},
};

TEST(SubjectOfProfile, IsWhatItsMessagesName) {
  for (const MessageCase& c : kMessages) {
    SCOPED_TRACE(std::string(c.profile) + ": " + c.why);
    EXPECT_EQ(joined(test::subjects_of(c.profile, c.topic, c.payload)), c.event);
  }
}

// Every error of every example: a subject has no text that the broker writes instead of one.
TEST(SubjectOfProfile, IsNeverAPlaceholder) {
  for (const auto& [file, yaml] : test::profile_files()) {
    SCOPED_TRACE(file);
    const auto profile = load_profile(yaml, file).value();
    for (const Rule& rule : profile->rules) {
      for (const Example& example : rule.examples) {
        const auto kind = example.input.topic.empty() ? SourceKind::log : SourceKind::mqtt;
        if (!profile->source(kind).supported) continue;
        const auto decoder = make_decoder(profile, kind, 64);
        test::Subjects sink(*decoder);
        decoder->decode({example.input.payload, example.input.topic, example.input.retained}, sink);
        decoder->settle(sink);
        for (const std::string& text : sink.texts) {
          for (const char* placeholder :
               {"undefined", "<unknown>", "UNKNOWN", "(null)", "null", "-", "N/A", "<nil>"}) {
            for (const char* part : {" client=", " user=", " peer=", " topic="}) {
              const std::size_t at = text.find(part + std::string(placeholder));
              const std::size_t end = at + std::strlen(part) + std::strlen(placeholder);
              EXPECT_FALSE(at != std::string::npos && (end == text.size() || text[end] == ' ')) << text;
            }
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace mre
