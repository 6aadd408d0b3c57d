// SPDX-License-Identifier: Apache-2.0
// Adapts Paho MQTT C++ (1.2 to 1.5). What the code below relies on:
// - Paho calls back on its own thread with its global mutex locked. So a callback only stores its data and
//   returns. A client that has been destroyed calls no more. An exception out of a callback ends the process.
// - Creating, destroying and commanding clients on several threads at once is not safe: Paho iterates the
//   list of commands without locking it. So all these calls hold a mutex of ours.
// - Destroying the last client shuts the library down: it stops its threads and frees its tables without
//   checking for new clients, and a thread that is still running writes into the freed trace (Log.c,
//   Log_stackTrace and Log_terminate). So an idle client is never destroyed.
// - The code of a CONNACK is the token's return code (also in MQTT 5.0). The code of a SUBACK that refuses a
//   single filter is its reason code in MQTT 5.0 and its return code in 3.1.1.
// - Paho cannot send options with more than one filter (before 1.3 it dereferences a null pointer). In 3.1.1
//   it reads as many codes from a SUBACK as there were filters, however few the broker sent: an integer
//   becomes a pointer (server_response.h, subscribe_response). So each filter has a SUBSCRIBE of its own. A
//   SUBACK with several codes for one filter then gives the low half of a pointer as the code, which is not a
//   byte.
// - Only the disconnected handler reports a DISCONNECT of the broker, and only connection_lost any other end.
// - A message of QoS 0 or 1 is delivered before it is acknowledged, and QoS 2 in MQTT 5.0 too. QoS 2 in 3.1.1
//   is stored in the client until the PUBREL, so it is lost with the client in between.
// - The session belongs to the broker: a new client with the same id and without a clean start receives the
//   unacknowledged messages again, with DUP, whatever the last client knew.
// - Paho accepts packets of any length, and stores any number of messages of QoS 2 until their PUBREL, even
//   if QoS 1 was requested: ReceiveLimit and UnreleasedMessages limit both.
// - Paho sends a ping after one keep-alive of silence in either direction, and gives up after one and a half
//   more. It checks every tenth of the keep-alive (of the client that connected last, 0.1 s to 5 s).
// - It does not verify the host name by default. Its handler for TLS errors uses freed memory (before 1.3),
//   so it is not used.
#include "exporter/subscribe/paho_client.h"

// Makes the accessors of the C structs public, because the packet identifier of a message is nowhere else.
// They are inline and do not change the layout of the classes.
#define UNIT_TESTS
#include <mqtt/async_client.h>
#undef UNIT_TESTS

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <utility>

#include "exporter/base/text.h"
#include "exporter/subscribe/redelivery_filter.h"

namespace mre {
namespace {

namespace paho = ::mqtt;  // mqtt is mre::mqtt here

std::mutex& library_mutex() {
  static std::mutex mutex;
  return mutex;
}

/// Creates the client that is never destroyed. Call with library_mutex locked.
void keep_library_alive() {
  union Lasting {
    Lasting() : client("tcp://127.0.0.1:1883", "idle") {}
    ~Lasting() {}
    paho::async_client client;
  };
  static Lasting idle;
}

std::string paho_uri(const BrokerUrl& url) {
  const std::string text = url.text();
  return (url.tls ? "ssl" : "tcp") + text.substr(text.find("://"));
}

int paho_version(mqtt::Protocol protocol) {
  return protocol == mqtt::Protocol::v5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1;
}

/// The keep-alive for the library and the broker. The connection must end within 2.5 times the configured
/// one: that is 2.5 times this one, and two checks of the library.
std::chrono::seconds paho_keep_alive(const MqttOptions& options) {
  return std::max(std::chrono::seconds(1), (options.keep_alive * 25 - std::chrono::seconds(10)) / 27);
}

constexpr int kNoCode = -1;  // not a code

/// The library converts any integer to ReasonCode, so the value may not be a valid enumerator.
int code_of(const paho::ReasonCode& code) {
  int value = 0;
  static_assert(sizeof code == sizeof value);
  std::memcpy(&value, &code, sizeof value);
  return value;
}

/// Runs `call`, which commands a client.
template <class Call>
Result<void> command(Call&& call) try {
  const std::lock_guard lock(library_mutex());
  call();
  return {};
} catch (const std::exception& error) {
  return fail(Errc::unavailable, printable(error.what()));
}

/// Runs `call` in a callback of the library.
template <class Call>
void guarded(ClientObserver& observer, Call&& call) noexcept try {
  call();
} catch (...) {
  observer.on_callback_failure();
}

/// The longest packet that the library may receive. In MQTT 5.0 it is the one that the exporter announces
/// (section 3.1.2.11.4): the library makes up to 85 bytes of each byte of properties.
std::size_t packet_limit(const MqttOptions& options) {
  return options.protocol == mqtt::Protocol::v5 ? options.max_packet_bytes : options.queue_bytes;
}

/// Counts the messages of QoS 2 that the broker has not released: the library asks to store each one before
/// it accepts it. In MQTT 3.1.1 it also holds their payloads. This class stores nothing.
class UnreleasedMessages final : public paho::iclient_persistence {
 public:
  UnreleasedMessages(const MqttOptions& options, std::function<void(std::string)> full)
      : counts_bytes_(options.protocol != mqtt::Protocol::v5),
        max_bytes_(options.queue_bytes),
        on_full_(std::move(full)) {}

