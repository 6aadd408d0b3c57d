// SPDX-License-Identifier: Apache-2.0
#include "exporter/runtime/web_access.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "exporter/base/text.h"
#include "exporter/http/listen_address.h"

namespace mre {
namespace {

bool is_beyond_loopback(const std::string& text) {
  const auto address = parse_listen_address(text);
  return address && !is_loopback(*address);
}

void log_findings(const WebSettings& settings) {
  for (const std::string& finding : settings.findings) spdlog::warn("web configuration: {}", finding);
}

}  // namespace

Result<std::unique_ptr<WebConfig>> open_web_config(const HttpOptions& options) {
  if (options.config_file.empty()) return nullptr;
  auto opened = WebConfig::open(options.config_file);
  if (opened) log_findings(*(*opened)->settings());
  return opened;
}

void log_reload(const WebConfig& config, const Result<void>& outcome) {
  if (!outcome) {
    spdlog::error("reload of the web configuration failed, keeping the previous one: {}",
                  outcome.error().what);
    return;
  }
  spdlog::info("reloaded the web configuration {}", printable(config.path(), 1024));
  log_findings(*config.settings());
}

EventHistories::Remembering remembering(ClientOptions::Remember option,
                                        const std::vector<std::string>& addresses,
                                        const WebSettings* settings) {
  if (option != ClientOptions::Remember::automatic) {
    const bool on = option == ClientOptions::Remember::on;
    return {on, on ? "clients.remember is on" : "clients.remember is off"};
  }
  const auto beyond = std::ranges::find_if(addresses, is_beyond_loopback);
  if (beyond == addresses.end())
    return {true, "clients.remember is auto, and only this machine can read the pages"};
  if (settings != nullptr && settings->authenticates)
    return {true, "clients.remember is auto, and the web configuration demands authentication"};
  return {false, "clients.remember is auto, and everyone who can connect to " + *beyond +
                     " could read the names of clients: require passwords or client certificates in "
                     "--web.config.file, listen on 127.0.0.1, or set clients.remember to on"};
}

std::string exposure(const std::vector<std::string>& addresses, const WebSettings* settings, bool lifecycle) {
  const auto beyond = std::ranges::find_if(addresses, is_beyond_loopback);
  if (beyond == addresses.end()) return {};
  if (settings == nullptr || !settings->authenticates) {
    return "everyone who can connect to " + *beyond + " can read the metrics" +
           (lifecycle ? " and stop the exporter" : "") +
           ": set basic_auth_users or client certificates in --web.config.file, or listen on 127.0.0.1 "
           "(docs/web-configuration.md)";
  }
  if (settings->policy->tls == nullptr) {
    return "passwords sent to " + *beyond +
           " cross the network in clear text: add tls_server_config to the web configuration "
           "(docs/web-configuration.md)";
  }
  return {};
}

}  // namespace mre
