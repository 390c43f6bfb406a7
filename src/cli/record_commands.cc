#include "commands.h"
#include "record_verbs.h"

namespace tributary::cli {
namespace {

constexpr const char* kFormats =
    "Formats: %k key, %v value, %t topic, %p partition, %o offset, %d timestamp, %h{%k=%v} headers; %K %V %T "
    "lengths;\n"
    "%k{hex} %v{base64} %K{big32} %d{rfc3339}; \\n \\t \\xHH. docs/cli.md has them all.";

}  // namespace

void add_produce_command(CLI::App& program, Session& session) {
  CLI::App& command = *program.add_subcommand("produce", "Write records from standard input, a line each");
  auto& options = bind(command, session, produce);
  command.add_option("topic,--topic", options.topic, "The topic; not needed if the format has %t")
      ->type_name("TOPIC");
  command.add_option("-f,--format", options.format, "How a record is read; %v\\n without it")
      ->type_name("FORMAT");
  command.add_option("-k,--key", options.key, "Key of all records")->type_name("KEY");
  add_list(command, "-H,--header", options.headers, "NAME=VALUE", "Header of all records");
  command.add_option("-z,--compression,--compression-codec", options.compression, "Codec")
      ->type_name("none|gzip|snappy|lz4|zstd")
      ->check(CLI::IsMember({"none", "gzip", "snappy", "lz4", "zstd"}).description(""));
  command.add_option("-p,--partition", options.partition, "Partition; else by the key as Kafka's clients do")
      ->check(CLI::NonNegativeNumber);
  command.add_option("--acks", options.acks, "Who must have a record: all, 1 (the leader), 0 (nobody)")
      ->type_name("all|1|0")
      ->check(CLI::IsMember({"all", "-1", "1", "0"}).description(""));
  command
      .add_option("-o,--output-format", options.report,
                  "Line for each record that was written, such as %p:%o\\n")
      ->type_name("FORMAT");
  command.add_flag("-Z,--tombstone", options.tombstone, "An empty value is null");
  command.add_flag("--allow-auto-topic-creation", options.auto_create,
                   "A topic that does not exist may make itself");
  command.add_option("--max-message-bytes", options.max_message_bytes, "Longest record that is read")
      ->check(CLI::Range(1000, 1'000'000'000));
  command
      .add_option("--delivery-timeout", options.delivery_timeout,
                  "After it a record counts as failed; else --timeout")
      ->type_name("DURATION");
  command.footer(kFormats);
}

void add_consume_command(CLI::App& program, Session& session) {
  CLI::App& command = *program.add_subcommand("consume", "Read records and print them");
  auto& options = bind(command, session, consume);
  command.add_option("topics,--topic", options.topics, "Topics")->type_name("TOPIC")->required();
  command.add_flag("-r,--regex", options.regex, "Topics are regular expressions for whole names");
  command
      .add_option("-o,--offset", options.offset,
                  "start, end, N, +N, -N, @TIME, or a range with a colon: N:M, :end, @-1h:end")
      ->type_name("OFFSET");
  command.add_option("-p,--partitions,--partition", options.partitions, "Only these, such as 0,1")
      ->type_name("LIST");
  command.add_option("-n,--num,--max-messages", options.count, "Stop after so many records")
      ->check(CLI::NonNegativeNumber);
  command.add_option("-f,--format", options.format, "How a record is printed; %v\\n without it; json")
      ->type_name("FORMAT");
  command
      .add_option("-g,--group", options.group, "Read as a member of this group and commit what was printed")
      ->type_name("GROUP");
  command.add_flag("--read-committed", options.read_committed,
                   "No records of transactions that are open or aborted");
  command.add_option("--rack", options.rack, "Read from replicas in this rack")->type_name("RACK");
  command.footer(kFormats);
}

}  // namespace tributary::cli
