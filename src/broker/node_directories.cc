#include "node_directories.h"

#include <fmt/format.h>

#include "tributary/config/resolve.h"
#include "tributary/quorum/quorum.h"

namespace tributary::broker {
namespace {

using storage::LogDirectory;

tl::unexpected<Error> wrong(std::string text) { return fail(Errc::kInvalidArgument, std::move(text)); }

class Opener {
 public:
  Opener(storage::FileSystem& fs, const config::Values& values, Random& random)
      : fs_(fs), values_(values), random_(random) {}

  Result<NodeDirectories> run() {
    for (const std::string& path : config::log_dirs(values_)) {
      TRIBUTARY_ASSIGN(auto directory, LogDirectory::open(fs_, path));
      found_.logs.push_back(std::move(directory));
    }
    TRIBUTARY_TRY(find_metadata());
    TRIBUTARY_TRY(check_metadata());
    TRIBUTARY_TRY(settle_identity());
    return std::move(found_);
  }

 private:
  Status find_metadata() {
    const std::string configured = values_.get_string("metadata.log.dir");
    found_.metadata_path = configured.empty() ? found_.logs.front()->path() : configured;
    if (std::ranges::find(found_.logs, found_.metadata_path, &LogDirectory::path) != found_.logs.end())
      return {};
    TRIBUTARY_ASSIGN(found_.metadata, LogDirectory::open(fs_, found_.metadata_path));
    return {};
  }

  // Without its metadata a log belongs to no topic: a new cluster in its place would set all of them aside.
  Status check_metadata() {
    const std::string path = found_.metadata_path + "/" + std::string(quorum::kMetadataDirectory);
    if (fs_.exists(path)) {
      TRIBUTARY_ASSIGN(const auto entries, fs_.list(path));
      const auto is_log = [](const auto& entry) { return entry.name.ends_with(".log"); };
      if (std::ranges::any_of(entries, is_log)) return {};
    }
    for (const auto& directory : found_.logs) {
      TRIBUTARY_ASSIGN(const auto contents, directory->scan());
      for (const auto& log : contents.logs) {
        if (log.name.topic == "__cluster_metadata") continue;
        return wrong(
            fmt::format("{} holds partitions, {}-{} for one, but there is no metadata log in {}; set "
                        "metadata.log.dir, or log.dirs, to where it is",
                        directory->path(), log.name.topic, log.name.partition, found_.metadata_path));
      }
    }
    return {};
  }

  // All directories belong to one node of one cluster; new ones are given to it.
  Status settle_identity() {
    found_.cluster_id = values_.get_string("cluster.id");
    found_.node_id = NodeId{config::node_id(values_)};
    TRIBUTARY_TRY(each([&](const LogDirectory& directory) { return agree(directory); }));
    if (found_.cluster_id.empty()) found_.cluster_id = Uuid::generate(random_).to_string();
    if (raw(found_.node_id) < 0) found_.node_id = NodeId{1};
    TRIBUTARY_TRY(each([&](LogDirectory& directory) { return identify(directory); }));
    for (const auto& directory : found_.logs) {
      found_.ids.push_back(directory->identity()->directory_id);
      if (directory->path() == found_.metadata_path) found_.metadata_id = found_.ids.back();
    }
    if (found_.metadata) found_.metadata_id = found_.metadata->identity()->directory_id;
    return {};
  }

  template <typename Visit>
  Status each(Visit visit) {
    for (const auto& directory : found_.logs) TRIBUTARY_TRY(visit(*directory));
    return found_.metadata ? visit(*found_.metadata) : Status{};
  }

  Status agree(const LogDirectory& directory) {
    if (!directory.identity()) return {};
    const auto& identity = *directory.identity();
    if (identity.cluster_id.empty()) {
      return wrong(fmt::format("{}/meta.properties holds no cluster.id", directory.path()));
    }
    if (!found_.cluster_id.empty() && found_.cluster_id != identity.cluster_id) {
      return wrong(fmt::format("{} belongs to cluster {}, not {}", directory.path(), identity.cluster_id,
                               found_.cluster_id));
    }
    if (raw(found_.node_id) >= 0 && found_.node_id != identity.node_id) {
      return wrong(fmt::format("{} belongs to node {}, but node.id is {}", directory.path(),
                               raw(identity.node_id), raw(found_.node_id)));
    }
    found_.cluster_id = identity.cluster_id;
    found_.node_id = identity.node_id;
    return {};
  }

  // Kafka before 3.7 knew no directory ids; it adds them as this does.
  Status identify(LogDirectory& directory) {
    if (directory.identity() && !directory.identity()->directory_id.is_zero()) return {};
    return directory.write_identity({found_.cluster_id, found_.node_id, Uuid::generate(random_)});
  }

  storage::FileSystem& fs_;
  const config::Values& values_;
  Random& random_;
  NodeDirectories found_;
};

}  // namespace

Result<NodeDirectories> NodeDirectories::open(storage::FileSystem& fs, const config::Values& values,
                                              Random& random) {
  return Opener(fs, values, random).run();
}

}  // namespace tributary::broker
