// SPDX-License-Identifier: Apache-2.0
// What a record that is a JSON object costs: the decoder of its profile, against simdjson alone, which parses the
// same records from padded buffers (its DOM, which reads all of a document once). The records are those of the
// recordings. Goal: at most 1.4 times.
//
//   bench_json [MILLISECONDS]    for each row, default 500
#include <simdjson.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "exporter/profile/profile.h"
#include "exporter/recording/event_line.h"

namespace {

using namespace mre;
namespace fs = std::filesystem;

constexpr double kGoal = 1.4;
constexpr int kRounds = 5;

struct Message {
  simdjson::padded_string payload;
  std::string topic;  // empty for a log line
};

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// Nanoseconds that `read` takes for a record.
template <class Read>
double cost(const std::vector<Message>& records, double seconds, Read read) {
  std::uint64_t count = 0;
  const double begin = cpu_seconds();
  double now = begin;
  while (now - begin < seconds) {
    for (const Message& record : records) read(record);
    count += records.size();
    now = cpu_seconds();
  }
  return (now - begin) * 1e9 / static_cast<double>(count);
}

/// The records of all recordings of the profile that are JSON objects: messages, or lines of a log.
std::vector<Message> records_of(const std::string& profile, SourceKind kind) {
  std::vector<Message> records;
  const fs::path directory = fs::path(MRE_TESTDATA) / profile;
  if (!fs::exists(directory)) return records;
  EventLine reader;
  simdjson::dom::parser parser;
  for (const auto& entry : fs::directory_iterator(directory)) {
    const auto ending = entry.path().extension();
    if (ending != ".log" && ending != ".jsonl") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    for (std::string line; std::getline(file, line);) {
      const auto message = reader.read(line);
      if (message.has_value() != (kind == SourceKind::mqtt)) continue;
      const std::string_view payload = message ? message->payload : std::string_view(line);
      const simdjson::padded_string padded(payload);
      if (!payload.starts_with('{') || parser.parse(padded).error() != simdjson::SUCCESS) continue;
      records.push_back({simdjson::padded_string(payload), std::string(message ? message->topic : "")});
    }
  }
  return records;
}

struct Costs {
  double decoder = std::numeric_limits<double>::infinity();
  double simdjson = std::numeric_limits<double>::infinity();
};

/// The least of five rounds of each, in turn.
Costs costs_of(const std::shared_ptr<const Profile>& profile, SourceKind kind,
               const std::vector<Message>& records, double seconds) {
  const auto decoder = make_decoder(profile, kind);
  simdjson::dom::parser parser;
  NullSink sink;
  std::uint64_t failed = 0;  // counted, so that the parsing is not left out
  Costs costs;
  for (int round = 0; round < kRounds; ++round) {
    costs.decoder = std::min(costs.decoder, cost(records, seconds / kRounds / 2, [&](const Message& record) {
                               decoder->decode({record.payload, record.topic, false}, sink);
                             }));
    costs.simdjson =
        std::min(costs.simdjson, cost(records, seconds / kRounds / 2, [&](const Message& record) {
                   failed += parser.parse(record.payload).error() == simdjson::SUCCESS ? 0U : 1U;
                 }));
  }
  if (failed > 0) std::fprintf(stderr, "%s: simdjson fails\n", profile->name.c_str());
  return costs;
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = (argc > 1 ? std::atof(argv[1]) : 500) / 1000;
  int rows = 0;
  std::printf("%-10s %-5s %8s %12s %12s %6s\n", "profile", "kind", "records", "decoder ns", "simdjson ns",
              "ratio");
  for (const EmbeddedProfile& embedded : embedded_profiles()) {
    const auto profile = load_embedded_profile(embedded).value();
    for (const SourceKind kind : {SourceKind::log, SourceKind::mqtt}) {
      const auto records = records_of(profile->name, kind);
      if (!profile->source(kind).supported || records.empty()) continue;
      const Costs costs = costs_of(profile, kind, records, seconds);
      std::printf("%-10s %-5s %8zu %12.0f %12.0f %6.2f\n", profile->name.c_str(),
                  kind == SourceKind::log ? "log" : "mqtt", records.size(), costs.decoder, costs.simdjson,
                  costs.decoder / costs.simdjson);
      ++rows;
    }
  }
  std::printf("goal: a ratio of %.1f at most\n", kGoal);
  return rows > 0 ? 0 : 1;
}
