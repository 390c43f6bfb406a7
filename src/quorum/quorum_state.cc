#include "quorum_state.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace tributary::quorum {
namespace {

constexpr int kDataVersion = 1;

std::string path_in(const std::string& directory) { return directory + "/quorum-state"; }

// A missing number is `otherwise`; anything else than a number of 32 bits is a fault.
bool read_number(const nlohmann::json& object, const char* name, int32_t otherwise, int32_t& out) {
  out = otherwise;
  const auto found = object.find(name);
  if (found == object.end()) return true;
  if (!found->is_number_integer()) return false;
  const auto number = found->get<int64_t>();
  out = static_cast<int32_t>(number);
  return number == out;
}

bool read_fields(const nlohmann::json& object, QuorumState& state) {
  int32_t leader = 0;
  int32_t epoch = 0;
  int32_t voted = 0;
  if (!read_number(object, "leaderId", -1, leader) || !read_number(object, "leaderEpoch", -1, epoch) ||
      !read_number(object, "votedId", -1, voted) || epoch < 0) {
    return false;
  }
  state = {NodeId{leader}, LeaderEpoch{epoch}, NodeId{voted}, {}};
  const auto directory = object.find("votedDirectoryId");
  if (directory == object.end()) return true;
  const auto id = directory->is_string() ? Uuid::parse(directory->get<std::string>()) : std::nullopt;
  if (id) state.voted_directory = *id;
  return id.has_value();
}

}  // namespace

Result<QuorumState> read_quorum_state(storage::FileSystem& fs, const std::string& directory) {
  const std::string path = path_in(directory);
  if (!fs.exists(path)) return QuorumState{};
  TRIBUTARY_ASSIGN(const std::string text, storage::read_file(fs, path));
  const auto object = nlohmann::json::parse(text, nullptr, false);
  QuorumState state;
  int32_t version = 0;
  if (!object.is_object() || !read_number(object, "data_version", 0, version) ||
      !read_fields(object, state)) {
    return fail(Errc::kCorruption, path + " is malformed");
  }
  if (version > kDataVersion) {
    return fail(Errc::kUnsupported,
                fmt::format("{} has data_version {}, known up to {}", path, version, kDataVersion));
  }
  return state;
}

Status write_quorum_state(storage::FileSystem& fs, const std::string& directory, const QuorumState& state) {
  return storage::write_file_atomically(
      fs, path_in(directory),
      fmt::format(
          R"({{"leaderId":{},"leaderEpoch":{},"votedId":{},"votedDirectoryId":"{}","data_version":{}}})",
          raw(state.leader), raw(state.epoch), raw(state.voted), state.voted_directory.to_string(),
          kDataVersion));
}

}  // namespace tributary::quorum
