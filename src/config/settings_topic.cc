// Topic settings and the broker settings that give them their defaults.
#include "tributary/config/setting.h"

namespace tributary::config {
namespace {

using enum ValueType;
using enum Unit;

constexpr int64_t kMinute = 60'000;
constexpr int64_t kHour = 60 * kMinute;

constexpr Synonym kCleanupPolicy[] = {{"log.cleanup.policy"}};
constexpr Synonym kCompressionGzipLevel[] = {{"compression.gzip.level"}};
constexpr Synonym kCompressionLz4Level[] = {{"compression.lz4.level"}};
constexpr Synonym kCompressionType[] = {{"compression.type"}};
constexpr Synonym kCompressionZstdLevel[] = {{"compression.zstd.level"}};
constexpr Synonym kDeleteRetentionMs[] = {{"log.cleaner.delete.retention.ms"}};
constexpr Synonym kFileDeleteDelayMs[] = {{"log.segment.delete.delay.ms"}};
constexpr Synonym kFlushMessages[] = {{"log.flush.interval.messages"}};
constexpr Synonym kFlushMs[] = {{"log.flush.interval.ms"}, {"log.flush.scheduler.interval.ms"}};
constexpr Synonym kIndexIntervalBytes[] = {{"log.index.interval.bytes"}};
constexpr Synonym kLocalRetentionBytes[] = {{"log.local.retention.bytes"}};
constexpr Synonym kLocalRetentionMs[] = {{"log.local.retention.ms"}};
constexpr Synonym kMaxCompactionLagMs[] = {{"log.cleaner.max.compaction.lag.ms"}};
constexpr Synonym kMaxMessageBytes[] = {{"message.max.bytes"}};
constexpr Synonym kMessageTimestampAfterMaxMs[] = {{"log.message.timestamp.after.max.ms"}};
constexpr Synonym kMessageTimestampBeforeMaxMs[] = {{"log.message.timestamp.before.max.ms"}};
constexpr Synonym kMessageTimestampType[] = {{"log.message.timestamp.type"}};
constexpr Synonym kMinCleanableDirtyRatio[] = {{"log.cleaner.min.cleanable.ratio"}};
constexpr Synonym kMinCompactionLagMs[] = {{"log.cleaner.min.compaction.lag.ms"}};
constexpr Synonym kMinInsyncReplicas[] = {{"min.insync.replicas"}};
constexpr Synonym kPreallocate[] = {{"log.preallocate"}};
constexpr Synonym kRetentionBytes[] = {{"log.retention.bytes"}};
constexpr Synonym kRetentionMs[] = {
    {"log.retention.ms"}, {"log.retention.minutes", kMinute}, {"log.retention.hours", kHour}};
constexpr Synonym kSegmentBytes[] = {{"log.segment.bytes"}};
constexpr Synonym kSegmentIndexBytes[] = {{"log.index.size.max.bytes"}};
constexpr Synonym kSegmentJitterMs[] = {{"log.roll.jitter.ms"}, {"log.roll.jitter.hours", kHour}};
constexpr Synonym kSegmentMs[] = {{"log.roll.ms"}, {"log.roll.hours", kHour}};
constexpr Synonym kUncleanLeaderElectionEnable[] = {{"unclean.leader.election.enable"}};

// clang-format off: one row of the table takes few lines
constexpr TopicSetting kRows[] = {
    {.name = "cleanup.policy", .type = kList, .default_value = "delete", .allowed = "compact|delete",
     .synonyms = kCleanupPolicy,
     .doc = "What happens to old records: `delete`, `compact`, both, or nothing when empty."},
    {.name = "compression.gzip.level", .type = kInt, .default_value = "-1", .allowed = "-1|1|2|3|4|5|6|7|8|9",
     .synonyms = kCompressionGzipLevel, .doc = "Level when the codec is gzip; -1 is the codec's own choice."},
    {.name = "compression.lz4.level", .type = kInt, .default_value = "9", .allowed = "[1,17]",
     .synonyms = kCompressionLz4Level, .doc = "Level when the codec is lz4."},
    {.name = "compression.type", .type = kString, .default_value = "producer",
     .allowed = "uncompressed|zstd|lz4|snappy|gzip|producer", .synonyms = kCompressionType,
     .doc = "Codec of stored batches; `producer` keeps what the producer chose, `uncompressed` stores plainly."},
    {.name = "compression.zstd.level", .type = kInt, .default_value = "3", .allowed = "[-131072,22]",
     .synonyms = kCompressionZstdLevel, .doc = "Level when the codec is zstd."},
    {.name = "delete.retention.ms", .type = kLong, .unit = kMilliseconds, .default_value = "86400000",
     .allowed = "[0,]", .synonyms = kDeleteRetentionMs,
     .doc = "How long tombstones and transaction markers stay after a compaction."},
    {.name = "file.delete.delay.ms", .type = kLong, .unit = kMilliseconds, .default_value = "60000",
     .allowed = "[0,]", .synonyms = kFileDeleteDelayMs,
     .doc = "Wait between the removal of a segment from the log and that of its file."},
    {.name = "flush.messages", .type = kLong, .default_value = "9223372036854775807", .allowed = "[1,]",
     .synonyms = kFlushMessages,
     .doc = "Records after which the log is synced to disk; 1 syncs every write before it is acknowledged."},
    {.name = "flush.ms", .type = kLong, .unit = kMilliseconds, .default_value = "9223372036854775807",
     .allowed = "[0,]", .synonyms = kFlushMs,
     .doc = "A record is synced to disk at the latest after this long."},
    {.name = "follower.replication.throttled.replicas", .type = kList, .default_value = "",
     .allowed = "@replicas",
     .doc = "Replicas whose followers are throttled, as partition:broker pairs, or `*`."},
    {.name = "index.interval.bytes", .type = kInt, .unit = kBytes, .default_value = "4096", .allowed = "[0,]",
     .synonyms = kIndexIntervalBytes, .doc = "Bytes of records between two entries of the offset index."},
    {.name = "internal.segment.bytes", .type = kInt, .unit = kBytes, .listed = false,
     .doc = "Segment size without its lower bound, for tests."},
    {.name = "leader.replication.throttled.replicas", .type = kList, .default_value = "",
     .allowed = "@replicas",
     .doc = "Replicas whose leaders are throttled, as partition:broker pairs, or `*`."},
    {.name = "local.retention.bytes", .type = kLong, .unit = kBytes, .default_value = "-2",
     .allowed = "[-2,]", .synonyms = kLocalRetentionBytes,
     .doc = "Bytes that stay on local disk when the topic is tiered; -2 follows `retention.bytes`."},
    {.name = "local.retention.ms", .type = kLong, .unit = kMilliseconds, .default_value = "-2",
     .allowed = "[-2,]", .synonyms = kLocalRetentionMs,
     .doc = "How long records stay on local disk when the topic is tiered; -2 follows `retention.ms`."},
    {.name = "max.compaction.lag.ms", .type = kLong, .unit = kMilliseconds,
     .default_value = "9223372036854775807", .allowed = "[1,]", .synonyms = kMaxCompactionLagMs,
     .doc = "A record is compacted at the latest after this long."},
    {.name = "max.message.bytes", .type = kInt, .unit = kBytes, .default_value = "1048588", .allowed = "[0,]",
     .synonyms = kMaxMessageBytes, .doc = "Largest batch of records, as it is stored."},
    {.name = "message.timestamp.after.max.ms", .type = kLong, .unit = kMilliseconds,
     .default_value = "3600000", .allowed = "[0,]", .synonyms = kMessageTimestampAfterMaxMs,
     .doc = "How far a record's timestamp may lie ahead of the broker's clock."},
    {.name = "message.timestamp.before.max.ms", .type = kLong, .unit = kMilliseconds,
     .default_value = "9223372036854775807", .allowed = "[0,]", .synonyms = kMessageTimestampBeforeMaxMs,
     .doc = "How far a record's timestamp may lie behind the broker's clock."},
    {.name = "message.timestamp.type", .type = kString, .default_value = "CreateTime",
     .allowed = "CreateTime|LogAppendTime", .synonyms = kMessageTimestampType,
     .doc = "Whether records keep the producer's timestamp or get the time of the append."},
    {.name = "min.cleanable.dirty.ratio", .type = kDouble, .default_value = "0.5", .allowed = "[0,1]",
     .synonyms = kMinCleanableDirtyRatio,
     .doc = "Share of uncompacted bytes from which the log is worth cleaning."},
    {.name = "min.compaction.lag.ms", .type = kLong, .unit = kMilliseconds, .default_value = "0",
     .allowed = "[0,]", .synonyms = kMinCompactionLagMs,
     .doc = "A record stays uncompacted at least this long."},
    {.name = "min.insync.replicas", .type = kInt, .default_value = "1", .allowed = "[1,]",
     .synonyms = kMinInsyncReplicas,
     .doc = "In-sync replicas that must have a record before acks=all is answered."},
    {.name = "preallocate", .type = kBoolean, .default_value = "false", .synonyms = kPreallocate,
     .doc = "Allocate the whole file of a new segment at once."},
    {.name = "remote.log.copy.disable", .type = kBoolean, .default_value = "false",
     .doc = "Stop copying to tiered storage; what is there stays readable."},
    {.name = "remote.log.delete.on.disable", .type = kBoolean, .default_value = "false",
     .doc = "Delete what lies in tiered storage when it is turned off."},
    {.name = "remote.storage.enable", .type = kBoolean, .default_value = "false",
     .doc = "Keep old segments in tiered storage."},
    {.name = "retention.bytes", .type = kLong, .unit = kBytes, .default_value = "-1",
     .synonyms = kRetentionBytes,
     .doc = "Size of a partition from which its oldest segments are deleted; -1 means no limit."},
    {.name = "retention.ms", .type = kLong, .unit = kMilliseconds, .default_value = "604800000",
     .allowed = "[-1,]", .synonyms = kRetentionMs,
     .doc = "Age from which segments are deleted; -1 means never."},
    {.name = "segment.bytes", .type = kInt, .unit = kBytes, .default_value = "1073741824",
     .allowed = "[1048576,]", .synonyms = kSegmentBytes, .doc = "Largest file of one segment."},
    {.name = "segment.index.bytes", .type = kInt, .unit = kBytes, .default_value = "10485760",
     .allowed = "[4,]", .synonyms = kSegmentIndexBytes,
     .doc = "Largest offset index; a full one closes its segment."},
    {.name = "segment.jitter.ms", .type = kLong, .unit = kMilliseconds, .default_value = "0",
     .allowed = "[0,]", .synonyms = kSegmentJitterMs,
     .doc = "Largest random part taken off the roll time, so that segments do not roll all at once."},
    {.name = "segment.ms", .type = kLong, .unit = kMilliseconds, .default_value = "604800000",
     .allowed = "[1,]", .synonyms = kSegmentMs,
     .doc = "Age from which a new segment is begun even if the old one is not full."},
    {.name = "unclean.leader.election.enable", .type = kBoolean, .default_value = "false",
     .synonyms = kUncleanLeaderElectionEnable,
     .doc = "Let a replica lead that is not in sync, when no other is left; loses records."},
};
// clang-format on

}  // namespace

std::span<const TopicSetting> topic_settings() { return kRows; }

}  // namespace tributary::config
