#include "exporter/base/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <sstream>

#include "exporter/base/text.h"

// The tree is built from yaml-cpp's events, not from its node graph: the graph keeps the last of two equal
// keys, follows aliases (a few lines can mean gigabytes), and forgets where a key stood.

namespace mre {
namespace {

constexpr std::size_t kMaxBytes = 1024 * 1024;
constexpr std::size_t kMaxDepth = 32;

struct Refusal {
  Position at;
  std::string what;
};

Position position(const YAML::Mark& mark) {
  return mark.is_null() ? Position{} : Position{mark.line + 1, mark.column + 1};
}

class TreeBuilder : public YAML::EventHandler {
 public:
  YamlNode take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { leaf(mark, YamlNode::Kind::null, ""); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Refusal{position(mark), "aliases are not supported: write the value out"};
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& value) override {
    const bool null = tag == "?" && (value == "~" || value == "null");
    leaf(mark, null ? YamlNode::Kind::null : YamlNode::Kind::scalar, value);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(mark, YamlNode::Kind::list);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    open(mark, YamlNode::Kind::map);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Level {
    YamlNode node;
    std::optional<YamlNode::Member> key;  ///< In a map: the key that waits for its value.
  };

  void leaf(const YAML::Mark& mark, YamlNode::Kind kind, const std::string& text) {
    put({kind, position(mark), text, {}, {}});
  }

  void open(const YAML::Mark& mark, YamlNode::Kind kind) {
    if (levels_.size() == kMaxDepth)
      throw Refusal{position(mark), "nested too deeply: 32 levels is the limit"};
    levels_.push_back({{kind, position(mark), "", {}, {}}, {}});
  }

  void close() {
    YamlNode node = std::move(levels_.back().node);
    levels_.pop_back();
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
      level.key = key_of(level.node, std::move(node));
    } else {
      if (node.kind == YamlNode::Kind::null)
        node.at = level.key->at;  // yaml-cpp says where the next token stands
      level.key->value = std::move(node);
      level.node.members.push_back(std::move(*level.key));
      level.key.reset();
    }
  }

  static YamlNode::Member key_of(const YamlNode& map, YamlNode node) {
    if (node.kind != YamlNode::Kind::scalar) throw Refusal{node.at, "a key must be a word"};
    const auto twin = std::ranges::find(map.members, node.text, &YamlNode::Member::key);
    if (twin != map.members.end()) {
      throw Refusal{node.at, "the key \"" + printable(node.text) + "\" stands twice, first in line " +
                                 std::to_string(twin->at.line) + ": remove one"};
    }
    return {std::move(node.text), node.at, {}};
  }

  YamlNode root_;
  std::vector<Level> levels_;
};

}  // namespace

std::string located(std::string_view file_name, Position at, std::string_view message) {
  return printable(file_name, 4096) + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": " +
         std::string(message);
}

Result<YamlNode> parse_yaml(std::string_view text, std::string_view file_name) {
  const auto refuse = [&](Position at, std::string_view what) {
    return fail(Errc::invalid_config, located(file_name, at, what));
  };
  if (text.size() > kMaxBytes) return refuse({}, "the file is larger than 1 MiB: is it a configuration?");
  if (!is_utf8(text)) return refuse({}, "the file is not valid UTF-8: save it as UTF-8");
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    TreeBuilder builder;
    if (!parser.HandleNextDocument(builder)) return YamlNode{};
    YamlNode root = builder.take_root();
    TreeBuilder second;
    if (parser.HandleNextDocument(second)) {
      return refuse(second.take_root().at, "a second YAML document: only one is read, remove the \"---\"");
    }
    return root;
  } catch (const Refusal& refusal) {
    return refuse(refusal.at, refusal.what);
  } catch (const YAML::Exception& error) {
    return refuse(position(error.mark), "not valid YAML: " + printable(error.msg));
  }
}

}  // namespace mre
