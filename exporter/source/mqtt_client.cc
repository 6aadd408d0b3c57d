// Paho MQTT C++ (1.2 to 1.5) behind the shape we need. What we know of it, and rely on:
// - It calls back on its own thread with its global lock held. So a callback hands over and returns, and a
// client that
//   has been destroyed calls no more. What leaves a callback as an exception ends the process.
// - Creating, destroying and commanding clients on several threads at once is not safe: destroying the last
// client
//   stops its threads and frees its tables without looking who came meanwhile, and it walks through the list
//   of commands without the lock that guards it. So all of that happens under one lock of ours, and an idle
//   client, which all our clients hold together, keeps its threads alive between the connections.
// - The code of a CONNACK is the token's return code (MQTT 5.0 too), the code of a SUBACK that refuses a
// single filter
//   is its reason code in MQTT 5.0 and its return code in 3.1.1.
// - A DISCONNECT from the broker is told by the disconnected handler alone, any other end by connection_lost
// alone.
// - It does not verify the host name unless told to. Its handler for TLS errors uses freed memory
// (before 1.3): unused.
#include "exporter/source/mqtt_client.h"

#include <mqtt/async_client.h>

#include <functional>
#include <mutex>
#include <utility>

#include "exporter/base/text.h"

namespace mre {
namespace {

namespace paho = ::mqtt;  // Not to be confused with mre::mqtt.

std::mutex& library_lock() {
  static std::mutex mutex;
  return mutex;
}

/// The client that keeps the library's threads alive while anybody holds it. Call with library_lock held; let
/// go of it with library_lock held.
std::shared_ptr<paho::async_client> keep_library_running() {
  static std::weak_ptr<paho::async_client> shared;
  auto keeper = shared.lock();
  if (!keeper) {
    keeper = std::make_shared<paho::async_client>("tcp://127.0.0.1:1883", "idle");
    shared = keeper;
  }
  return keeper;
}

std::string paho_uri(const MqttUrl& url) {
  const std::string text = url.text();
  return (url.tls ? "ssl" : "tcp") + text.substr(text.find("://"));
}

int paho_version(mqtt::Protocol protocol) {
  return protocol == mqtt::Protocol::v5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1;
}

/// The outcome of one CONNECT or SUBSCRIBE.
class Answer : public virtual paho::iaction_listener {
 public:
  using Handler = std::function<void(const paho::token&)>;
  Answer(MqttObserver& observer, Handler success, Handler failure)
      : observer_(observer), success_(std::move(success)), failure_(std::move(failure)) {}

  void on_success(const paho::token& token) override { call(success_, token); }
  void on_failure(const paho::token& token) override { call(failure_, token); }

 private:
  void call(const Handler& handler, const paho::token& token) noexcept {
    try {
      handler(token);
    } catch (...) {
      observer_.on_callback_failure();
    }
  }

  MqttObserver& observer_;
  Handler success_;
  Handler failure_;
};

}  // namespace

class MqttClient::Connection {
 public:
  Connection(MqttObserver& observer, const MqttOptions& options, const MqttUrl& url,
             const std::string& client_id);

  paho::connect_options connect_options(const std::string& password) const;
  void connect(const std::string& password) { client_.connect(connect_options(password), nullptr, connect_); }
  void subscribe();
  void unsubscribe(const std::vector<std::string>& topics) {
    client_.unsubscribe(paho::string_collection::create(topics), nullptr, unsubscribe_);
  }

 private:
  void tell(MqttEvent::Kind kind, std::vector<std::uint8_t> codes, std::string text = {}) {
    observer_.on_event({kind, std::move(codes), std::move(text)});
  }
  void tell_failed(int return_code) { tell(MqttEvent::Kind::failed, {}, MQTTAsync_strerror(return_code)); }
  void on_connect_failure(const paho::token& token);
  void on_subscribe_success(const paho::token& token);
  void on_subscribe_failure(const paho::token& token);
  void set_handlers();
  template <class Call>
  void guarded(Call&& call) noexcept;

