// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/remembered.h"

#include <fmt/format.h>

#include "exporter/base/text.h"
#include "exporter/web/html.h"

namespace mre {

std::string why_nothing_is_remembered(const Remembered& remembered) {
  if (remembered.on) return {};
  return fmt::format(
      "<div class=\"card caution\"><h2>Clients are not remembered</h2>\n<p>Recent events and top clients are "
      "not kept, "
      "so this exporter cannot say which client it was: {}.</p>\n"
      "<p>To turn it on, set <code>clients: {{remember: on}}</code> in the configuration. Everyone who can "
      "open these pages "
      "then sees client ids, user names and addresses. With the default <code>auto</code> it is on if every "
      "listen address "
      "is loopback, or if the web configuration demands authentication.</p></div>\n",
      html::text(remembered.why.empty() ? std::string_view("no reason is known") : remembered.why));
}

std::string remembered_json(const Remembered& remembered) {
  return fmt::format("{{\"remembered\":{},\"why\":\"{}\"", remembered.on,
                     json_escape(printable(remembered.why)));
}

}  // namespace mre
