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

using TlsConnection = std::unique_ptr<SSL, decltype(&SSL_free)>;

inline TlsConnection make_client(const TlsClient& how) {
  const std::string directory = std::string(MRE_TESTDATA) + "/web_config/";
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  SSL_CTX_free);
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), how.max_version);
  SSL_CTX_load_verify_file(context.get(), (directory + "ca.pem").c_str());
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (!how.ciphers.empty()) SSL_CTX_set_cipher_list(context.get(), how.ciphers.c_str());
  if (!how.groups.empty()) SSL_CTX_set1_groups_list(context.get(), how.groups.c_str());
  if (!how.certificate.empty()) {
    const std::string file = directory + how.certificate;
    SSL_CTX_use_certificate_file(context.get(), (file + ".pem").c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(context.get(), (file + ".key").c_str(), SSL_FILETYPE_PEM);
  }
  TlsConnection client(SSL_new(context.get()), SSL_free);  // it holds the context
  SSL_set1_host(client.get(), "localhost");
  SSL_set_connect_state(client.get());
  return client;
}

/// Lets each side read what the other one writes.
inline void connect_in_memory(SSL* client, SSL* server) {
  BIO* client_end = nullptr;
  BIO* server_end = nullptr;
  BIO_new_bio_pair(&client_end, 0, &server_end, 0);
  SSL_set_bio(client, client_end, client_end);
  SSL_set_bio(server, server_end, server_end);
}

/// What the client knows after a handshake.
inline Handshake negotiated(SSL* client) {
  Handshake result;
  result.done = true;
  result.version = SSL_get_version(client);
  result.cipher = SSL_CIPHER_get_name(SSL_get_current_cipher(client));
  char name[256] = "";
  X509_NAME_get_text_by_NID(X509_get_subject_name(SSL_get0_peer_certificate(client)), NID_commonName, name,
                            sizeof name);
  result.server = name;
  result.session_resumable = SSL_SESSION_is_resumable(SSL_get0_session(client)) == 1;
  return result;
}

/// Whether a call that returned `code` failed, and does not only wait for the other side.
inline bool has_failed(SSL* ssl, int code) {
  const int error = SSL_get_error(ssl, code);
  return code <= 0 && error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE;
}

/// Performs a handshake in memory, without a network.
inline Handshake shake_hands(SSL_CTX* server_context, const TlsClient& how) {
  constexpr int kTurns = 40;  // many more than a handshake takes
  const TlsConnection client = make_client(how);
  const TlsConnection server(SSL_new(server_context), SSL_free);
  connect_in_memory(client.get(), server.get());
  SSL_set_accept_state(server.get());

  std::string client_error;
  std::string server_error;
  bool greeted = false;  // the server has finished and sent a byte
  ERR_clear_error();
  for (int turn = 0; turn < kTurns && client_error.empty(); ++turn) {
    char byte = 'x';
    const int got = SSL_read(client.get(), &byte, 1);
    if (got == 1) return negotiated(client.get());
    if (has_failed(client.get(), got)) client_error = last_error();
    if (greeted || !server_error.empty()) continue;
    const int accepted = SSL_do_handshake(server.get());
    if (has_failed(server.get(), accepted)) server_error = last_error();
    if (accepted == 1) greeted = SSL_write(server.get(), &byte, 1) == 1;
  }
  if (client_error.empty() && !server_error.empty()) client_error = "silence";
  Handshake failed;
  failed.error = client_error + " / " + server_error;
  return failed;
}

}  // namespace mre::test
