// SPDX-License-Identifier: Apache-2.0
#include "exporter/tail/rotation_siblings.h"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <set>
#include <string_view>

#include "exporter/base/text.h"
#include "exporter/tail/path_pattern.h"

namespace mre {

namespace {

namespace fs = std::filesystem;

/// Siblings of one log in a directory.
constexpr std::size_t kMaxSiblings = 4096;
/// How often a directory is listed that changes meanwhile.
constexpr int kMaxListings = 5;

bool is_number(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_digit); }

/// A number, a date or a time: 1, 20261122, 2026-11-22T10:00:00.5+01:00, 20261122-1000.
bool is_number_or_date(std::string_view text) {
  return !text.empty() && is_digit(text.front()) && text.size() <= 40 &&
         std::ranges::all_of(text, [](char c) {
           return is_digit(c) || c == '-' || c == '_' || c == ':' || c == '.' || c == '+' || c == 'T' ||
                  c == 'Z';
         });
}

bool is_separator(char c) { return c == '.' || c == '-' || c == '_'; }

bool is_rotation_suffix(std::string_view suffix) {
  if (suffix.size() < 2 || !is_separator(suffix.front())) return false;
  suffix.remove_prefix(1);
  return suffix == "old" || is_number_or_date(suffix);
}

/// For log.txt: log-2026.txt and log.1.txt. For 0.log: 1.log.
bool is_rotated_stem(std::string_view base, std::string_view name) {
  const std::size_t dot = base.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return false;
  const std::string_view stem = base.substr(0, dot);
  const std::string_view extension = base.substr(dot);
  if (!name.ends_with(extension)) return false;
  name.remove_suffix(extension.size());
  if (is_number(stem) && is_number(name)) return true;
  return name.starts_with(stem) && is_rotation_suffix(name.substr(stem.size()));
}

std::uint64_t number_of(std::string_view name) {
  if (is_gzip_name(name)) name.remove_suffix(3);
  const std::size_t dot = name.rfind('.');
  std::uint64_t number = 0;
  if (dot != std::string_view::npos && is_number(name.substr(dot + 1)))
    std::from_chars(name.data() + dot + 1, name.data() + name.size(), number);
  return number;
}

/// The prefix that all siblings of `base` have in common.
std::string_view sibling_prefix(std::string_view base) {
  const std::size_t dot = base.rfind('.');
  const std::string_view stem = dot == std::string_view::npos || dot == 0 ? base : base.substr(0, dot);
  return is_number(stem) ? std::string_view() : stem;
}

std::vector<RotationSibling> list_siblings(DirectoryCache& cache, const std::string& directory,
                                           const std::string& base) {
  std::vector<RotationSibling> out;
  const std::vector<std::string>& names = cache.list(directory);
  const std::string_view prefix = sibling_prefix(base);
  for (auto name = std::ranges::lower_bound(names, prefix); name != names.end(); ++name) {
    if (!name->starts_with(prefix) || out.size() == kMaxSiblings) break;
    if (!is_rotated_name(base, *name)) continue;
    const std::string path = fs::path(directory) / *name;
    const auto metadata = metadata_of(path);
    if (metadata && S_ISREG(metadata->mode))
      out.push_back({path, *metadata, is_gzip_name(*name), number_of(*name)});
  }
  return out;
}

bool older(const RotationSibling& a, const RotationSibling& b) {
  if (a.metadata.modified_ns != b.metadata.modified_ns)
    return a.metadata.modified_ns < b.metadata.modified_ns;
  const std::int64_t birth_a = a.metadata.identity.birth_ns;
  const std::int64_t birth_b = b.metadata.identity.birth_ns;
  if (!a.gzip && !b.gzip && birth_a != birth_b) return birth_a < birth_b;
  if (a.number != b.number) return a.number > b.number;
  return a.path < b.path;
}

bool same(const std::vector<RotationSibling>& a, const std::vector<RotationSibling>& b) {
  return std::ranges::equal(a, b, [](const RotationSibling& x, const RotationSibling& y) {
    return x.path == y.path && x.metadata.identity == y.metadata.identity;
  });
}

/// Reads the directory until two reads give the same result: a rotation may be in progress.
std::vector<RotationSibling> list_siblings_until_stable(DirectoryCache& cache, const std::string& path) {
  const std::string directory = directory_of(path);
  const std::string base = file_name_of(path);
  std::vector<RotationSibling> files = list_siblings(cache, directory, base);
  for (int reads = 1; reads < kMaxListings; ++reads) {
    std::vector<RotationSibling> again = list_siblings(cache, directory, base);
    const bool stable = same(files, again);
    files = std::move(again);
    if (stable) break;
  }
  return files;
}

/// gzip(1) deletes the uncompressed file when the packed one is complete.
void remove_incomplete_gzip(std::vector<RotationSibling>& files) {
  std::set<std::string> incomplete;
  for (const RotationSibling& file : files) {
    if (!file.gzip) incomplete.insert(file.path + ".gz");
  }
  std::erase_if(files, [&](const RotationSibling& file) { return incomplete.contains(file.path); });
}

}  // namespace

bool is_gzip_name(std::string_view name) { return name.ends_with(".gz"); }

bool is_rotated_name(std::string_view base, std::string_view name) {
  if (base.empty() || name == base) return false;
  if (is_gzip_name(name)) name.remove_suffix(3);
  if (name == base) return true;
  if (name.starts_with(base) && is_rotation_suffix(name.substr(base.size()))) return true;
  return is_rotated_stem(base, name);
}

std::vector<RotationSibling> rotation_siblings(DirectoryCache& cache, const std::set<std::string>& paths) {
  std::vector<RotationSibling> out;
  std::set<std::string> seen = paths;
  for (const std::string& path : paths) {
    for (RotationSibling& file : list_siblings_until_stable(cache, path)) {
      if (seen.insert(file.path).second) out.push_back(std::move(file));
    }
  }
  remove_incomplete_gzip(out);
  std::ranges::sort(out, older);
  return out;
}

}  // namespace mre
