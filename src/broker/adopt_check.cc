#include "tributary/broker/adopt_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "group_census.h"
#include "node_directories.h"
#include "tributary/config/resolve.h"
#include "tributary/control/adoption.h"
#include "tributary/storage/overlay_file_system.h"
#include "tributary/storage/partition_survey.h"
#include "tributary/wire/records/metadata.h"

namespace tributary::broker {
namespace {

namespace md = wire::metadata;
using storage::LogDirectory;

constexpr std::string_view kGroupTopic = "__consumer_offsets";
constexpr size_t kNamesShown = 10;

std::string bytes_text(uint64_t bytes) {
  constexpr std::string_view kUnits[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  size_t unit = 0;
  auto amount = static_cast<double>(bytes);
  for (; amount >= 1024 && unit + 1 < std::size(kUnits); ++unit) amount /= 1024;
  return fmt::format("{:.{}f} {}", amount, unit == 0 ? 0 : 1, kUnits[unit]);
}

std::string names_text(const std::vector<std::string>& names) {
  const size_t shown = std::min(names.size(), kNamesShown);
  std::string text =
      fmt::format("{}", fmt::join(names.begin(), names.begin() + static_cast<ptrdiff_t>(shown), ", "));
  if (shown < names.size()) text += fmt::format(" and {} more", names.size() - shown);
  return text;
}

std::string_view kept_name(uint16_t type) {
  switch (type) {
    case md::ClientQuotaRecord::kType:
      return "client quotas";
    case md::AccessControlEntryRecord::kType:
      return "access control entries";
    case md::UserScramCredentialRecord::kType:
      return "SCRAM credentials";
    case md::DelegationTokenRecord::kType:
      return "delegation tokens";
    default:
      return {};
  }
}

class Check {
 public:
  Check(const config::Values& values, const Clock& clock) : values_(values), clock_(clock) {}

  AdoptCheck run() {
    if (Status looked = look(); !looked) against_.push_back(std::move(looked.error().message));
    for (const std::string& reason : against_) line("refused", reason);
    line("result",
         against_.empty() ? "the directory would be opened as it is" : "the directory would not be opened");
    return {std::move(text_), against_.empty()};
  }

 private:
  void line(std::string_view label, std::string_view what) {
    fmt::format_to(std::back_inserter(text_), "{:<14}{}\n", label, what);
  }

  Status look() {
    for (const std::string& path : config::log_dirs(values_)) TRIBUTARY_TRY(check_there(path));
    if (const std::string path = values_.get_string("metadata.log.dir"); !path.empty()) {
      TRIBUTARY_TRY(check_there(path));
    }
    TRIBUTARY_ASSIGN(directories_, NodeDirectories::open(fs_, values_, random_));
    line("cluster", directories_.cluster_id);
    line("node", fmt::format("{}", raw(directories_.node_id)));
    for (const auto& directory : directories_.logs) tell_directory(*directory);
    TRIBUTARY_ASSIGN(const control::FoundMetadata metadata, control::read_metadata(controller_options()));
    image_ = metadata.image;
    tell_metadata(metadata);
    TRIBUTARY_TRY(tell_partitions());
    tell_configs();
    tell_kept();
    for (auto& reason : control::reasons_against(*image_, directories_.node_id, directories_.ids)) {
      against_.push_back(std::move(reason));
    }
    return {};
  }

  // A start would begin a new cluster in an empty directory; whoever asks about adoption means another.
  Status check_there(const std::string& path) {
    if (disk_->exists(path + "/meta.properties")) return {};
    return fail(Errc::kInvalidArgument,
                fmt::format("{} is no directory of Apache Kafka: it has no meta.properties", path));
  }

  void tell_directory(const LogDirectory& directory) {
    const std::string epoch = directory.clean_broker_epoch()
                                  ? fmt::format(" (broker epoch {})", *directory.clean_broker_epoch())
                                  : "";
    line("directory",
         fmt::format("{}, id {}, {}", directory.path(), directory.identity()->directory_id.to_string(),
                     directory.was_clean() ? "stopped cleanly" + epoch
                                           : "not stopped cleanly: its logs are recovered at the start"));
  }

  control::ControllerOptions controller_options() {
    control::ControllerOptions options;
    options.fs = &fs_;
    options.directory = directories_.metadata_path;
    options.node_id = directories_.node_id;
    options.cluster_id = directories_.cluster_id;
    options.directory_id = directories_.metadata_id;
    options.log_directories = directories_.ids;
    options.values = std::make_shared<const config::Values>(values_);
    options.clock = &clock_;
    options.random = &random_;
    return options;
  }

  void tell_metadata(const control::FoundMetadata& metadata) {
    const control::Image& image = *metadata.image;
    line("metadata", fmt::format("in {}, up to offset {} of epoch {}", directories_.metadata_path,
                                 image.offset(), raw(image.epoch())));
    std::string levels = fmt::format("kraft.version={}", metadata.kraft_version);
    for (const auto& [name, level] : image.features()) levels += fmt::format(", {}={}", name, level);
    line("levels", levels);
    for (const auto& [id, broker] : image.brokers()) {
      if (id == directories_.node_id) continue;
      line("other broker", fmt::format("{}, {}", raw(id), broker->fenced ? "fenced" : "not fenced"));
    }
  }

  // ---- partitions

  Status tell_partitions() {
    for (const auto& directory : directories_.logs) {
      TRIBUTARY_ASSIGN(const auto contents, directory->scan());
      deleted_ += contents.deleted.size();
      for (const auto& log : contents.logs) TRIBUTARY_TRY(survey(log));
    }
    line("topics", fmt::format("{} with {} partitions, {} on disk", image_->topic_count(),
                               image_->partition_count(), bytes_text(bytes_)));
    tell_compacted();
    line("groups", fmt::format("{}", groups_.groups()));
    if (!unfinished_.empty()) {
      line("transactions",
           fmt::format("unfinished in {}: what is behind them stays invisible to read_committed "
                       "until Apache Kafka ends them",
                       names_text(unfinished_)));
    }
    if (deleted_ > 0) line("deleted", fmt::format("{} partitions of deleted topics are removed", deleted_));
    if (!strays_.empty())
      line("strays", fmt::format("belong to no topic, set aside: {}", names_text(strays_)));
    return {};
  }

  Status survey(const storage::FoundLog& log) {
    if (log.name.topic == "__cluster_metadata") return {};
    const std::string name = fmt::format("{}-{}", log.name.topic, log.name.partition);
    const auto topic = image_->find_topic(log.name.topic);
    if (!topic || static_cast<size_t>(log.name.partition) >= topic->partitions.size()) {
      strays_.push_back(name);
      return {};
    }
    TRIBUTARY_ASSIGN(const auto found, storage::survey_partition(fs_, log.directory));
    bytes_ += found.bytes;
    if (found.open_transactions > 0) unfinished_.push_back(name);
    if (log.name.topic != kGroupTopic) return {};
    return storage::visit_batches(fs_, log.directory, [&](ByteView batch) { groups_.add(batch); });
  }

  void tell_compacted() {
    std::vector<std::string> compacted;
    image_->for_each_topic([&](const control::TopicPtr& topic) {
      const auto config = control::resolve_log_config(*image_, values_, directories_.node_id, topic->name);
      if (config.compact_policy) compacted.push_back(topic->name);
    });
    if (!compacted.empty()) line("compacted", names_text(compacted));
  }

  // ---- what is kept

  void tell_configs() {
    for (const auto& [resource, configs] : image_->configs()) {
      if (resource.type != control::ResourceType::kBroker) continue;
      for (const auto& [name, value] : *configs) {
        const config::Setting* setting = config::find_setting(name);
        const bool active = setting != nullptr && setting->standing == config::Standing::kActive;
        const bool secret = setting == nullptr || setting->secret();
        line("dynamic",
             fmt::format("{}: {}={}{}", resource.name.empty() ? "all brokers" : "broker " + resource.name,
                         name, secret ? "(hidden)" : value, active ? "" : ", kept without effect"));
      }
    }
  }

  void tell_kept() {
    std::map<std::string_view, size_t> counts;
    size_t acls = 0;
    for (const auto& [key, value] : image_->kept_records()) {
      if (const auto name = kept_name(key.type); !name.empty()) ++counts[name];
      acls += key.type == md::AccessControlEntryRecord::kType ? 1 : 0;
    }
    for (const auto& [name, count] : counts) line("not enforced", fmt::format("{} {}, kept", count, name));
    if (acls > 0 && !values_.get_bool("allow_unenforced_acls")) {
      against_.push_back(
          "there are access control entries, which this build does not enforce; allow_unenforced_acls: true "
          "starts it all the same");
    }
  }

  const config::Values& values_;
  const Clock& clock_;
  std::unique_ptr<storage::FileSystem> disk_ = storage::make_posix_file_system();
  storage::OverlayFileSystem fs_{*disk_};
  Random random_ = Random::from_system();
  NodeDirectories directories_;
  control::ImagePtr image_;
  GroupCensus groups_;
  uint64_t bytes_ = 0;
  size_t deleted_ = 0;
  std::vector<std::string> unfinished_;
  std::vector<std::string> strays_;
  std::vector<std::string> against_;
  std::string text_;
};

}  // namespace

AdoptCheck check_adoption(const config::Values& values, const Clock& clock) {
  return Check(values, clock).run();
}

}  // namespace tributary::broker
