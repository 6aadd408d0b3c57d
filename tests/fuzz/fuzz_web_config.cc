// SPDX-License-Identifier: Apache-2.0
// Any text is a web configuration or an error with the name of the file, never a crash; and any Authorization
// header is read, or refused. What is read holds nothing that crypt(3) or a header would take for its end.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "exporter/web_config/basic_auth.h"
#include "exporter/web_config/web_config_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto file = mre::parse_web_config(text, "w.yml");
  if (!file && !file.error().what.starts_with("w.yml:")) std::abort();
  if (file) {
    for (const auto& [name, value] : mre::response_headers(file->http_server_config.headers)) {
      if (value.empty() || value.find_first_of("\r\n") != std::string::npos) std::abort();
    }
    for (const auto& user : file->basic_auth_users) {
      if (!mre::is_bcrypt_hash(user.value.value)) std::abort();
    }
  }
  const auto credentials = mre::read_credentials(text);
  if (credentials && (credentials->password.find('\0') != std::string::npos ||
                      credentials->user.find(':') != std::string::npos))
    std::abort();
  return 0;
}
