#include "yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <sstream>

namespace tributary::config {
namespace {

constexpr size_t kLargestFile = 4 << 20;

Position position_of(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

// Builds the tree from the parser's events. A map's events alternate key and value; `pending_key` tells which
// is due.
class Builder : public YAML::EventHandler {
 public:
  explicit Builder(std::vector<YamlError>& errors) : errors_(errors) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    check_anchor(mark, anchor);
    if (key_due()) return bad_key(mark);
    place({.kind = YamlNode::Kind::kNull, .position = position_of(mark)});
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    error(mark, "aliases are not supported");
    if (key_due()) return bad_key(mark);
    place({.kind = YamlNode::Kind::kNull, .position = position_of(mark)});
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_anchor(mark, anchor);
    check_tag(mark, tag);
    if (key_due()) return take_key(mark, value);
    place({.kind = YamlNode::Kind::kScalar, .position = position_of(mark), .text = value});
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlNode::Kind::kSequence);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlNode::Kind::kMap);
  }
  void OnMapEnd() override { close(); }

  YamlNode take() { return std::move(root_); }

 private:
  struct Open {
    YamlNode node = {};
    bool pending_key = false;  // a key was read, its value is due
    bool is_key = false;       // a collection where a key belongs; dropped
  };

  bool key_due() const {
    return !open_.empty() && open_.back().node.kind == YamlNode::Kind::kMap && !open_.back().pending_key;
  }

  void error(const YAML::Mark& mark, std::string text) {
    errors_.push_back({position_of(mark), std::move(text)});
  }

  void check_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) error(mark, "anchors are not supported");
  }

  void check_tag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") error(mark, "tags are not supported");
  }

  void bad_key(const YAML::Mark& mark) {
    error(mark, "a key must be a plain name");
    take_key(mark, "");
  }

  void take_key(const YAML::Mark& mark, const std::string& key) {
    if (key == "<<") error(mark, "merge keys are not supported");
    open_.back().node.keys.emplace_back(key, position_of(mark));
    open_.back().pending_key = true;
  }

  void place(YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    open_.back().pending_key = false;
    open_.back().node.items.push_back(std::move(node));
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YamlNode::Kind kind) {
    check_anchor(mark, anchor);
    check_tag(mark, tag);
    const bool is_key = key_due();
    if (is_key) bad_key(mark);
    open_.push_back({.node = {.kind = kind, .position = position_of(mark)}, .is_key = is_key});
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    if (!done.is_key) place(std::move(done.node));
  }

  std::vector<YamlError>& errors_;
  std::vector<Open> open_;
  YamlNode root_;
};

}  // namespace

YamlNode parse_yaml(std::string_view text, std::vector<YamlError>& errors) {
  if (text.size() > kLargestFile) {
    errors.push_back({{}, "the file is larger than 4 MiB"});
    return {};
  }
  std::istringstream stream{std::string(text)};
  Builder builder(errors);
  try {
    YAML::Parser parser(stream);
    if (parser.HandleNextDocument(builder)) {
      Builder rest(errors);
      if (parser.HandleNextDocument(rest)) errors.push_back({{}, "more than one document in the file"});
    }
  } catch (const YAML::Exception& exception) {
    errors.push_back({position_of(exception.mark), exception.msg});
    return {};
  }
  return builder.take();
}

}  // namespace tributary::config
