// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>
#include <vector>

#include "exporter/base/error.h"
#include "exporter/web_config/web_config_file.h"

namespace mre {

/// What TlsServer names, read: PEM texts. Empty where nothing is named.
struct PemTexts {
  std::string cert;
  std::string key;
  std::string client_ca;
};

struct TlsContext {
  std::shared_ptr<SSL_CTX> context;
  std::string certificate;            ///< One line: whose it is, and until when.
  std::vector<std::string> findings;  ///< What is allowed and unsafe: "file:line:column: what, what to do".
};

/// A context of a server, with certificate, key, versions, cipher suites, curves and the verification of
/// clients. Sessions are never resumed, so that a client is verified at each connection. `tls` is enabled and
/// checked. Errors: invalid_config, "file:line:column: what, what to do".
Result<TlsContext> make_tls_context(const WebConfigFile::TlsServer& tls, const PemTexts& texts,
                                    const std::string& file_name);

}  // namespace mre
