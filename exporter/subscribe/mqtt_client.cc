// SPDX-License-Identifier: Apache-2.0
// Paho MQTT C++ (1.2 to 1.5) behind the shape we need. What we know of it, and rely on:
// - It calls back on its own thread with its global lock held. So a callback hands over and
//   returns, and a client that has been destroyed calls no more. What leaves a callback as an
//   exception ends the process.
// - Creating, destroying and commanding clients on several threads at once is not safe: it walks
//   through the list of commands without the lock that guards it. So all of that happens under one
//   lock of ours.
// - Destroying the last client ends the library: it stops its threads and frees its tables without
//   looking who came meanwhile, and a thread that is not quite gone goes on writing into the trace
//   that was freed (Log.c, Log_stackTrace and Log_terminate). So an idle client is never destroyed.
// - The code of a CONNACK is the token's return code (MQTT 5.0 too), the code of a SUBACK that
//   refuses a single filter is its reason code in MQTT 5.0 and its return code in 3.1.1.
// - It cannot send options with more than one filter (before 1.3 it follows a null pointer), and in
//   3.1.1 it reads as many codes from a SUBACK as there were filters, however few the broker sent: an
//   integer becomes a pointer (server_response.h, subscribe_response). So each filter has a SUBSCRIBE
//   of its own. A SUBACK with several codes for one filter then gives the low half of a pointer as the
//   code, which is no byte.
// - A DISCONNECT from the broker is told by the disconnected handler alone, any other end by
//   connection_lost alone.
// - A message of QoS 0 or 1 is handed over before it is acknowledged, QoS 2 in MQTT 5.0 too. QoS 2
//   in 3.1.1 is kept in the client until the PUBREL, so it is lost with the client in between.
// - A session is the broker's: a new client with the same id and without a clean start gets the
//   unacknowledged messages again, with DUP, whatever the last client knew.
// - It takes packets of any length, and keeps any number of messages of QoS 2 until their PUBREL, also if QoS
//   1 was asked for: ReceiveLimit and Unreleased bound both.
// - It sends a ping after one keep-alive of silence in either direction, and gives up after one and
//   a half more. It looks every tenth of the keep-alive (of the client that connected last, 0.1 s
//   to 5 s).
// - It does not verify the host name unless told to. Its handler for TLS errors uses freed memory
//   (before 1.3): unused.
#include "exporter/subscribe/mqtt_client.h"

// Opens the accessors of the C structs: a message's packet identifier is nowhere else. They are inline, the
// layout of the classes stays.
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
#include "exporter/subscribe/mqtt_taken.h"

namespace mre {
namespace {

namespace paho = ::mqtt;  // Not to be confused with mre::mqtt.

std::mutex& library_lock() {
  static std::mutex mutex;
  return mutex;
}

/// Makes the client that is never destroyed, the first time. Call with library_lock held.
void keep_library_running() {
  union Lasting {
    Lasting() : client("tcp://127.0.0.1:1883", "idle") {}
    ~Lasting() {}
    paho::async_client client;
  };
  static Lasting idle;
}

std::string paho_uri(const MqttUrl& url) {
  const std::string text = url.text();
  return (url.tls ? "ssl" : "tcp") + text.substr(text.find("://"));
}

int paho_version(mqtt::Protocol protocol) {
  return protocol == mqtt::Protocol::v5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1;
}

/// What the library and the broker are told, so that the connection ends within 2.5 of what the user said:
/// 2.5 of this, and two looks of the library.
std::chrono::seconds paho_keep_alive(const MqttOptions& options) {
  return std::max(std::chrono::seconds(1), (options.keep_alive * 25 - std::chrono::seconds(10)) / 27);
}

constexpr int kNoByte = -1;  // instead of a code

/// The library makes a ReasonCode of any integer; one that is none of its values must not be read as one.
int code_of(const paho::ReasonCode& code) {
  int value = 0;
  static_assert(sizeof code == sizeof value);
  std::memcpy(&value, &code, sizeof value);
  return value;
}

/// Runs `call`, which commands a client.
template <class Call>
Result<void> command(Call&& call) try {
  const std::lock_guard lock(library_lock());
  call();
  return {};
} catch (const std::exception& error) {
  return fail(Errc::unavailable, printable(error.what()));
}

/// Runs `call`, which is the library's.
template <class Call>
void guarded(MqttObserver& observer, Call&& call) noexcept try {
  call();
} catch (...) {
  observer.on_callback_failure();
}

/// Counts the messages of QoS 2 that the broker has not released yet: the library wants to store each before
/// it takes it. Of MQTT 3.1.1 it holds the payloads, too. Nothing is stored here.
class Unreleased final : public paho::iclient_persistence {
 public:
  Unreleased(const MqttOptions& options, std::function<void(std::string)> full)
      : counts_bytes_(options.protocol != mqtt::Protocol::v5),
        most_bytes_(options.queue_bytes),
        full_(std::move(full)) {}

