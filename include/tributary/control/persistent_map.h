// An ordered map whose copies share structure: copying costs one reference, a change costs O(log n) new nodes
// and leaves every other copy as it was. An AVL tree of immutable nodes. Any number of threads may read
// copies that were handed to them; one map object is changed by one thread.
#pragma once
#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace tributary::control {

// Compare must be transparent if look-ups use other types than Key.
template <typename Key, typename Value, typename Compare = std::less<>>
class PersistentMap {
 public:
  using Entry = std::pair<const Key, Value>;

 private:
  struct Node;
  using Link = std::shared_ptr<const Node>;
  struct Node {
    Entry entry;
    Link left;
    Link right;
    int height;
  };

 public:
  // Walks forward in order of key. Valid as long as the map it came from, or a copy of it, lives unchanged.
  class Iterator {
   public:
    const Entry& operator*() const { return path_.back()->entry; }
    const Entry* operator->() const { return &path_.back()->entry; }
    Iterator& operator++() {
      const Node* node = path_.back()->right.get();
      path_.pop_back();
      descend_left(node);
      return *this;
    }
    bool operator==(const Iterator& other) const { return current() == other.current(); }

   private:
    friend class PersistentMap;
    const Node* current() const { return path_.empty() ? nullptr : path_.back(); }
    void descend_left(const Node* node) {
      for (; node != nullptr; node = node->left.get()) path_.push_back(node);
    }
    std::vector<const Node*> path_;  // nodes still to be visited, each with its right subtree
  };

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }

  // Null if there is none.
  template <typename K>
  const Value* find(const K& key) const {
    const Node* node = root_.get();
    while (node != nullptr) {
      if (compare_(key, node->entry.first)) {
        node = node->left.get();
      } else if (compare_(node->entry.first, key)) {
        node = node->right.get();
      } else {
        return &node->entry.second;
      }
    }
    return nullptr;
  }

  // Inserts or replaces; true if the key was new.
  bool set(Key key, Value value) {
    bool added = false;
    root_ = inserted(root_, key, value, added);
    size_ += added ? 1 : 0;
    return added;
  }

  // True if there was one.
  template <typename K>
  bool erase(const K& key) {
    if (find(key) == nullptr) return false;
    root_ = erased(root_, key);
    --size_;
    return true;
  }

  void clear() {
    root_.reset();
    size_ = 0;
  }

  Iterator begin() const {
    Iterator it;
    it.descend_left(root_.get());
    return it;
  }
  Iterator end() const { return {}; }

  // The first entry whose key is not less than `key`.
  template <typename K>
  Iterator lower_bound(const K& key) const {
    Iterator it;
    for (const Node* node = root_.get(); node != nullptr;) {
      if (compare_(node->entry.first, key)) {
        node = node->right.get();
      } else {
        it.path_.push_back(node);
        node = node->left.get();
      }
    }
    return it;
  }

  // `visit(const Entry* before, const Entry* after)` for every key whose value is not the same in both, in
  // order of key; null where there is none. Subtrees that both share are not looked into: among two versions
  // of one map it costs O(d log n) for d differences.
  template <typename Visit>
  static void for_each_difference(const PersistentMap& before, const PersistentMap& after, Visit visit) {
    Pending left(before.root_);
    Pending right(after.root_);
    const Compare less{};
    while (!left.empty() || !right.empty()) {
      if (skip_or_open(left, right)) continue;
      const Entry* a = left.entry();
      const Entry* b = right.entry();
      if (a != nullptr && b != nullptr && a != b) {
        if (less(a->first, b->first)) {
          b = nullptr;
        } else if (less(b->first, a->first)) {
          a = nullptr;
        }
      }
      if (a != nullptr) left.pop();
      if (b != nullptr) right.pop();
      if (a == nullptr || b == nullptr || !(a->second == b->second)) visit(a, b);
    }
  }

  // For tests: heights are right, siblings differ by one at most, keys rise.
  bool well_formed() const {
    if (measured_height(root_) < 0) return false;
    size_t count = 0;
    const Key* last = nullptr;
    for (const Entry& entry : *this) {
      if (last != nullptr && !compare_(*last, entry.first)) return false;
      last = &entry.first;
      ++count;
    }
    return count == size_;
  }

 private:
  // What is left of a walk: whole subtrees and single entries, the next one last.
  class Pending {
   public:
    explicit Pending(const Link& root) { add(root.get(), true); }
    bool empty() const { return parts_.empty(); }
    void pop() { parts_.pop_back(); }
    // Null unless a whole subtree is next.
    const Node* subtree() const { return !empty() && parts_.back().whole ? parts_.back().node : nullptr; }
    const Entry* entry() const { return empty() ? nullptr : &parts_.back().node->entry; }
    void open() {
      const Node* node = parts_.back().node;
      pop();
      add(node->right.get(), true);
      add(node, false);
      add(node->left.get(), true);
    }

   private:
    struct Part {
      const Node* node;
      bool whole;
    };
    void add(const Node* node, bool whole) {
      if (node != nullptr) parts_.push_back({node, whole});
    }
    std::vector<Part> parts_;
  };

  // True unless both have a single entry, or nothing, next. The taller subtree is opened first, so that a
  // shared one is met whole on both sides.
  static bool skip_or_open(Pending& left, Pending& right) {
    const Node* a = left.subtree();
    const Node* b = right.subtree();
    if (a == nullptr && b == nullptr) return false;
    if (a == b) {
      left.pop();
      right.pop();
    } else if (a != nullptr && (b == nullptr || a->height >= b->height)) {
      left.open();
    } else {
      right.open();
    }
    return true;
  }

  static int height(const Link& node) { return node ? node->height : 0; }

  static Link make(const Entry& entry, Link left, Link right) {
    const int tallest = std::max(height(left), height(right));
    return std::make_shared<const Node>(Node{entry, std::move(left), std::move(right), tallest + 1});
  }

  // A node of the three parts, rotated so that its subtrees differ by one at most; they may come in differing
  // by two.
  static Link balanced(const Entry& entry, Link left, Link right) {
    const int tilt = height(left) - height(right);
    if (tilt > 1) return rotated_right(entry, left, std::move(right));
    if (tilt < -1) return rotated_left(entry, std::move(left), right);
    return make(entry, std::move(left), std::move(right));
  }

  static Link rotated_right(const Entry& entry, const Link& left, Link right) {
    if (height(left->left) >= height(left->right)) {
      return make(left->entry, left->left, make(entry, left->right, std::move(right)));
    }
    const Link& middle = left->right;
    return make(middle->entry, make(left->entry, left->left, middle->left),
                make(entry, middle->right, std::move(right)));
  }

  static Link rotated_left(const Entry& entry, Link left, const Link& right) {
    if (height(right->right) >= height(right->left)) {
      return make(right->entry, make(entry, std::move(left), right->left), right->right);
    }
    const Link& middle = right->left;
    return make(middle->entry, make(entry, std::move(left), middle->left),
                make(right->entry, middle->right, right->right));
  }

  Link inserted(const Link& node, Key& key, Value& value, bool& added) const {
    if (!node) {
      added = true;
      return make(Entry(std::move(key), std::move(value)), nullptr, nullptr);
    }
    if (compare_(key, node->entry.first)) {
      return balanced(node->entry, inserted(node->left, key, value, added), node->right);
    }
    if (compare_(node->entry.first, key)) {
      return balanced(node->entry, node->left, inserted(node->right, key, value, added));
    }
    return make(Entry(std::move(key), std::move(value)), node->left, node->right);
  }

  template <typename K>
  Link erased(const Link& node, const K& key) const {
    if (compare_(key, node->entry.first)) return balanced(node->entry, erased(node->left, key), node->right);
    if (compare_(node->entry.first, key)) return balanced(node->entry, node->left, erased(node->right, key));
    if (!node->left) return node->right;
    if (!node->right) return node->left;
    const Node* next = node->right.get();
    while (next->left) next = next->left.get();
    return balanced(next->entry, node->left, without_first(node->right));
  }

  static Link without_first(const Link& node) {
    if (!node->left) return node->right;
    return balanced(node->entry, without_first(node->left), node->right);
  }

  static int measured_height(const Link& node) {
    if (!node) return 0;
    const int left = measured_height(node->left);
    const int right = measured_height(node->right);
    const bool right_shape = left >= 0 && right >= 0 && std::abs(left - right) <= 1;
    if (!right_shape || node->height != std::max(left, right) + 1) return -1;
    return node->height;
  }

  Link root_;
  size_t size_ = 0;
  [[no_unique_address]] Compare compare_;
};

}  // namespace tributary::control
