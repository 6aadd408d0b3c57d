#include "exporter/list.h"

#include <fmt/format.h>

#include "exporter/base/nearest.h"
#include "exporter/base/text.h"
#include "exporter/metrics/metric_list.h"
#include "exporter/profile/profile.h"
#include "exporter/reason_text.h"

namespace mre {
namespace {

MetricListFormat metric_format(ListFormat format) {
  switch (format) {
    case ListFormat::json:
      return MetricListFormat::json;
    case ListFormat::markdown:
      return MetricListFormat::markdown;
    case ListFormat::text:
      break;
  }
  return MetricListFormat::text;
}

std::string broker_text(const Profile& profile) {
  std::string text =
      fmt::format("{}: {}, checked against {}\n", profile.name, profile.title, profile.versions);
  for (const SourceKind kind : {SourceKind::log, SourceKind::mqtt}) {
    const ProfileSource& source = profile.source(kind);
    if (source.supported) text += fmt::format("  {:<5} {}\n", to_string(kind), wrapped(source.setting, 8));
  }
  return text;
}

std::string broker_json(const Profile& profile) {
  std::string sources;
  for (const SourceKind kind : {SourceKind::log, SourceKind::mqtt}) {
    const ProfileSource& source = profile.source(kind);
    if (!source.supported) continue;
    sources += fmt::format(R"({}{{"kind":"{}","setting":"{}"}})", sources.empty() ? "" : ",", to_string(kind),
                           json_escape(source.setting));
  }
  return fmt::format(R"({{"name":"{}","title":"{}","versions":"{}","sources":[{}]}})",
                     json_escape(profile.name), json_escape(profile.title), json_escape(profile.versions),
                     sources);
}

std::string broker_markdown(const Profile& profile) {
  const auto cell = [&](SourceKind kind) {
    const ProfileSource& source = profile.source(kind);
    return source.supported ? source.setting : std::string("–");
  };
  return fmt::format("| `{}` | {} | {} | {} | {} |\n", profile.name, profile.title, profile.versions,
                     cell(SourceKind::log), cell(SourceKind::mqtt));
}

Result<std::string> list_brokers(ListFormat format) {
  std::string text = format == ListFormat::json ? "[\n"
                     : format == ListFormat::markdown
                         ? "| profile | broker | versions | log | mqtt |\n| --- | --- | --- | --- | --- |\n"
                         : "";
  bool first = true;
  for (const auto& [file, yaml] : embedded_profiles()) {
    const auto profile = load_profile(yaml, file);
    if (!profile) return tl::make_unexpected(profile.error());
    switch (format) {
      case ListFormat::text:
        text += broker_text(**profile);
        break;
      case ListFormat::json:
        text += (first ? "" : ",\n") + broker_json(**profile);
        break;
      case ListFormat::markdown:
        text += broker_markdown(**profile);
        break;
    }
    first = false;
  }
  return format == ListFormat::json ? text + "\n]\n" : text;
}

}  // namespace

Result<std::string> list(const std::string& what, ListFormat format) {
  if (what == "brokers") return list_brokers(format);
  if (what == "metrics") return render_metric_list(metric_format(format));
  if (what == "codes") return render_codes(format);
  constexpr std::string_view lists[] = {"brokers", "metrics", "codes"};
  return fail(Errc::invalid_config, "cannot list \"" + printable(what) + "\": " + suggestion(what, lists));
}

}  // namespace mre
