// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>
#include <vector>

#include "exporter/base/error.h"
#include "exporter/web_config/web_config_file.h"

namespace mre {

/// The PEM texts that TlsServer refers to; empty if not set.
struct PemTexts {
  std::string cert;
  std::string key;
  std::string client_ca;
};

struct TlsContext {
  std::shared_ptr<SSL_CTX> context;
  std::string certificate;  ///< One line: subject and expiry.
  std::vector<std::string>
      findings;  ///< Warnings about unsafe settings: "file:line:column: what, what to do".
};

/// Creates the context of a server, with certificate, key, versions, cipher suites, curves and the
/// verification of clients. Sessions are never resumed, so that clients are verified at each connection.
/// `tls` is enabled and valid. Errors: invalid_config, "file:line:column: what, what to do".
Result<TlsContext> make_tls_context(const WebConfigFile::TlsServer& tls, const PemTexts& texts,
                                    const std::string& file_name);

}  // namespace mre
