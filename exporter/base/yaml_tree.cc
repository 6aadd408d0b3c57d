// SPDX-License-Identifier: Apache-2.0
#include "exporter/base/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <sstream>

#include "exporter/base/text.h"

// The tree is built from yaml-cpp's events, not from its node graph. The graph drops the first of two equal keys,
// expands aliases without a limit (a few lines can expand to gigabytes), and has no positions of keys.

namespace mre {
namespace {

constexpr std::size_t kMaxBytes = 1024 * 1024;
constexpr std::size_t kMaxDepth = 32;

struct ParseError {
  Position at;
  std::string what;
};

Position position(const YAML::Mark& mark) {
  return mark.is_null() ? Position{} : Position{mark.line + 1, mark.column + 1};
}

/// Memory of a value: nodes and texts.
std::size_t memory(const YamlNode& node) {
  std::size_t bytes = sizeof node + node.text.size();
  for (const auto& item : node.items) bytes += memory(item);
  for (const auto& member : node.members) bytes += member.key.size() + memory(member.value);
  return bytes;
}

std::size_t depth(const YamlNode& node) {
  std::size_t deepest = 0;
  for (const auto& item : node.items) deepest = std::max(deepest, depth(item));
  for (const auto& member : node.members) deepest = std::max(deepest, depth(member.value));
  return 1 + deepest;
}

class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(Aliases aliases) : aliases_(aliases) {}

  YamlNode take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    leaf(mark, anchor, YamlNode::Kind::null, "");
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (aliases_ == Aliases::refused)
      throw ParseError{position(mark), "aliases are not supported: write the value out"};
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end())
      throw ParseError{position(mark), "a value cannot contain itself: remove the alias"};
    repeated_ += memory(found->second);
    if (repeated_ > kMaxBytes)
      throw ParseError{position(mark), "aliases repeat more than 1 MiB: write fewer"};
    if (levels_.size() + depth(found->second) > kMaxDepth) throw too_deep(mark);
    put(found->second);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const bool null = tag == "?" && (value == "~" || value == "null");
    leaf(mark, anchor, null ? YamlNode::Kind::null : YamlNode::Kind::scalar, value);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, anchor, YamlNode::Kind::list);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, anchor, YamlNode::Kind::map);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Level {
    YamlNode node;
    std::optional<YamlNode::Member> key;  ///< In a map: the key whose value is not complete.
    std::map<std::string, int> lines;     ///< In a map: its keys so far, and the line of each.
    YAML::anchor_t anchor;
  };

  static ParseError too_deep(const YAML::Mark& mark) {
    return {position(mark), "nested too deeply: at most 32 levels are allowed"};
  }

  void leaf(const YAML::Mark& mark, YAML::anchor_t anchor, YamlNode::Kind kind, const std::string& text) {
    finish({kind, position(mark), text, {}, {}}, anchor);
  }

  void open(const YAML::Mark& mark, YAML::anchor_t anchor, YamlNode::Kind kind) {
    if (levels_.size() == kMaxDepth) throw too_deep(mark);
    levels_.push_back({{kind, position(mark), "", {}, {}}, {}, {}, anchor});
  }

  void close() {
    Level level = std::move(levels_.back());
    levels_.pop_back();
    finish(std::move(level.node), level.anchor);
  }

  void finish(YamlNode node, YAML::anchor_t anchor) {
    if (anchor != 0 && aliases_ == Aliases::repeated) anchors_[anchor] = node;
    put(std::move(node));
  }

  void put(YamlNode node) {
    if (levels_.empty()) {
      root_ = std::move(node);
      return;
    }
    Level& level = levels_.back();
    if (level.node.kind == YamlNode::Kind::list) {
      level.node.items.push_back(std::move(node));
    } else if (!level.key) {
      level.key = key_of(level, std::move(node));
    } else {
      if (node.kind == YamlNode::Kind::null)
        node.at = level.key->at;  // yaml-cpp reports the position of the next token
      level.key->value = std::move(node);
      level.node.members.push_back(std::move(*level.key));
      level.key.reset();
    }
  }

  static YamlNode::Member key_of(Level& map, YamlNode node) {
    if (node.kind != YamlNode::Kind::scalar)
      throw ParseError{node.at, "a key must be a plain text, not a list or a map"};
    const auto [first, is_new] = map.lines.try_emplace(node.text, node.at.line);
    if (!is_new) {
      throw ParseError{node.at, "duplicate key \"" + printable(node.text) + "\" (first defined on line " +
                                    std::to_string(first->second) + "): remove one"};
    }
    return {std::move(node.text), node.at, {}};
  }

  Aliases aliases_;
  YamlNode root_;
  std::vector<Level> levels_;
  std::map<YAML::anchor_t, YamlNode> anchors_;
  std::size_t repeated_ = 0;  // bytes that aliases have added
};

}  // namespace

std::string located(std::string_view file_name, Position at, std::string_view message) {
  return printable(file_name, 4096) + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": " +
         std::string(message);
}

Result<YamlNode> parse_yaml(std::string_view text, std::string_view file_name, Aliases aliases) {
  const auto reject = [&](Position at, std::string_view what) {
    return fail(Errc::invalid_config, located(file_name, at, what));
  };
  if (text.size() > kMaxBytes)
    return reject({}, "the file is larger than 1 MiB: check that it is the right file");
  if (!is_utf8(text)) return reject({}, "the file is not valid UTF-8: save it as UTF-8");
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    TreeBuilder builder(aliases);
    if (!parser.HandleNextDocument(builder)) return YamlNode{};
    YamlNode root = builder.take_root();
    TreeBuilder second(aliases);
    if (parser.HandleNextDocument(second)) {
      return reject(second.take_root().at, "only one YAML document is supported: remove the \"---\"");
    }
    return root;
  } catch (const ParseError& error) {
    return reject(error.at, error.what);
  } catch (const YAML::Exception& error) {
    return reject(position(error.mark), "not valid YAML: " + printable(error.msg));
  }
}

}  // namespace mre
