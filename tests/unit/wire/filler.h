// Fills the fields that a message has in a version, through the generated visit_fields. Where the content
// comes from is for the FieldSource to say. The Filler owns the strings and bytes that the messages it filled
// borrow.
#pragma once
#include <concepts>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "tributary/base/bytes.h"
#include "tributary/base/random.h"
#include "tributary/base/uuid.h"
#include "tributary/wire/error_code.h"

namespace tributary::wire {

class FieldSource {
 public:
  virtual ~FieldSource() = default;
  virtual uint64_t number(std::string_view path) = 0;
  virtual size_t array_size() = 0;
  virtual bool make_null() = 0;  // for a field that can be null
};

// What a field holds follows from its path alone: 64-bit FNV-1a of it, as in
// tests/golden/java/MessageVectors.java.
class PathSource final : public FieldSource {
 public:
  explicit PathSource(bool nulls) : nulls_(nulls) {}
  uint64_t number(std::string_view path) override {
    uint64_t hash = 0xcbf29ce484222325;
    for (const char c : path) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
    return hash;
  }
  size_t array_size() override { return 2; }
  bool make_null() override { return nulls_; }

 private:
  bool nulls_;
};

class RandomSource final : public FieldSource {
 public:
  explicit RandomSource(uint64_t seed) : random_(seed) {}
  uint64_t number(std::string_view) override { return random_.next(); }
  size_t array_size() override { return random_.below(4); }
  bool make_null() override { return random_.one_in(4); }

 private:
  Random random_;
};

class Filler {
 public:
  explicit Filler(FieldSource& source) : source_(source) {}

  template <typename T>
  void field(const char* name, T& value, bool nullable, int16_t version) {
    const size_t parent = path_.size();
    path_ += name;
    set(value, nullable, version);
    path_.resize(parent);
  }

 private:
  template <typename T>
  void set(std::optional<T>& value, bool nullable, int16_t version) {
    if (nullable && source_.make_null()) return value.reset();
    set(value.emplace(), false, version);
  }
  template <typename T>
  void set(std::vector<T>& items, bool, int16_t version) {
    items.resize(source_.array_size());
    const size_t array = path_.size();
    for (size_t i = 0; i < items.size(); ++i) {
      path_ += "[" + std::to_string(i) + "]";
      set(items[i], false, version);
      path_.resize(array);
    }
  }
  template <typename T>
  void set(T& message, bool, int16_t version) {
    path_ += '.';
    visit_fields(*this, message, version);
  }
  template <std::integral T>
  void set(T& value, bool, int16_t) {
    value = static_cast<T>(number());
  }
  void set(bool& value, bool, int16_t) { value = (number() & 1) != 0; }
  void set(double& value, bool, int16_t) { value = static_cast<int32_t>(number()); }
  void set(ErrorCode& value, bool, int16_t) { value = static_cast<ErrorCode>(number()); }
  void set(Uuid& value, bool, int16_t) {
    const uint64_t hash = number();
    store_be(value.bytes.data(), hash);
    store_be(value.bytes.data() + 8, ~hash);
  }
  void set(std::string_view& value, bool, int16_t) {
    const uint64_t hash = number();
    char digits[9];
    std::snprintf(digits, sizeof digits, "%08x", static_cast<uint32_t>(hash));
    value = keep("s" + std::string(digits) + ((hash & 4) != 0 ? "é" : ""));
  }
  void set(ByteView& value, bool, int16_t) {
    const uint64_t hash = number();
    std::string bytes(1 + (hash >> 8) % 7, '\0');
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(hash >> (8 * i));
    value = as_bytes(keep(std::move(bytes)));
  }

  uint64_t number() { return source_.number(path_); }
  std::string_view keep(std::string text) { return kept_.emplace_back(std::move(text)); }

  FieldSource& source_;
  std::string path_;
  std::deque<std::string> kept_;
};

}  // namespace tributary::wire