  MqttObserver& observer_;
  const MqttOptions& options_;
  const MqttUrl& url_;
  Answer connect_;
  Answer subscribe_;
  Answer unsubscribe_;
  paho::async_client client_;  ///< Last: its destruction comes first and still answers what is open.
};

MqttClient::Connection::Connection(MqttObserver& observer, const MqttOptions& options, const MqttUrl& url,
                                   const std::string& client_id)
    : observer_(observer),
      options_(options),
      url_(url),
      connect_(
          observer, [this](const paho::token&) { tell(MqttEvent::Kind::connected, {0}); },
          [this](const paho::token& token) { on_connect_failure(token); }),
      subscribe_(
          observer, [this](const paho::token& token) { on_subscribe_success(token); },
          [this](const paho::token& token) { on_subscribe_failure(token); }),
      unsubscribe_(
          observer, [](const paho::token&) {}, [](const paho::token&) {}),
      client_(paho_uri(url), client_id, paho::create_options(paho_version(options.protocol))) {
  set_handlers();
}

template <class Call>
void MqttClient::Connection::guarded(Call&& call) noexcept {
  try {
    call();
  } catch (...) {
    observer_.on_callback_failure();
  }
}

void MqttClient::Connection::set_handlers() {
  client_.set_message_callback([this](const paho::const_message_ptr& message) {
    guarded([&] {
      const auto& payload = message->get_payload_ref();
      observer_.on_message(message->get_topic(), {payload.data(), payload.length()}, message->is_retained());
    });
  });
  client_.set_connection_lost_handler(
      [this](const std::string&) { guarded([&] { tell(MqttEvent::Kind::closed, {}); }); });
  client_.set_disconnected_handler([this](const paho::properties&, paho::ReasonCode code) {
    guarded([&] { tell(MqttEvent::Kind::closed, {static_cast<std::uint8_t>(code)}); });
  });
}

void MqttClient::Connection::on_connect_failure(const paho::token& token) {
  const int code = token.get_return_code();
  if (code <= 0 || code > 0xFF) return tell_failed(code);
  tell(MqttEvent::Kind::refused, {static_cast<std::uint8_t>(code)});
}

void MqttClient::Connection::on_subscribe_success(const paho::token& token) {
  std::vector<std::uint8_t> codes;
  const auto response = token.get_subscribe_response();
  for (const auto code : response.get_reason_codes()) {
    codes.push_back(static_cast<std::uint8_t>(code));
  }
  tell(MqttEvent::Kind::subscribed, std::move(codes));
}

void MqttClient::Connection::on_subscribe_failure(const paho::token& token) {
  const bool v5 = options_.protocol == mqtt::Protocol::v5;
  const int code = v5 ? static_cast<int>(token.get_reason_code()) : token.get_return_code();
  if (code < 0x80 || code >= 0xFF) return tell_failed(token.get_return_code());
  tell(MqttEvent::Kind::subscribed, {static_cast<std::uint8_t>(code)});
}

paho::connect_options MqttClient::Connection::connect_options(const std::string& password) const {
  paho::connect_options connect;
  connect.set_mqtt_version(paho_version(options_.protocol));
  connect.set_automatic_reconnect(false);
  connect.set_keep_alive_interval(static_cast<int>(options_.keep_alive.count()));
  connect.set_connect_timeout(static_cast<int>(options_.connect_timeout.count()));
  if (!options_.username.empty()) connect.set_user_name(options_.username);
  if (!password.empty()) connect.set_password(password);
  if (options_.protocol == mqtt::Protocol::v5) {
    connect.set_clean_start(true);
    paho::properties properties;
    properties.add(
        {paho::property::MAXIMUM_PACKET_SIZE, static_cast<std::int32_t>(options_.max_packet_bytes)});
    connect.set_properties(std::move(properties));
  } else {
    connect.set_clean_session(true);
  }
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

void MqttClient::Connection::subscribe() {
  const auto filters = paho::string_collection::create(options_.topics);
  const paho::iasync_client::qos_collection qos(options_.topics.size(), options_.qos);
  client_.subscribe(filters, qos, nullptr, subscribe_);
}

MqttClient::MqttClient(MqttObserver& observer, const MqttOptions& options, const MqttUrl& url,
                       const std::string& client_id)
    : observer_(observer), options_(options), url_(url), client_id_(client_id) {}

MqttClient::~MqttClient() {
  const std::lock_guard lock(library_lock());
  connection_.reset();
  keeper_.reset();
}

Result<void> MqttClient::connect(const std::string& password) try {
  const std::lock_guard lock(library_lock());
  if (!keeper_) keeper_ = keep_library_running();
  connection_ = std::make_unique<Connection>(observer_, options_, url_, client_id_);
  connection_->connect(password);
  return {};
} catch (const std::exception& error) {
  return fail(Errc::unavailable, printable(error.what()));
}

Result<void> MqttClient::subscribe() try {
  const std::lock_guard lock(library_lock());
  connection_->subscribe();
  return {};
} catch (const std::exception& error) {
  return fail(Errc::unavailable, printable(error.what()));
}

Result<void> MqttClient::unsubscribe(const std::vector<std::string>& topics) try {
  const std::lock_guard lock(library_lock());
  connection_->unsubscribe(topics);
  return {};
} catch (const std::exception& error) {
  return fail(Errc::unavailable, printable(error.what()));
}

void MqttClient::close() {
  const std::lock_guard lock(library_lock());
  connection_.reset();
}

}  // namespace mre