  void put(const std::string& key, const std::vector<paho::string_view>& pieces) override {
    if (!key.starts_with('r')) return;  // our own command, not a received message
    std::size_t bytes = 0;
    for (const auto& piece : pieces) bytes += piece.size();
    remove(key);
    if (bytes_by_key_.size() < RedeliveryFilter::kRemembered &&
        (!counts_bytes_ || bytes <= max_bytes_ - bytes_)) {
      bytes_by_key_[key] = bytes;
      bytes_ += bytes;
      return;
    }
    if (!std::exchange(full_reported_, true))
      on_full_("sent too many messages of QoS 2 without releasing them (" +
               std::to_string(bytes_by_key_.size()) +
               (counts_bytes_ ? " with " + std::to_string(bytes_) + " bytes; the limits are "
                              : "; the limit is ") +
               std::to_string(RedeliveryFilter::kRemembered) + (counts_bytes_ ? " and queue_bytes)" : ")"));
    throw paho::persistence_exception();
  }
  void remove(const std::string& key) override {
    const auto entry = bytes_by_key_.find(key);
    if (entry == bytes_by_key_.end()) return;
    bytes_ -= entry->second;
    bytes_by_key_.erase(entry);
  }
  void open(const std::string&, const std::string&) override {}
  void close() override {}
  void clear() override {
    bytes_by_key_.clear();
    bytes_ = 0;
  }
  bool contains_key(const std::string&) override { return false; }
  paho::string_collection keys() const override { return {}; }
  std::string get(const std::string&) const override { return {}; }

 private:
  const bool counts_bytes_;
  const std::size_t max_bytes_;
  const std::function<void(std::string)> on_full_;
  std::map<std::string, std::size_t> bytes_by_key_;
  std::size_t bytes_ = 0;       ///< Never above max_bytes_.
  bool full_reported_ = false;  ///< Set when the limit was reported.
};

/// The outcome of one CONNECT or SUBSCRIBE.
class Outcome : public virtual paho::iaction_listener {
 public:
  using Handler = std::function<void(const paho::token&)>;
  Outcome(ClientObserver& observer, Handler success, Handler failure)
      : observer_(observer), success_(std::move(success)), failure_(std::move(failure)) {}

  void on_success(const paho::token& token) override {
    guarded(observer_, [&] { success_(token); });
  }
  void on_failure(const paho::token& token) override {
    guarded(observer_, [&] { failure_(token); });
  }

 private:
  ClientObserver& observer_;
  Handler success_;
  Handler failure_;
};

}  // namespace

class PahoClient::Connection {
 public:
  Connection(ClientObserver& observer, const MqttOptions& options, const BrokerUrl& url,
             const std::string& client_id);

  void connect(const std::string& password, bool keep_session) {
    client_.connect(connect_options(password, keep_session), nullptr, connect_);
  }
  void subscribe(bool retained_again);
  void unsubscribe(const std::vector<std::string>& topics) {
    client_.unsubscribe(paho::string_collection::create(topics), nullptr, unsubscribe_);
  }

