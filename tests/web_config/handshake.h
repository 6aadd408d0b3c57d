// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <string>

namespace mre::test {

/// A web configuration with the certificate of testdata.
inline const std::string kTls = "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n";

inline std::string certificate_text(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream(std::string(MRE_TESTDATA) + "/web_config/" + name, std::ios::binary).rdbuf();
  return text.str();
}

/// The settings of a TLS client. Empty and 0: the defaults of OpenSSL.
struct TlsClient {
  int max_version = 0;
  std::string ciphers = {};      ///< For TLS 1.2 and older, best first.
  std::string groups = {};       ///< Curves.
  std::string certificate = {};  ///< Name of a certificate of testdata, without ".pem".
};

/// The result of a handshake between a client and a server in this process.
struct Handshake {
  bool done = false;  ///< Both sides have finished, and a byte of the server has reached the client.
  std::string error;  ///< Otherwise: the error of the client, then of the server.
  std::string version;
  std::string cipher;
  std::string server;              ///< Common name of its certificate.
  bool session_resumable = false;  ///< The client could resume the session.
};

inline std::string last_error() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  const std::string text = reason != nullptr ? reason : "";
  ERR_clear_error();
  return text;
}

/// Performs a handshake in memory, without a network.
inline Handshake shake_hands(SSL_CTX* server_context, const TlsClient& how) {
  using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
  using Connection = std::unique_ptr<SSL, decltype(&SSL_free)>;
  const Context context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), how.max_version);
  SSL_CTX_load_verify_file(context.get(), (std::string(MRE_TESTDATA) + "/web_config/ca.pem").c_str());
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (!how.ciphers.empty()) SSL_CTX_set_cipher_list(context.get(), how.ciphers.c_str());
  if (!how.groups.empty()) SSL_CTX_set1_groups_list(context.get(), how.groups.c_str());
  if (!how.certificate.empty()) {
    const std::string file = std::string(MRE_TESTDATA) + "/web_config/" + how.certificate;
    SSL_CTX_use_certificate_file(context.get(), (file + ".pem").c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(context.get(), (file + ".key").c_str(), SSL_FILETYPE_PEM);
  }
  const Connection client(SSL_new(context.get()), SSL_free);
  const Connection server(SSL_new(server_context), SSL_free);
  BIO* client_end = nullptr;
  BIO* server_end = nullptr;
  BIO_new_bio_pair(&client_end, 0, &server_end, 0);
  SSL_set_bio(client.get(), client_end, client_end);
  SSL_set_bio(server.get(), server_end, server_end);
  SSL_set1_host(client.get(), "localhost");
  SSL_set_connect_state(client.get());
  SSL_set_accept_state(server.get());

  Handshake result;
  std::string server_error;
  bool greeted = false;
  ERR_clear_error();
  const auto failed = [](SSL* ssl, int code) {
    const int error = SSL_get_error(ssl, code);
    return code <= 0 && error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE;
  };
  for (int turn = 0; turn < 50 && !result.done && result.error.empty(); ++turn) {
    char byte = 'x';
    if (const int code = SSL_read(client.get(), &byte, 1); code == 1) {
      result.done = true;
    } else if (failed(client.get(), code)) {
      result.error = last_error();
    }
    if (!server_error.empty() && result.error.empty() && turn > 40) result.error = "silence";
    if (!server_error.empty() || greeted) continue;
    if (const int code = SSL_do_handshake(server.get()); failed(server.get(), code)) {
      server_error = last_error();
    } else if (code == 1) {
      greeted = SSL_write(server.get(), "x", 1) == 1;
    }
  }
  if (!result.done) {
    result.error += " / " + server_error;
    return result;
  }
  result.version = SSL_get_version(client.get());
  result.cipher = SSL_CIPHER_get_name(SSL_get_current_cipher(client.get()));
  char name[256] = "";
  X509_NAME_get_text_by_NID(X509_get_subject_name(SSL_get0_peer_certificate(client.get())), NID_commonName,
                            name, sizeof name);
  result.server = name;
  result.session_resumable = SSL_SESSION_is_resumable(SSL_get0_session(client.get())) == 1;
  return result;
}

}  // namespace mre::test
