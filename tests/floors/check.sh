#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks every #include of exporter/ against the rooms of exporter/CMakeLists.txt and against third_party.txt. A file may
# include headers of its own room, of the rooms in DEPS of that room, and of the rooms that those use in turn. Files
# directly in exporter/ are the top and may include every room. Only the files in the row of a third-party header may
# include it.
#
#   check.sh [ROOT]     prints each violation as file:line: text; exit 0 good, 1 findings
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "${1:-$here/../..}"

find exporter -name '*.h' -o -name '*.cc' | sort | awk -v table="$here/third_party.txt" '
  BEGIN {
    while ((getline line < "exporter/CMakeLists.txt") > 0)
      if (match(line, /^mre_room\([^)]*/)) {
        n = split(substr(line, 10, RLENGTH - 9), word, /[ \t]+/)
        rooms[word[1]] = 1
        in_deps = 0
        for (i = 2; i <= n; ++i) {
          if (word[i] ~ /^[A-Z]+$/) in_deps = word[i] == "DEPS"
          else if (in_deps) uses[word[1], word[i]] = 1
        }
      }
    for (via in rooms) for (from in rooms) for (to in rooms)
      if ((from, via) in uses && (via, to) in uses) uses[from, to] = 1
    for (room in rooms) {
      ++count
      if ((room, room) in uses) complain("exporter/CMakeLists.txt:1: the room " room " depends on itself")
    }
    if (!count) complain("exporter/CMakeLists.txt:1: no rooms found")
    while ((getline line < table) > 0) {
      if (line ~ /^#/ || line ~ /^[ \t]*$/) continue
      split(line, cell, /[ \t]+/)
      header[++rows] = cell[1]; allowed[rows] = cell[2]
    }
    while ((getline file) > 0) check(file)
    exit bad
  }
  function complain(text) { print text; bad = 1 }
  function room_of(path,   part, n) { n = split(path, part, "/"); return n > 2 ? part[2] : "" }
  function check(file,   number, line, name) {
    number = 0
    while ((getline line < file) > 0) {
      ++number
      if (line !~ /^[ \t]*#[ \t]*include/) continue
      if (match(line, /"[^"]*"/)) own(file, number, substr(line, RSTART + 1, RLENGTH - 2))
      else if (match(line, /<[^>]*>/)) foreign(file, number, substr(line, RSTART + 1, RLENGTH - 2))
      else complain(file ":" number ": an #include without a name")
    }
    close(file)
  }
  function own(file, number, name,   from, to) {
    if (name !~ /^exporter\//) return complain(file ":" number ": \"" name "\" is not written from the root")
    from = room_of(file); to = room_of(name)
    if (from == to || from == "") return
    if (to == "") return complain(file ":" number ": " from " includes the top: " name)
    if (!((from, to) in uses)) complain(file ":" number ": " from " may not include " to ": " name)
  }
  function foreign(file, number, name,   row, pattern) {
    for (row = 1; row <= rows; ++row) {
      if (index(name, header[row]) != 1) continue
      if (allowed[row] == "everywhere") return
      for (pattern = row; pattern <= rows && header[pattern] == header[row]; ++pattern)
        if (file ~ ("^" allowed[pattern] "$")) return
      return complain(file ":" number ": <" name "> may be included only by " allowed[row])
    }
    if (name ~ /[.\/]/) complain(file ":" number ": <" name "> is in no row of tests/floors/third_party.txt")
  }'