 private:
  paho::connect_options connect_options(const std::string& password, bool keep_session) const;
  void add_session(paho::connect_options& connect, bool keep_session) const;
  void report(BrokerEvent::Kind kind, std::vector<std::uint8_t> codes, std::string text = {}) {
    observer_.on_event({kind, std::move(codes), std::move(text)});
  }
  void report_failure(int return_code) {
    if (!report_flood()) report(BrokerEvent::Kind::failed, {}, MQTTAsync_strerror(return_code));
  }
  bool report_flood();
  void on_connect_success(const paho::token& token);
  void on_connect_failure(const paho::token& token);
  void on_subscribe_success(const paho::token& token);
  void on_subscribe_failure(const paho::token& token);
  void on_suback(const paho::token& token, int code);
  void set_handlers();

  ClientObserver& observer_;
  const MqttOptions& options_;
  const BrokerUrl& url_;
  Outcome connect_;
  Outcome subscribe_;
  Outcome unsubscribe_;
  std::vector<std::uint8_t> codes_;  ///< Codes of the SUBACKs, one for each filter.
  std::size_t answer_count_ = 0;     ///< The number of SUBACKs received.
  UnreleasedMessages unreleased_;
  paho::async_client client_;  ///< Last: its destruction comes first and still calls the listeners.
};

PahoClient::Connection::Connection(ClientObserver& observer, const MqttOptions& options, const BrokerUrl& url,
                                   const std::string& client_id)
    : observer_(observer),
      options_(options),
      url_(url),
      connect_(
          observer, [this](const paho::token& token) { on_connect_success(token); },
          [this](const paho::token& token) { on_connect_failure(token); }),
      subscribe_(
          observer, [this](const paho::token& token) { on_subscribe_success(token); },
          [this](const paho::token& token) { on_subscribe_failure(token); }),
      unsubscribe_(
          observer, [](const paho::token&) {}, [](const paho::token&) {}),
      unreleased_(options,
                  [this](std::string what) { report(BrokerEvent::Kind::flooded, {}, std::move(what)); }),
      client_(paho_uri(url), client_id, paho::create_options(paho_version(options.protocol)), &unreleased_) {
  set_handlers();
}

void PahoClient::Connection::set_handlers() {
  client_.set_message_callback([this](const paho::const_message_ptr& message) {
    guarded(observer_, [&] {
      const auto& payload = message->get_payload_ref();
      observer_.on_message({.topic = message->get_topic(),
                            .payload = {payload.data(), payload.length()},
                            .retained = message->is_retained(),
                            .packet_id = static_cast<std::uint16_t>(message->c_struct().msgid),
                            .duplicate = message->is_duplicate()});
    });
  });
  client_.set_connection_lost_handler([this](const std::string&) {
    guarded(observer_, [&] {
      if (!report_flood()) report(BrokerEvent::Kind::closed, {});
    });
  });
  client_.set_disconnected_handler([this](const paho::properties&, paho::ReasonCode code) {
    guarded(observer_, [&] { report(BrokerEvent::Kind::closed, {static_cast<std::uint8_t>(code)}); });
  });
}

/// Reports a connection that was ended because of a packet above the limit; returns whether it was. The
/// library calls back on the thread that received the packet.
bool PahoClient::Connection::report_flood() {
  const std::size_t bytes = ReceiveLimit::pop_refused();
  if (bytes == 0) return false;
  report(BrokerEvent::Kind::flooded, {},
         "sent a packet of " + std::to_string(bytes) + " bytes or more; the limit is " +
             (options_.protocol == mqtt::Protocol::v5 ? "max_packet_bytes (" : "queue_bytes (") +
             std::to_string(packet_limit(options_)) + ")");
  return true;
}

void PahoClient::Connection::on_connect_success(const paho::token& token) {
  const bool present = token.get_connect_response().is_session_present();
  observer_.on_event({.kind = BrokerEvent::Kind::connected, .codes = {0}, .session_present = present});
}

void PahoClient::Connection::on_connect_failure(const paho::token& token) {
  const int code = token.get_return_code();
  if (code <= 0 || code > 0xFF) return report_failure(code);
  report(BrokerEvent::Kind::refused, {static_cast<std::uint8_t>(code)});
}

void PahoClient::Connection::on_subscribe_success(const paho::token& token) {
  const auto response = token.get_subscribe_response();
  const auto& codes = response.get_reason_codes();
  on_suback(token, codes.size() == 1 ? code_of(codes.front()) : kNoCode);
}

void PahoClient::Connection::on_subscribe_failure(const paho::token& token) {
  const bool v5 = options_.protocol == mqtt::Protocol::v5;
  const int code = v5 ? static_cast<int>(token.get_reason_code()) : token.get_return_code();
  if (code < 0x80 || code >= 0xFF) return report_failure(token.get_return_code());
  on_suback(token, code);
}

/// The context of a token is the index of its filter.
void PahoClient::Connection::on_suback(const paho::token& token, int code) {
  if (code < 0 || code > 0xFF)
    return report(BrokerEvent::Kind::failed, {},
                  "a SUBACK does not have exactly one code for its topic filter");
  codes_.at(reinterpret_cast<std::uintptr_t>(token.get_user_context())) = static_cast<std::uint8_t>(code);
  if (++answer_count_ == codes_.size()) report(BrokerEvent::Kind::subscribed, codes_);
}

paho::connect_options PahoClient::Connection::connect_options(const std::string& password,
                                                              bool keep_session) const {
  paho::connect_options connect;
  connect.set_mqtt_version(paho_version(options_.protocol));
  connect.set_automatic_reconnect(false);
  connect.set_keep_alive_interval(static_cast<int>(paho_keep_alive(options_).count()));
  // Longer than ours, because it does not report whether the connection or the answer is missing.
  connect.set_connect_timeout(static_cast<int>(options_.connect_timeout.count()) + 5);
  if (!options_.username.empty()) connect.set_user_name(options_.username);
  if (!password.empty()) connect.set_password(password);
  add_session(connect, keep_session);
  if (url_.tls) {
    paho::ssl_options ssl;
    if (!options_.ca_file.empty()) ssl.set_trust_store(options_.ca_file);
    if (!options_.cert_file.empty()) ssl.set_key_store(options_.cert_file);
    if (!options_.key_file.empty()) ssl.set_private_key(options_.key_file);
    ssl.set_enable_server_cert_auth(true);
    ssl.set_verify(options_.verify_host_name);
    connect.set_ssl(ssl);
  }
  return connect;
}

void PahoClient::Connection::add_session(paho::connect_options& connect, bool keep_session) const {
  if (options_.protocol != mqtt::Protocol::v5) return connect.set_clean_session(!keep_session);
  connect.set_clean_start(!keep_session);
  paho::properties properties;
  properties.add({paho::property::MAXIMUM_PACKET_SIZE, static_cast<std::int32_t>(options_.max_packet_bytes)});
  properties.add({paho::property::RECEIVE_MAXIMUM, static_cast<std::int32_t>(RedeliveryFilter::kRemembered)});
  if (keep_session) {
    properties.add({paho::property::SESSION_EXPIRY_INTERVAL,
                    static_cast<std::int32_t>(options_.session_expiry.count())});
  }
  connect.set_properties(std::move(properties));
}

void PahoClient::Connection::subscribe(bool retained_again) {
  codes_.assign(options_.topics.size(), 0);
  answer_count_ = 0;
  const auto retained = retained_again ? paho::subscribe_options::SEND_RETAINED_ON_SUBSCRIBE
                                       : paho::subscribe_options::SEND_RETAINED_ON_NEW;
  const paho::subscribe_options each(false, false, retained);  // not sent in MQTT 3.1.1
  for (std::size_t i = 0; i < codes_.size(); ++i)
    client_.subscribe(options_.topics[i], options_.qos, reinterpret_cast<void*>(i), subscribe_, each);
}

PahoClient::PahoClient(ClientObserver& observer, const MqttOptions& options, const BrokerUrl& url)
    : observer_(observer), options_(options), url_(url), limit_(packet_limit(options)) {}

PahoClient::~PahoClient() { close(); }

std::chrono::milliseconds PahoClient::shortest_ping_loss(const MqttOptions& options) {
  return std::chrono::milliseconds(paho_keep_alive(options)) * 3 / 2;
}

Result<void> PahoClient::connect(const std::string& client_id, const std::string& password,
                                 bool keep_session) {
  return command([&] {
    keep_library_alive();
    connection_ = std::make_unique<Connection>(observer_, options_, url_, client_id);
    connection_->connect(password, keep_session);
  });
}

Result<void> PahoClient::subscribe(bool retained_again) {
  return command([&] { connection_->subscribe(retained_again); });
}

Result<void> PahoClient::unsubscribe(const std::vector<std::string>& topics) {
  return command([&] { connection_->unsubscribe(topics); });
}

void PahoClient::close() {
  const std::lock_guard lock(library_mutex());
  connection_.reset();
}

}  // namespace mre