  void put(const std::string& key, const std::vector<paho::string_view>& pieces) override {
    if (!key.starts_with('r')) return;  // not a message received, but a command of ours
    std::size_t bytes = 0;
    for (const auto& piece : pieces) bytes += piece.size();
    remove(key);
    if (held_.size() < MqttTaken::kRemembered && (!counts_bytes_ || bytes <= most_bytes_ - bytes_)) {
      held_[key] = bytes;
      bytes_ += bytes;
      return;
    }
    if (!std::exchange(is_full_, true))
      full_("sent more messages of QoS 2 than may be unreleased (" + std::to_string(held_.size()) + " with " +
            std::to_string(bytes_) + " bytes; the limits are " + std::to_string(MqttTaken::kRemembered) +
            " and queue_bytes)");
    throw paho::persistence_exception();
  }
  void remove(const std::string& key) override {
    const auto held = held_.find(key);
    if (held == held_.end()) return;
    bytes_ -= held->second;
    held_.erase(held);
  }
  void open(const std::string&, const std::string&) override {}
  void close() override {}
  void clear() override {
    held_.clear();
    bytes_ = 0;
  }
  bool contains_key(const std::string&) override { return false; }
  paho::string_collection keys() const override { return {}; }
  std::string get(const std::string&) const override { return {}; }

 private:
  const bool counts_bytes_;
  const std::size_t most_bytes_;
  const std::function<void(std::string)> full_;
  std::map<std::string, std::size_t> held_;
  std::size_t bytes_ = 0;  ///< Never above most_bytes_.
  bool is_full_ = false;   ///< That was said.
};

/// The outcome of one CONNECT or SUBSCRIBE.
class Answer : public virtual paho::iaction_listener {
 public:
  using Handler = std::function<void(const paho::token&)>;
  Answer(MqttObserver& observer, Handler success, Handler failure)
      : observer_(observer), success_(std::move(success)), failure_(std::move(failure)) {}

  void on_success(const paho::token& token) override {
    guarded(observer_, [&] { success_(token); });
  }
  void on_failure(const paho::token& token) override {
    guarded(observer_, [&] { failure_(token); });
  }

 private:
  MqttObserver& observer_;
  Handler success_;
  Handler failure_;
};

}  // namespace

class MqttClient::Connection {
 public:
  Connection(MqttObserver& observer, const MqttOptions& options, const MqttUrl& url,
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
  void tell(MqttEvent::Kind kind, std::vector<std::uint8_t> codes, std::string text = {}) {
    observer_.on_event({kind, std::move(codes), std::move(text)});
  }
  void tell_failed(int return_code) {
    if (!told_flood()) tell(MqttEvent::Kind::failed, {}, MQTTAsync_strerror(return_code));
  }
  bool told_flood();
  void on_connect_success(const paho::token& token);
  void on_connect_failure(const paho::token& token);
  void on_subscribe_success(const paho::token& token);
  void on_subscribe_failure(const paho::token& token);
  void on_suback(const paho::token& token, int code);
  void set_handlers();

  MqttObserver& observer_;
  const MqttOptions& options_;
  const MqttUrl& url_;
  Answer connect_;
  Answer subscribe_;
  Answer unsubscribe_;
  std::vector<std::uint8_t> codes_;  ///< Of the SUBACKs: one for each filter.
  std::size_t answered_ = 0;         ///< How many of them are there.
  Unreleased unreleased_;
  paho::async_client client_;  ///< Last: its destruction comes first and still answers what is open.
};

MqttClient::Connection::Connection(MqttObserver& observer, const MqttOptions& options, const MqttUrl& url,
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
      unreleased_(options, [this](std::string what) { tell(MqttEvent::Kind::flooded, {}, std::move(what)); }),
      client_(paho_uri(url), client_id, paho::create_options(paho_version(options.protocol)), &unreleased_) {
  set_handlers();
}

void MqttClient::Connection::set_handlers() {
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
      if (!told_flood()) tell(MqttEvent::Kind::closed, {});
    });
  });
  client_.set_disconnected_handler([this](const paho::properties&, paho::ReasonCode code) {
    guarded(observer_, [&] { tell(MqttEvent::Kind::closed, {static_cast<std::uint8_t>(code)}); });
  });
}

/// Whether the connection ended for a packet that was too long. The library calls back on the thread that
/// received it.
bool MqttClient::Connection::told_flood() {
  const std::size_t bytes = ReceiveLimit::take_refused();
  if (bytes == 0) return false;
  tell(MqttEvent::Kind::flooded, {},
       "sent a packet of " + std::to_string(bytes) + " bytes or more; the limit is queue_bytes (" +
           std::to_string(options_.queue_bytes) + ")");
  return true;
}

