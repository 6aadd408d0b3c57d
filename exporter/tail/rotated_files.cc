// SPDX-License-Identifier: Apache-2.0
#include "exporter/tail/rotated_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <set>
#include <string_view>

#include "exporter/base/text.h"
#include "exporter/tail/name_pattern.h"

namespace mre {

namespace {

namespace fs = std::filesystem;

/// A folder with more of them than this is not the folder of one log.
constexpr std::size_t kMostFiles = 4096;
/// While a folder changes, how often it is read again.
constexpr int kMostReads = 5;

bool is_number(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_digit); }

/// A number, a date or a time, as dates are written: 1, 20261122, 2026-11-22T10:00:00.5+01:00, 20261122-1000.
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

/// log.txt and log-2026.txt, log.1.txt; 0.log and 1.log.
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

/// What names of rotated files begin with.
std::string_view beginning_of_relatives(std::string_view base) {
  const std::size_t dot = base.rfind('.');
  const std::string_view stem = dot == std::string_view::npos || dot == 0 ? base : base.substr(0, dot);
  return is_number(stem) ? std::string_view() : stem;
}

std::vector<RotatedFile> read_folder(FolderNames& folders, const std::string& folder,
                                     const std::string& base) {
  std::vector<RotatedFile> out;
  const std::vector<std::string>& names = folders.of(folder);
  const std::string_view beginning = beginning_of_relatives(base);
  for (auto name = std::ranges::lower_bound(names, beginning); name != names.end(); ++name) {
    if (!name->starts_with(beginning) || out.size() == kMostFiles) break;
    if (!is_rotated_name(base, *name)) continue;
    const std::string path = fs::path(folder) / *name;
    const auto facts = facts_of(path);
    if (facts && S_ISREG(facts->mode)) out.push_back({path, *facts, is_gzip_name(*name), number_of(*name)});
  }
  return out;
}

bool older(const RotatedFile& a, const RotatedFile& b) {
  if (a.facts.modified_ns != b.facts.modified_ns) return a.facts.modified_ns < b.facts.modified_ns;
  const std::int64_t birth_a = a.facts.identity.birth_ns;
  const std::int64_t birth_b = b.facts.identity.birth_ns;
  if (!a.gzip && !b.gzip && birth_a != birth_b) return birth_a < birth_b;
  if (a.number != b.number) return a.number > b.number;
  return a.path < b.path;
}

bool same(const std::vector<RotatedFile>& a, const std::vector<RotatedFile>& b) {
  return std::ranges::equal(a, b, [](const RotatedFile& x, const RotatedFile& y) {
    return x.path == y.path && x.facts.identity == y.facts.identity;
  });
}

std::vector<RotatedFile> read_folder_until_it_stands(FolderNames& folders, const std::string& path) {
  const std::string folder = folder_of(path);
  const std::string base = name_in_folder(path);
  std::vector<RotatedFile> files = read_folder(folders, folder, base);
  for (int reads = 1; reads < kMostReads; ++reads) {
    std::vector<RotatedFile> again = read_folder(folders, folder, base);
    const bool stands = same(files, again);
    files = std::move(again);
    if (stands) break;
  }
  return files;
}

/// gzip(1) removes the uncompressed file when the packed one is whole.
void leave_out_unfinished(std::vector<RotatedFile>& files) {
  std::set<std::string> packed;
  for (const RotatedFile& file : files) {
    if (!file.gzip) packed.insert(file.path + ".gz");
  }
  std::erase_if(files, [&](const RotatedFile& file) { return packed.contains(file.path); });
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

std::vector<RotatedFile> rotated_files(FolderNames& folders, const std::set<std::string>& paths) {
  std::vector<RotatedFile> out;
  std::set<std::string> seen = paths;
  for (const std::string& path : paths) {
    for (RotatedFile& file : read_folder_until_it_stands(folders, path)) {
      if (seen.insert(file.path).second) out.push_back(std::move(file));
    }
  }
  leave_out_unfinished(out);
  std::ranges::sort(out, older);
  return out;
}

}  // namespace mre
