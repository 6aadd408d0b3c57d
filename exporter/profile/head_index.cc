#include "exporter/profile/head_index.h"

#include <algorithm>
#include <utility>

namespace mre {

HeadIndex::Children& HeadIndex::children_of(std::size_t node) {
  if (nodes_[node].children == kNone) {
    nodes_[node].children = static_cast<std::uint16_t>(children_.size());
    children_.emplace_back().fill(kNone);
  }
  return children_[nodes_[node].children];
}

std::uint16_t HeadIndex::append(Node node) {
  nodes_.push_back(std::move(node));
  return static_cast<std::uint16_t>(nodes_.size() - 1);
}

/// Makes the edge to `node` end after `length` bytes; what stood below it goes to a new node behind the rest.
void HeadIndex::split(std::size_t node, std::size_t length) {
  Node lower = std::exchange(nodes_[node], Node{nodes_[node].run.substr(0, length), {}, kNone});
  lower.run.erase(0, length);
  const auto first = static_cast<unsigned char>(lower.run.front());
  const std::uint16_t index = append(std::move(lower));
  children_of(node)[first] = index;
}

void HeadIndex::add(std::string_view head, std::uint16_t pattern) {
  std::size_t node = 0;
  while (!head.empty()) {
    const auto first = static_cast<unsigned char>(head.front());
    const std::uint16_t child = children_of(node)[first];
    if (child == kNone) {
      const std::uint16_t leaf = append({std::string(head), {}, kNone});
      children_of(node)[first] = leaf;
      node = leaf;
      break;
    }
    const std::string& run = nodes_[child].run;
    const auto same = static_cast<std::size_t>(std::ranges::mismatch(run, head).in1 - run.begin());
    if (same < run.size()) split(child, same);  // the heads part inside the edge
    head.remove_prefix(same);
    node = child;
  }
  nodes_[node].patterns.push_back(pattern);
}

}  // namespace mre
