#include "metrics.h"

#include <future>

#include "fetch_session.h"
#include "group_metrics.h"
#include "log_cleaner.h"
#include "partition_manager.h"
#include "shard.h"
#include "tributary/admin/prometheus.h"

namespace tributary::broker {
namespace {

struct PartitionNumbers {
  storage::TopicPartition name;
  uint64_t bytes_in, messages_in, bytes_out, size, segments;
  Offset log_start, log_end, high_watermark;
  size_t producers;
};

// Kafka's brokerstate values.
int state_number(BrokerState state) {
  switch (state) {
    case BrokerState::kStarting:
      return 1;
    case BrokerState::kRecovering:
      return 2;
    case BrokerState::kServing:
      return 3;
    case BrokerState::kStopping:
      return 6;
    case BrokerState::kStopped:
      return 7;
  }
  return 0;
}

// What only the shards' own threads may read. The image is null if none of them answered.
struct ShardNumbers {
  std::vector<PartitionNumbers> partitions;
  control::ImagePtr image;
};

ShardNumbers ask_shards(BrokerContext& context) {
  std::vector<std::future<ShardNumbers>> answers;
  for (auto& shard : context.shards) {
    auto answer = std::make_shared<std::promise<ShardNumbers>>();
    answers.push_back(answer->get_future());
    shard->post([&shard = *shard, answer] {
      ShardNumbers mine{{}, shard.image()};
      mine.partitions.reserve(shard.partition_count());
      shard.for_each_partition([&](replica::Partition& partition) {
        const storage::Log& log = partition.log();
        auto& counters = partition.counters();
        mine.partitions.push_back({log.name(), counters.bytes_in.value(), counters.messages_in.value(),
                                   counters.bytes_out.value(), log.size_bytes(), log.segment_count(),
                                   log.start_offset(), log.end_offset(), partition.high_watermark(),
                                   log.producer_count()});
      });
      answer->set_value(std::move(mine));
    });
  }
  ShardNumbers all;
  for (auto& answer : answers) {
    if (answer.wait_for(std::chrono::seconds(1)) != std::future_status::ready)
      continue;  // /healthz tells of that
    auto part = answer.get();
    std::move(part.partitions.begin(), part.partitions.end(), std::back_inserter(all.partitions));
    all.image = std::move(part.image);
  }
  return all;
}

void show_requests(MetricSink& sink, const BrokerContext& context) {
  for (const Api& api : api_table()) {
    uint64_t requests = 0, errors = 0;
    Histogram total;
    for (const auto& shard : context.shards) {
      const ApiProbe& probe = shard->probe().apis[api.index];
      requests += probe.requests.value();
      errors += probe.errors.value();
      probe.total_us.merge_into(total);
    }
    if (requests == 0) continue;
    const Labels labels = {{"request", wire::api_name(api.key)}};
    sink.counter("kafka_network_requestmetrics_requests_total", "Requests by API.", labels,
                 static_cast<double>(requests));
    sink.counter("kafka_network_requestmetrics_errors_total", "Requests answered with an error.", labels,
                 static_cast<double>(errors));
    sink.histogram("kafka_network_requestmetrics_totaltimems", "Time from frame to answer, milliseconds.",
                   labels, total, 1e-3);
  }
}

template <typename Read>
double sum(const BrokerContext& context, Read read) {
  double total = 0;
  for (const auto& shard : context.shards) total += static_cast<double>(read(shard->probe()));
  return total;
}

void show_network(MetricSink& sink, const BrokerContext& context) {
  for (const auto& shard : context.shards) {
    const std::string processor = std::to_string(shard->index());
    sink.gauge("kafka_server_socket_server_metrics_connection_count", "Open client connections.",
               {{"networkProcessor", processor}}, static_cast<double>(shard->probe().connections.value()));
    sink.counter("kafka_server_socket_server_metrics_connection_creation_total", "Connections accepted.",
                 {{"networkProcessor", processor}},
                 static_cast<double>(shard->probe().connections_accepted.value()));
  }
  const auto count = [&](std::string_view name, std::string_view help, auto read) {
    sink.counter(name, help, {}, sum(context, read));
  };
  count("tributary_network_received_bytes_total", "Bytes read from clients.",
        [](const ShardProbe& p) { return p.bytes_received.value(); });
  count("tributary_network_sent_bytes_total", "Bytes sent to clients.",
        [](const ShardProbe& p) { return p.bytes_sent.value(); });
  count("tributary_network_rejected_connections_total", "Connections closed for bytes that are not Kafka's.",
        [](const ShardProbe& p) { return p.rejected_frames.value(); });
  count("tributary_network_refused_connections_total", "Connections refused over a limit on their number.",
        [](const ShardProbe& p) { return p.connections_refused.value(); });
  count("tributary_network_malformed_requests_total", "Requests whose body could not be decoded.",
        [](const ShardProbe& p) { return p.malformed_requests.value(); });
  count("tributary_network_idle_closed_total", "Connections closed after connections.max.idle.ms.",
        [](const ShardProbe& p) { return p.idle_closed.value(); });
  sink.gauge("tributary_request_memory_bytes", "Memory held by requests in progress.", {},
             static_cast<double>(context.memory.used()));
  sink.gauge("tributary_request_memory_limit_bytes", "What they may hold together.", {},
             static_cast<double>(context.memory.limit()));
  sink.gauge("tributary_incoming_memory_bytes", "Memory held for frames that have not arrived whole.", {},
             static_cast<double>(context.incoming.used()));
  sink.gauge("tributary_answer_memory_bytes", "Memory held by records read and not yet sent.", {},
             static_cast<double>(context.answers.used()));
}

void show_storage(MetricSink& sink, const BrokerContext& context) {
  const auto count = [&](std::string_view name, std::string_view help, auto read) {
    sink.counter(name, help, {}, sum(context, [&](const ShardProbe& p) { return read(p.log); }));
  };
  count("tributary_log_corrupt_batches_total", "Batches whose checksum did not match when read.",
        [](const storage::LogProbe& p) { return p.corrupt_batches.value(); });
  count("tributary_log_write_failures_total", "Appends the file system refused.",
        [](const storage::LogProbe& p) { return p.write_failures.value(); });
  count("tributary_log_truncated_bytes_total", "Bytes cut off by recovery.",
        [](const storage::LogProbe& p) { return p.truncated_bytes.value(); });
  count("tributary_log_evicted_producers_total", "Producers forgotten because a partition had too many.",
        [](const storage::LogProbe& p) { return p.evicted_producers.value(); });
  sink.counter("tributary_fetch_cold_reads_total", "Reads that were not in the page cache.", {},
               sum(context, [](const ShardProbe& p) { return p.cold_reads.value(); }));
  Histogram stall;
  for (const auto& shard : context.shards) shard->probe().log.append_stall_us.merge_into(stall);
  sink.histogram("tributary_log_append_stall_seconds", "Time a write to the log held its shard.", {}, stall,
                 1e-6);
}

void show_topics(MetricSink& sink, const std::vector<PartitionNumbers>& partitions) {
  struct Sums {
    uint64_t bytes_in = 0, messages_in = 0, bytes_out = 0;
  };
  std::map<std::string, Sums> topics;
  for (const auto& one : partitions) {
    for (Sums* sums : {&topics[one.name.topic], &topics[""]}) {
      sums->bytes_in += one.bytes_in;
      sums->messages_in += one.messages_in;
      sums->bytes_out += one.bytes_out;
    }
  }
  for (const auto& [topic, sums] : topics) {
    const auto show = [&](std::string_view name, std::string_view help, uint64_t value) {
      if (topic.empty()) return sink.counter(name, help, {}, static_cast<double>(value));
      sink.counter(name, help, {{"topic", topic}}, static_cast<double>(value));
    };
    show("kafka_server_brokertopicmetrics_messagesin_total", "Records appended.", sums.messages_in);
    show("kafka_server_brokertopicmetrics_bytesin_total", "Bytes appended.", sums.bytes_in);
    show("kafka_server_brokertopicmetrics_bytesout_total", "Bytes sent to consumers.", sums.bytes_out);
  }
}

void show_partitions(MetricSink& sink, const std::vector<PartitionNumbers>& partitions) {
  for (const auto& one : partitions) {
    const std::string index = std::to_string(one.name.partition);
    const Labels labels = {{"topic", one.name.topic}, {"partition", index}};
    sink.gauge("kafka_log_log_size", "Bytes of the log.", labels, static_cast<double>(one.size));
    sink.gauge("kafka_log_log_numlogsegments", "Segments of the log.", labels,
               static_cast<double>(one.segments));
    sink.gauge("kafka_log_log_logstartoffset", "First offset.", labels, static_cast<double>(one.log_start));
    sink.gauge("kafka_log_log_logendoffset", "Next offset.", labels, static_cast<double>(one.log_end));
    sink.gauge("kafka_topic_partition_current_offset", "End of what consumers see.", labels,
               static_cast<double>(one.high_watermark));
    sink.gauge("kafka_topic_partition_oldest_offset", "First offset.", labels,
               static_cast<double>(one.log_start));
  }
}

void show_cluster(MetricSink& sink, const BrokerContext& context, const control::Image& image,
                  size_t open_partitions) {
  const auto gauge = [&](std::string_view name, std::string_view help, double value) {
    sink.gauge(name, help, {}, value);
  };
  gauge("kafka_controller_kafkacontroller_activecontrollercount", "1 where the active controller is.", 1);
  gauge("kafka_controller_kafkacontroller_globaltopiccount", "Topics.",
        static_cast<double>(image.topic_count()));
  gauge("kafka_controller_kafkacontroller_globalpartitioncount", "Partitions.",
        static_cast<double>(image.partition_count()));
  gauge("kafka_controller_kafkacontroller_offlinepartitionscount", "Partitions without an open leader.",
        static_cast<double>(image.partition_count()) - static_cast<double>(open_partitions));
  gauge("kafka_server_replicamanager_partitioncount", "Partitions here.",
        static_cast<double>(open_partitions));
  gauge("kafka_server_replicamanager_leadercount", "Partitions led here.",
        static_cast<double>(open_partitions));
  gauge("kafka_server_replicamanager_underreplicatedpartitions", "Partitions with too few in-sync replicas.",
        0);
  gauge("kafka_server_replicamanager_underminisrpartitioncount", "Partitions below min.insync.replicas.", 0);
  gauge("kafka_log_logmanager_offlinelogdirectorycount", "Log directories that failed.", 0);
  gauge("kafka_brokers", "Brokers in the cluster.", static_cast<double>(image.brokers().size()));
  gauge("kafka_server_fetchsessioncache_numincrementalfetchsessions", "Fetch sessions.",
        static_cast<double>(context.fetch_sessions->size()));
}

}  // namespace

std::string render_broker_metrics(BrokerContext& context, BrokerState state) {
  const bool serving = state == BrokerState::kServing;
  const ShardNumbers numbers = serving ? ask_shards(context) : ShardNumbers{};
  return admin::render_metrics([&](MetricSink& sink) {
    sink.gauge("kafka_server_kafkaserver_brokerstate", "3 is running.", {}, state_number(state));
    admin::collect_process(sink);
    show_requests(sink, context);
    show_network(sink, context);
    show_storage(sink, context);
    show_groups(sink, context);
    if (!numbers.image) return;
    context.cleaner->collect(sink);
    show_cluster(sink, context, *numbers.image, numbers.partitions.size());
    show_topics(sink, numbers.partitions);
    show_partitions(sink, numbers.partitions);
  });
}

}  // namespace tributary::broker
