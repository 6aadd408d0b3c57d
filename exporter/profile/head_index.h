#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace mre {

/// Finds the patterns whose head begins a line. A trie whose edges are runs of bytes: one table look-up and
/// one comparison for each place where the heads part, however many patterns there are ("Sending PUB" is
/// compared once for PUBLISH, PUBACK and PUBREC).
class HeadIndex {
 public:
  HeadIndex() : nodes_(1) {}

  /// Adds a pattern by its number. Patterns with the same head are tried in the order in which they were
  /// added.
  void add(std::string_view head, std::uint16_t pattern);

  /// Calls `visit(pattern)` for each pattern whose head begins `line`, the longest head first, until it
  /// returns true. Returns whether it did.
  template <class Visit>
  bool find(std::string_view line, Visit&& visit) const {
    const Node* path[kMaxDepth];
    std::size_t depth = 0;
    const Node* node = nodes_.data();
    for (const char* at = line.data();;) {
      if (!node->patterns.empty() && depth < kMaxDepth) path[depth++] = node;
      const auto left = static_cast<std::size_t>(line.data() + line.size() - at);
      if (left == 0 || node->children == kNone) break;
      const std::uint16_t child = children_[node->children][static_cast<unsigned char>(*at)];
      if (child == kNone) break;
      node = &nodes_[child];
      if (left < node->run.size() || std::memcmp(at, node->run.data(), node->run.size()) != 0) break;
      at += node->run.size();
    }
    while (depth-- > 0) {
      for (const std::uint16_t pattern : path[depth]->patterns) {
        if (visit(pattern)) return true;
      }
    }
    return false;
  }

 private:
  static constexpr std::size_t kMaxDepth = 64;  // heads that begin one another; more are never found
  static constexpr std::uint16_t kNone = 0xFFFF;

  struct Node {
    std::string run;  // the bytes of the edge that leads here
    std::vector<std::uint16_t> patterns;
    std::uint16_t children = kNone;  // index of the table of its children
  };
  using Children = std::array<std::uint16_t, 256>;  // by the first byte of their run

  Children& children_of(std::size_t node);
  std::uint16_t append(Node node);
  void split(std::size_t node, std::size_t length);

  std::vector<Node> nodes_;  // the root first
  std::vector<Children> children_;
};

}  // namespace mre
