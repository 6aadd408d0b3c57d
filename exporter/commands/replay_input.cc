// SPDX-License-Identifier: Apache-2.0
#include "exporter/commands/replay_input.h"

#include <chrono>
#include <cstdio>
#include <utility>

#include "exporter/base/text.h"
#include "exporter/capture/capture_source.h"
#include "exporter/capture/file/packet_recording.h"
#include "exporter/cli/config_from_flags.h"
#include "exporter/config/auto_profile.h"
#include "exporter/envelope/unwrap.h"
#include "exporter/recording/recording.h"
#include "exporter/runtime/profile_selection.h"

namespace mre {
namespace {

constexpr std::size_t kMaxEventLineBytes = 1024 * 1024;  // a recorded message is longer than its payload
constexpr auto kPatience = std::chrono::seconds(1);      // how long one look may wait before the next

void say(const std::string& line) { std::fputs((line + "\n").c_str(), stderr); }

/// What the files hold. A line in JSON with a topic and a payload is a recorded message, unless it is a line
/// of the broker that is named; `profile` is null if none is.
SourceKind kind_of(Recording& recording, ReplayFormat format, const std::shared_ptr<const Profile>& profile) {
  if (format != ReplayFormat::detect)
    return format == ReplayFormat::events ? SourceKind::mqtt : SourceKind::log;
  if (profile == nullptr || !profile->source(SourceKind::log).supported) return recording.detect();
  if (!profile->source(SourceKind::mqtt).supported) return SourceKind::log;
  const auto decoder = make_decoder(profile, SourceKind::log);
  return recording.detect([&](std::string_view line) { return decoder->recognises(line); });
}

/// Opens the files and makes them ready to be read as what they are.
Result<std::unique_ptr<Recording>> open_recording(const std::vector<std::string>& files, SourceKind& kind,
                                                  ReplayFormat format,
                                                  const std::shared_ptr<const Profile>& profile) {
  auto recording = Recording::open(files);
  if (!recording) return recording;
  kind = kind_of(**recording, format, profile);
  (*recording)->read_as(kind, kind == SourceKind::log ? LogOptions{}.max_line_bytes : kMaxEventLineBytes);
  return recording;
}

/// The profile that the first records choose; they stay in `source`. Says which, and why.
Result<std::shared_ptr<const Profile>> choose_profile(PeekableSource& source, SourceKind kind,
                                                      Envelope envelope) {
  const auto detectable = detectable_profiles({});
  if (!detectable) return tl::make_unexpected(detectable.error());
  ProfileSelection choice(*detectable);
  choice.add(std::string(to_string(kind)), kind, envelope, source);
  while (!choice.ended() && !source.full()) {
    const auto polled = choice.poll(std::chrono::steady_clock::now() + kPatience);
    if (!polled) return tl::make_unexpected(polled.error());
    if (!*polled) continue;
    say("profile " + (*polled)->profile->name + ", because " + (*polled)->reason);
    return (*polled)->profile;
  }
  if (choice.records() == 0)
    return fail(Errc::invalid_config,
                "there is no record in the files, so the broker cannot be identified: are these "
                "the right files?");
  return fail(Errc::invalid_config,
              "no profile is clearly the one of these records (" + printable(choice.summary(), 1024) +
                  "): name the kind of broker with --broker.profile; list brokers prints them");
}

/// The profile that the flags name; null if the records are to choose it.
Result<std::shared_ptr<const Profile>> named_profile(const Settings& settings) {
  if (settings.profile == kAutoProfile) return std::shared_ptr<const Profile>();
  auto profile = profile_by_name_or_file(settings.profile);
  if (!profile) return fail(Errc::invalid_config, "--broker.profile: " + profile.error().what);
  return profile;
}

void say_envelope(Envelope envelope) {
  if (envelope != Envelope::plain) say("the envelope of the lines is " + std::string(to_string(envelope)));
}

void say_service(const std::string& service) {
  say("the broker is the service " + printable(service) + "; lines of other services are not read");
}

void say_refused(std::string_view why) { say(std::string(why)); }

}  // namespace

bool holds_packets(const Settings& settings, const std::vector<std::string>& files) {
  if (settings.replay_format != ReplayFormat::detect) return settings.replay_format == ReplayFormat::packets;
  return PacketRecording::holds_packets(files.front());
}

Result<OpenRecording> open_records(const Settings& settings, const std::vector<std::string>& files) {
  auto profile = named_profile(settings);
  if (!profile) return tl::make_unexpected(profile.error());

  OpenRecording open;
  auto opened = open_recording(files, open.kind, settings.replay_format, *profile);
  if (!opened) return tl::make_unexpected(opened.error());
  open.reading = [recording = opened->get()] {
    return ReadProgress{recording->bytes_read(), recording->bytes_total()};
  };
  if (*profile == nullptr) {
    auto ahead = std::make_unique<PeekableSource>(std::move(*opened));
    profile = choose_profile(*ahead, open.kind, settings.log.envelope);
    if (!profile) return tl::make_unexpected(profile.error());
    open.source = std::move(ahead);
  } else if (!(*profile)->source(open.kind).supported) {
    return fail(Errc::invalid_config, "the profile \"" + (*profile)->name +
                                          "\" cannot read a source of the kind " +
                                          std::string(to_string(open.kind)) +
                                          ", which these files seem to be: see --replay.format");
  } else {
    open.source = std::move(*opened);
  }
  open.profile = (*profile)->name;
  open.decoder = unwrap(settings.log.envelope, make_decoder(*profile, open.kind), say_envelope, say_service,
                        say_refused);
  return open;
}

Result<OpenRecording> open_packets(const Settings& settings, const std::vector<std::string>& files) {
  CaptureOptions options;
  options.ports = settings.capture.ports;
  options.addresses = settings.capture.addresses;
  if (!options.ports.empty()) {
    if (auto valid = validate(options); !valid)
      return fail(Errc::invalid_config, "--capture: " + valid.error().what);
  }
  auto recording = PacketRecording::open(files);
  if (!recording) return tl::make_unexpected(recording.error());
  OpenRecording open;
  open.kind = SourceKind::capture;
  open.profile = SourceConfig::kNoProfile;
  open.reading = [input = recording->get()] {
    return ReadProgress{input->bytes_read(), input->bytes_total()};
  };
  open.source =
      make_capture_source(options, std::move(*recording), settings.explain ? NamePeers::yes : NamePeers::no);
  open.decoder = make_capture_decoder();
  return open;
}

}  // namespace mre
