// SPDX-License-Identifier: Apache-2.0
#include "exporter/commands/replay_input.h"

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <system_error>
#include <utility>

#include "exporter/base/text.h"
#include "exporter/capture/capture_input.h"
#include "exporter/capture/file/packet_recording.h"
#include "exporter/cli/config_from_flags.h"
#include "exporter/config/auto_profile.h"
#include "exporter/envelope/unwrap.h"
#include "exporter/recording/recording.h"
#include "exporter/runtime/profile_selection.h"

namespace mre {
namespace {

constexpr std::size_t kMaxEventLineBytes = 1024 * 1024;  // a recorded message is longer than its payload
constexpr auto kMaxWait = std::chrono::seconds(1);       // of one call of poll

void print_status(const std::string& line) { std::fputs((line + "\n").c_str(), stderr); }

/// "a.log", or "a.log and 2 other files".
std::string names_of(const std::vector<std::string>& files) {
  std::string first = files.front() == "-" ? "standard input" : printable(files.front(), 1024);
  if (files.size() == 1) return first;
  return first + " and " + std::to_string(files.size() - 1) +
         (files.size() == 2 ? " other file" : " other files");
}

/// An error about the files, with what to do.
tl::unexpected<Error> refuse_files(const Error& error) {
  // The system's own words: the error has no code.
  const std::string denied = std::generic_category().message(EACCES);
  const bool is_denied = error.what.ends_with(denied);
  return fail(error.code,
              error.what + (is_denied ? ": run the command as the owner of the file or as root, for "
                                        "example with sudo"
                                      : ""));
}

/// What the files contain. A line in JSON with a topic and a payload is a recorded message, unless it is a log line
/// of `profile`, which may be null.
SourceKind kind_of(Recording& recording, ReplayFormat format, const std::shared_ptr<const Profile>& profile) {
  if (format != ReplayFormat::detect)
    return format == ReplayFormat::events ? SourceKind::mqtt : SourceKind::log;
  if (profile == nullptr || !profile->source(SourceKind::log).supported) return recording.detect();
  if (!profile->source(SourceKind::mqtt).supported) return SourceKind::log;
  const auto decoder = make_decoder(profile, SourceKind::log);
  return recording.detect([&](std::string_view line) { return decoder->recognises(line); });
}

/// Opens the files and sets `kind` to what they contain.
Result<std::unique_ptr<Recording>> open_recording(const std::vector<std::string>& files, SourceKind& kind,
                                                  ReplayFormat format,
                                                  const std::shared_ptr<const Profile>& profile) {
  auto recording = Recording::open(files);
  if (!recording) return refuse_files(recording.error());
  kind = kind_of(**recording, format, profile);
  (*recording)->read_as(kind, kind == SourceKind::log ? LogOptions{}.max_line_bytes : kMaxEventLineBytes);
  return recording;
}

/// The profile that the first records choose; they stay in `source`. Prints which, and why.
Result<std::shared_ptr<const Profile>> detect_profile(RecordInput& source, SourceKind kind, Envelope envelope,
                                                      const std::vector<std::string>& files) {
  const auto detectable = detectable_profiles({});
  if (!detectable) return tl::make_unexpected(detectable.error());
  ProfileSelection selection(*detectable);
  selection.add(std::string(to_string(kind)), kind, envelope, source);
  while (!selection.ended() && !source.full()) {
    const auto polled = selection.poll(std::chrono::steady_clock::now() + kMaxWait);
    if (!polled) return tl::make_unexpected(polled.error());
    if (!*polled) continue;
    print_status("profile " + (*polled)->profile->name + ", because " + (*polled)->reason);
    return (*polled)->profile;
  }
  if (selection.records() == 0) {
    return fail(Errc::invalid_config, names_of(files) + (files.size() == 1 ? " is empty" : " are empty") +
                                          ": there is no record to detect the broker from");
  }
  const std::string near = selection.near_miss(0);
  return fail(Errc::invalid_config,
              names_of(files) +
                  ": cannot detect the broker: name it with --broker.profile (\"list brokers\" prints the "
                  "names). " +
                  (near.empty() ? "" : "The messages are like those of " + near + ". ") + "In " +
                  printable(selection.summary(), 1024));
}

/// The profile that the flags name. Null: the records choose it.
Result<std::shared_ptr<const Profile>> named_profile(const Settings& settings) {
  if (settings.profile == kAutoProfile) return std::shared_ptr<const Profile>();
  auto profile = profile_by_name_or_file(settings.profile);
  if (!profile) return fail(Errc::invalid_config, "--broker.profile: " + profile.error().what);
  return profile;
}

void print_envelope(Envelope envelope) {
  if (envelope != Envelope::plain) print_status("envelope of the lines: " + std::string(to_string(envelope)));
}

void print_service(const std::string& service) {
  print_status("service of the broker: " + printable(service) + "; lines of other services are not read");
}

void print_refused(std::string_view why) { print_status(std::string(why)); }

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
  auto input = std::make_unique<RecordInput>(std::move(*opened));
  if (*profile == nullptr) {
    profile = detect_profile(*input, open.kind, settings.log.envelope, files);
    if (!profile) return tl::make_unexpected(profile.error());
  } else if (!(*profile)->source(open.kind).supported) {
    return fail(Errc::invalid_config, names_of(files) + ": the profile \"" + (*profile)->name +
                                          "\" cannot read " +
                                          (open.kind == SourceKind::log ? "a log" : "recorded events") +
                                          ", which the files seem to be: set --replay.format or another "
                                          "--broker.profile");
  }
  open.profile = (*profile)->name;
  input->set_decoder(unwrap(settings.log.envelope, make_decoder(*profile, open.kind), print_envelope,
                            print_service, print_refused));
  open.input = std::move(input);
  return open;
}

Result<OpenRecording> open_packets(const Settings& settings, const std::vector<std::string>& files) {
  CaptureOptions options;
  options.ports = settings.capture.ports;
  options.addresses = settings.capture.addresses;
  if (!options.ports.empty()) {
    if (auto valid = validate(options); !valid)
      return fail(Errc::invalid_config, with_flags(FlagGroup::capture, valid.error().what));
  }
  auto recording = PacketRecording::open(files);
  if (!recording) return refuse_files(recording.error());
  OpenRecording open;
  open.kind = SourceKind::capture;
  open.profile = SourceConfig::kNoProfile;
  open.reading = [input = recording->get()] {
    return ReadProgress{input->bytes_read(), input->bytes_total()};
  };
  open.input = make_capture_input(options, std::move(*recording));
  return open;
}

}  // namespace mre
