// Replays metadata records into images: the one place where records get their meaning. One thread (control).
#pragma once
#include <map>
#include <optional>
#include <unordered_map>

#include "tributary/base/bytes.h"
#include "tributary/base/result.h"
#include "tributary/control/image.h"

namespace tributary::control {

struct ReplayOptions {
  // Access control lists are kept but not enforced; without this they are refused with kUnsupported.
  bool allow_unenforced_acls = false;
};

class ImageBuilder {
 public:
  explicit ImageBuilder(ReplayOptions options);

  // Forgets everything; what follows is a snapshot or a log from its start.
  void reset();
  // The value of one record. kUnsupported: a type or version this build does not know, named in the text.
  // kCorruption: it cannot follow what came before. After an error the builder is of no more use.
  Status apply(ByteView value);
  // The state so far as the revision of `offset`. Within a metadata transaction (KIP-868) that is the state
  // before it.
  Result<ImagePtr> publish(Offset offset, LeaderEpoch epoch);

  bool in_transaction() const { return before_transaction_.has_value(); }

 private:
  struct Handlers;

  TopicImage* edit_topic(const Uuid& id);
  void put_topic(std::shared_ptr<TopicImage> topic);
  void place_waiting(TopicImage& topic);
  void count(const PartitionImage& partition, int64_t sign);  // into or out of the brokers' load
  std::shared_ptr<BrokerImage> copy_broker(NodeId id) const;
  void put_broker(NodeId id, std::shared_ptr<const BrokerImage> broker);
  void put_config(const ConfigResource& resource, std::string_view name,
                  std::optional<std::string_view> value);

  ReplayOptions options_;
  Image state_;
  std::optional<Image> before_transaction_;
  // Topics made or copied since the last publish: nobody else sees them, so they are changed in place.
  std::unordered_map<Uuid, std::shared_ptr<TopicImage>, UuidHash> open_topics_;
  // Partitions that came before the one of the next lower number.
  std::map<std::pair<Uuid, int32_t>, PartitionImage> waiting_;
};

}  // namespace tributary::control