void MqttClient::Connection::on_connect_success(const paho::token& token) {
  const bool present = token.get_connect_response().is_session_present();
  observer_.on_event({.kind = MqttEvent::Kind::connected, .codes = {0}, .session_present = present});
}

void MqttClient::Connection::on_connect_failure(const paho::token& token) {
  const int code = token.get_return_code();
  if (code <= 0 || code > 0xFF) return tell_failed(code);
  tell(MqttEvent::Kind::refused, {static_cast<std::uint8_t>(code)});
}

void MqttClient::Connection::on_subscribe_success(const paho::token& token) {
  const auto response = token.get_subscribe_response();
  const auto& codes = response.get_reason_codes();
  on_suback(token, codes.size() == 1 ? code_of(codes.front()) : kNoByte);
}

void MqttClient::Connection::on_subscribe_failure(const paho::token& token) {
  const bool v5 = options_.protocol == mqtt::Protocol::v5;
  const int code = v5 ? static_cast<int>(token.get_reason_code()) : token.get_return_code();
  if (code < 0x80 || code >= 0xFF) return tell_failed(token.get_return_code());
  on_suback(token, code);
}

/// The context of a token is the number of its filter.
void MqttClient::Connection::on_suback(const paho::token& token, int code) {
  if (code < 0 || code > 0xFF)
    return tell(MqttEvent::Kind::failed, {}, "a SUBACK has not one code for its one topic filter");
  codes_.at(reinterpret_cast<std::uintptr_t>(token.get_user_context())) = static_cast<std::uint8_t>(code);
  if (++answered_ == codes_.size()) tell(MqttEvent::Kind::subscribed, codes_);
}

paho::connect_options MqttClient::Connection::connect_options(const std::string& password,
                                                              bool keep_session) const {
  paho::connect_options connect;
  connect.set_mqtt_version(paho_version(options_.protocol));
  connect.set_automatic_reconnect(false);
  connect.set_keep_alive_interval(static_cast<int>(paho_keep_alive(options_).count()));
  // Longer than ours: it does not tell whether there was no connection or no answer.
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

void MqttClient::Connection::add_session(paho::connect_options& connect, bool keep_session) const {
  if (options_.protocol != mqtt::Protocol::v5) return connect.set_clean_session(!keep_session);
  connect.set_clean_start(!keep_session);
  paho::properties properties;
  properties.add({paho::property::MAXIMUM_PACKET_SIZE, static_cast<std::int32_t>(options_.max_packet_bytes)});
  properties.add({paho::property::RECEIVE_MAXIMUM, static_cast<std::int32_t>(MqttTaken::kRemembered)});
  if (keep_session) {
    properties.add({paho::property::SESSION_EXPIRY_INTERVAL,
                    static_cast<std::int32_t>(options_.session_expiry.count())});
  }
  connect.set_properties(std::move(properties));
}

void MqttClient::Connection::subscribe(bool retained_again) {
  codes_.assign(options_.topics.size(), 0);
  answered_ = 0;
  const auto retained = retained_again ? paho::subscribe_options::SEND_RETAINED_ON_SUBSCRIBE
                                       : paho::subscribe_options::SEND_RETAINED_ON_NEW;
  const paho::subscribe_options each(false, false, retained);  // MQTT 3.1.1 has none: they are not sent
  for (std::size_t i = 0; i < codes_.size(); ++i)
    client_.subscribe(options_.topics[i], options_.qos, reinterpret_cast<void*>(i), subscribe_, each);
}

MqttClient::MqttClient(MqttObserver& observer, const MqttOptions& options, const MqttUrl& url)
    : observer_(observer), options_(options), url_(url), limit_(options.queue_bytes) {}

MqttClient::~MqttClient() { close(); }

std::chrono::milliseconds MqttClient::shortest_ping_loss(const MqttOptions& options) {
  return std::chrono::milliseconds(paho_keep_alive(options)) * 3 / 2;
}

Result<void> MqttClient::connect(const std::string& client_id, const std::string& password,
                                 bool keep_session) {
  return command([&] {
    keep_library_running();
    connection_ = std::make_unique<Connection>(observer_, options_, url_, client_id);
    connection_->connect(password, keep_session);
  });
}

Result<void> MqttClient::subscribe(bool retained_again) {
  return command([&] { connection_->subscribe(retained_again); });
}

Result<void> MqttClient::unsubscribe(const std::vector<std::string>& topics) {
  return command([&] { connection_->unsubscribe(topics); });
}

void MqttClient::close() {
  const std::lock_guard lock(library_lock());
  connection_.reset();
}

}  // namespace mre
