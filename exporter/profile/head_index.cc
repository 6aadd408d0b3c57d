#include "exporter/profile/head_index.h"

#include <algorithm>

namespace mre {

std::uint16_t HeadIndex::append_child(std::size_t parent, std::string_view run) {
  const auto index = static_cast<std::uint16_t>(nodes_.size());
  nodes_[parent].first_bytes.push_back(run.front());
  nodes_[parent].children.push_back(index);
  nodes_.push_back({std::string(run), {}, {}, {}});
  return index;
}

void HeadIndex::add(std::string_view head, std::uint16_t pattern) {
  std::size_t node = 0;
  while (!head.empty()) {
    const std::size_t at = nodes_[node].first_bytes.find(head.front());
    if (at == std::string::npos) {
      node = append_child(node, head);
      break;
    }
    const std::uint16_t child = nodes_[node].children[at];
    const std::string run = nodes_[child].run;
    const auto same = static_cast<std::size_t>(std::ranges::mismatch(run, head).in1 - run.begin());
    if (same < run.size()) {  // the heads part inside the edge: split it
      nodes_[child].run = run.substr(0, same);
      Node lower{run.substr(same), std::move(nodes_[child].patterns), std::move(nodes_[child].first_bytes),
                 std::move(nodes_[child].children)};
      nodes_[child].patterns.clear();
      nodes_[child].first_bytes.assign(1, lower.run.front());
      nodes_[child].children.assign(1, static_cast<std::uint16_t>(nodes_.size()));
      nodes_.push_back(std::move(lower));
    }
    head.remove_prefix(same);
    node = child;
  }
  nodes_[node].patterns.push_back(pattern);
}

}  // namespace mre
