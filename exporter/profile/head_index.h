#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mre {

/// Finds the patterns whose head begins a line. A trie whose edges are runs of bytes: one comparison for each
/// place where the heads part, however many patterns there are ("Sending PUB" is compared once for PUBLISH,
/// PUBACK, PUBREC).
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
    for (const Node* node = nodes_.data(); node != nullptr && depth < kMaxDepth; node = step(*node, line)) {
      if (!node->patterns.empty()) path[depth++] = node;
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

  struct Node {
    std::string run;  // the bytes of the edge that leads here
    std::vector<std::uint16_t> patterns;
    std::string first_bytes;              // of the children's runs
    std::vector<std::uint16_t> children;  // in the same order
  };

  /// The child that goes on with `line`, whose bytes it takes off; null if there is none.
  const Node* step(const Node& node, std::string_view& line) const {
    if (line.empty()) return nullptr;
    const std::size_t at = node.first_bytes.find(line.front());
    if (at == std::string::npos) return nullptr;
    const Node& child = nodes_[node.children[at]];
    if (!line.starts_with(child.run)) return nullptr;
    line.remove_prefix(child.run.size());
    return &child;
  }

  std::uint16_t append_child(std::size_t parent, std::string_view run);

  std::vector<Node> nodes_;  // the root first
};

}  // namespace mre
