// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "exporter/base/yaml_tree.h"
#include "exporter/capture/capture_options.h"
#include "exporter/checkpoint/state_options.h"
#include "exporter/clients/client_options.h"
#include "exporter/config/auto_profile.h"
#include "exporter/config/logging_options.h"
#include "exporter/config/option_values.h"
#include "exporter/http/server.h"
#include "exporter/subscribe/mqtt_options.h"
#include "exporter/tail/log_options.h"

/// The schema of the configuration file: each key is one row in a function `visit`, with the member that it fills. The
/// loader, the errors about unknown keys and the list of all keys with their defaults are visitors of these rows.
///
/// The structs of this header are the file as written; config.h has the validated configuration.
namespace mre::schema {

/// A value and its position in the file.
template <class T>
struct At {
  T value{};
  Position at;
};

/// A map whose keys the operator chooses.
struct Entry {
  At<std::string> key;
  At<std::string> value;
};

struct Source {
  At<std::string> name;
  At<std::string> profile;  ///< Empty: the broker's.
  std::optional<At<LogOptions>> log;
  std::optional<At<MqttOptions>> mqtt;
  std::optional<At<CaptureOptions>> capture;
};

struct Broker {
  At<std::string> name;
  At<std::string> profile{std::string(kAutoProfile), {}};
  std::vector<At<Source>> sources;
  std::vector<Entry> authority;
};

struct File {
  At<HttpOptions> web;
  LoggingOptions log;
  StateOptions state;
  ClientOptions clients;
  EventLogOptions events;
  std::vector<At<std::string>> profiles;
  std::vector<At<Broker>> brokers;
};

template <class V>
void visit(V& v, HttpOptions& o) {
  v.optional("listen_addresses", o.listen_addresses);
  v.optional("telemetry_path", o.telemetry_path);
}

template <class V>
void visit(V& v, LoggingOptions& o) {
  v.optional("level", o.level);
  v.optional("format", o.format);
}

template <class V>
void visit(V& v, StateOptions& o) {
  v.optional("dir", o.dir);
  v.optional("counters", o.counters);
}

template <class V>
void visit(V& v, ClientOptions& o) {
  v.optional("remember", o.remember);
  v.optional("identity", o.identity);
  v.optional("exemplars", o.exemplars);
}

template <class V>
void visit(V& v, EventLogOptions& o) {
  v.optional("file", o.file);
  v.optional("max_per_second", o.max_per_second);
}

template <class V>
void visit(V& v, LogOptions& o) {
  v.required("path", o.path);
  v.optional("from", o.from);
  v.optional("envelope", o.envelope);
  v.optional("max_line_bytes", o.max_line_bytes);
  v.optional("max_files", o.max_files);
}

template <class V>
void visit(V& v, MqttOptions& o) {
  v.required("url", o.url);
  v.optional("protocol", o.protocol);
  v.optional("client_id", o.client_id);
  v.optional("username", o.username);
  v.optional("password_file", o.password_file);
  v.optional("password_env", o.password_env);
  v.optional("ca_file", o.ca_file);
  v.optional("cert_file", o.cert_file);
  v.optional("key_file", o.key_file);
  v.optional("verify_host_name", o.verify_host_name);
  v.optional("topics", o.topics);
  v.optional("qos", o.qos);
  v.optional("session_expiry", o.session_expiry);
  v.optional("keep_alive", o.keep_alive);
  v.optional("connect_timeout", o.connect_timeout);
  v.optional("backoff_min", o.backoff_min);
  v.optional("backoff_max", o.backoff_max);
  v.optional("silent_after", o.silent_after);
  v.optional("max_packet_bytes", o.max_packet_bytes);
  v.optional("queue_records", o.queue_records);
  v.optional("queue_bytes", o.queue_bytes);
}

template <class V>
void visit(V& v, CaptureOptions& o) {
  v.optional("interface", o.interface);
  v.optional("ports", o.ports);
  v.optional("addresses", o.addresses);
  v.optional("max_connections", o.max_connections);
  v.optional("idle_timeout", o.idle_timeout);
  v.optional("buffer_bytes", o.buffer_bytes);
}

/// Calls `call` for each member that is the path of a file.
void each_path(MqttOptions& o, auto&& call) {
  for (std::string* path : {&o.password_file, &o.ca_file, &o.cert_file, &o.key_file}) call(*path);
}

template <class V>
void visit(V& v, Source& o) {
  v.required("name", o.name);
  v.optional("profile", o.profile);
  v.optional("log", o.log);
  v.optional("mqtt", o.mqtt);
  v.optional("capture", o.capture);
}

template <class V>
void visit(V& v, Broker& o) {
  v.required("name", o.name);
  v.optional("profile", o.profile);
  v.required("sources", o.sources);
  v.optional("authority", o.authority);
}

template <class V>
void visit(V& v, File& o) {
  v.optional("web", o.web);
  v.optional("log", o.log);
  v.optional("state", o.state);
  v.optional("clients", o.clients);
  v.optional("events", o.events);
  v.optional("profiles", o.profiles);
  v.required("brokers", o.brokers);
}

}  // namespace mre::schema
