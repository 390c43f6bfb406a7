import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The clients' side of moving a node's directory between brokers: fill it, change it, and tell all that is in it.
 *
 *   Adoption BOOTSTRAP write          every codec, compaction, transactions (one left open), groups
 *   Adoption BOOTSTRAP change N       produces, makes a topic, alters a config, deletes what change N-1 made
 *   Adoption BOOTSTRAP groups yes|no  whether the state tells of groups, too
 *   Adoption BOOTSTRAP state          prints one line for each thing that must survive
 *
 * Verbs may follow each other.
 */
public class Adoption {
    static String bootstrap;
    static Admin admin;
    static boolean groups = true;

    static KafkaProducer<byte[], byte[]> producer(String... settings) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        for (int i = 0; i < settings.length; i += 2) properties.put(settings[i], settings[i + 1]);
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    static KafkaConsumer<byte[], byte[]> consumer(String... settings) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("isolation.level", "read_committed");
        properties.put("enable.auto.commit", "false");
        for (int i = 0; i < settings.length; i += 2) properties.put(settings[i], settings[i + 1]);
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    static void create(String topic, int partitions, Map<String, String> configs) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(configs))).all().get();
    }

    static ProducerRecord<byte[], byte[]> record(String topic, int partition, String key, String value) {
        return new ProducerRecord<>(topic, partition, key.getBytes(), value == null ? null : value.getBytes());
    }

    static void write() throws Exception {
        for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
            create("codec-" + codec, 2, Map.of("segment.bytes", "1048576"));
            try (KafkaProducer<byte[], byte[]> producer = producer("compression.type", codec, "linger.ms", "5")) {
                for (int i = 0; i < 4000; i++) producer.send(record("codec-" + codec, i % 2, "k" + i, "value " + i + "x".repeat(i % 700)));
            }
        }
        create("compacted", 1, Map.of("cleanup.policy", "compact", "segment.ms", "500", "min.cleanable.dirty.ratio", "0.01"));
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            for (int i = 0; i < 3000; i++) producer.send(record("compacted", 0, "k" + i % 50, i % 50 == 7 ? null : "v" + i));
        }
        create("transactions", 1, Map.of());
        try (KafkaProducer<byte[], byte[]> producer = producer("transactional.id", "finished")) {
            producer.initTransactions();
            for (int i = 0; i < 30; i++) {
                producer.beginTransaction();
                for (int j = 0; j < 5; j++) producer.send(record("transactions", 0, "k", "t" + i + "." + j));
                if (i % 3 == 0) producer.abortTransaction(); else producer.commitTransaction();
            }
        }
        create("hanging", 1, Map.of());
        KafkaProducer<byte[], byte[]> open = producer("transactional.id", "open", "transaction.timeout.ms", "800000");
        open.initTransactions();
        open.beginTransaction();
        open.send(record("hanging", 0, "k", "never ended")).get();  // and never closed: the process is halted
        create("deleted-0", 1, Map.of());
        for (String group : List.of("readers", "others")) {
            try (KafkaConsumer<byte[], byte[]> consumer = consumer("group.id", group, "auto.offset.reset", "earliest")) {
                consumer.subscribe(List.of("codec-lz4"));
                while (consumer.poll(Duration.ofMillis(500)).isEmpty()) { }
                consumer.commitSync();
            }
        }
    }

    static void change(int n) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = producer("compression.type", n % 2 == 0 ? "zstd" : "lz4")) {
            for (int i = 0; i < 1000; i++) producer.send(record("codec-none", i % 2, "c" + i, "change " + n + " " + i));
            create("made-" + n, 3, Map.of("retention.ms", "86400000", "min.insync.replicas", "1"));
            for (int i = 0; i < 300; i++) producer.send(record("made-" + n, i % 3, "m" + i, "made " + i));
            for (int i = 0; i < 50; i++) producer.send(record("compacted", 0, "k" + i, "changed " + n));
        }
        create("deleted-" + n, 1, Map.of());
        admin.deleteTopics(List.of("deleted-" + (n - 1))).all().get();
        admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.TOPIC, "codec-gzip"),
            List.of(new AlterConfigOp(new ConfigEntry("retention.ms", "" + (600000000L + n)), AlterConfigOp.OpType.SET)))).all().get();
    }

    static void hash(MessageDigest digest, byte[] bytes) {
        digest.update(bytes == null ? new byte[] {0} : bytes);
        digest.update((byte) 1);
    }

    // All visible records of a partition, offsets and timestamps too; of a compacted topic what its keys are now.
    static String content(KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, boolean compacted) throws Exception {
        Set<TopicPartition> one = Set.of(partition);
        consumer.assign(one);
        consumer.seekToBeginning(one);
        long end = consumer.endOffsets(one).get(partition), count = 0;
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        TreeMap<String, String> keys = new TreeMap<>();
        while (consumer.position(partition) < end) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
                count++;
                if (compacted) {
                    String key = new String(record.key());
                    if (record.value() == null) keys.remove(key); else keys.put(key, new String(record.value()));
                } else {
                    hash(digest, (record.offset() + "@" + record.timestamp()).getBytes());
                    hash(digest, record.key());
                    hash(digest, record.value());
                }
            }
        }
        if (compacted) hash(digest, keys.toString().getBytes());
        String sum = HexFormat.of().formatHex(digest.digest()).substring(0, 16);
        return "end " + end + (compacted ? " keys " + keys.size() : " records " + count) + " sha256 " + sum;
    }

    static void state() throws Exception {
        System.out.println("cluster " + admin.describeCluster().clusterId().get());
        Set<String> topics = new TreeSet<>(admin.listTopics().names().get());
        List<ConfigResource> resources = new ArrayList<>();
        for (String topic : topics) resources.add(new ConfigResource(ConfigResource.Type.TOPIC, topic));
        Map<ConfigResource, Config> configs = admin.describeConfigs(resources).all().get();
        try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
            for (String topic : topics) {
                TreeMap<String, String> set = new TreeMap<>();
                for (ConfigEntry entry : configs.get(new ConfigResource(ConfigResource.Type.TOPIC, topic)).entries()) {
                    if (entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG) set.put(entry.name(), entry.value());
                }
                System.out.println("topic " + topic + " id " + admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).topicId() + " configs " + set);
                boolean compacted = String.valueOf(set.get("cleanup.policy")).contains("compact");
                for (int i = 0; i < consumer.partitionsFor(topic).size(); i++) {
                    System.out.println("partition " + topic + "-" + i + " " + content(consumer, new TopicPartition(topic, i), compacted));
                }
            }
        }
        if (!groups) return;
        for (String group : List.of("others", "readers")) {
            TreeMap<String, Long> offsets = new TreeMap<>();
            Map<TopicPartition, OffsetAndMetadata> found = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
            found.forEach((partition, offset) -> offsets.put(partition.toString(), offset.offset()));
            System.out.println("group " + group + " " + offsets);
        }
    }

    public static void main(String[] args) throws Exception {
        bootstrap = args[0];
        admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
        for (int i = 1; i < args.length; i++) {
            switch (args[i]) {
                case "write" -> write();
                case "change" -> change(Integer.parseInt(args[++i]));
                case "groups" -> groups = args[++i].equals("yes");
                case "state" -> state();
                default -> throw new IllegalArgumentException(args[i]);
            }
        }
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }
}
