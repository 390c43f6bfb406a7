import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes one topic for each thing a log can hold: every codec, both timestamp types, transactions, keys to compact. */
public class WriteTopics {
    static final Random RANDOM = new Random(42);
    static String bootstrap;

    static KafkaProducer<byte[], byte[]> producer(String... settings) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("linger.ms", "5");
        for (int i = 0; i < settings.length; i += 2) properties.put(settings[i], settings[i + 1]);
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    static ProducerRecord<byte[], byte[]> record(String topic, int keys) {
        byte[] value = new byte[RANDOM.nextInt(300)];
        java.util.Arrays.fill(value, (byte) ('a' + RANDOM.nextInt(26)));
        byte[] key = ("key" + RANDOM.nextInt(keys)).getBytes();
        boolean tombstone = keys < 100 && RANDOM.nextInt(10) == 0;
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, 0, key, tombstone ? null : value);
        if (RANDOM.nextInt(4) == 0) record.headers().add(new RecordHeader("header", key));
        return record;
    }

    static void create(Admin admin, String topic, Map<String, String> configs) throws Exception {
        Map<String, String> all = new HashMap<>(configs);
        all.putIfAbsent("segment.bytes", "1048576");
        admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1).configs(all))).all().get();
    }

    static void plain(Admin admin, String topic, Map<String, String> configs, String... settings) throws Exception {
        create(admin, topic, configs);
        try (KafkaProducer<byte[], byte[]> producer = producer(settings)) {
            for (int i = 0; i < 20000; i++) producer.send(record(topic, 1000));
        }
    }

    static void transactions(Admin admin, String topic) throws Exception {
        create(admin, topic, Map.of());
        try (KafkaProducer<byte[], byte[]> producer = producer("transactional.id", "t-" + topic, "linger.ms", "0")) {
            producer.initTransactions();
            for (int i = 0; i < 100; i++) {
                producer.beginTransaction();
                for (int j = 0; j < 20; j++) producer.send(record(topic, 1000));
                if (i % 3 == 0) {
                    producer.flush();
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                }
            }
        }
    }

    public static void main(String[] args) throws Exception {
        bootstrap = args[0];
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
                plain(admin, "codec-" + codec, Map.of(), "compression.type", codec);
                plain(admin, "recoded-" + codec, Map.of("compression.type", codec.replace("none", "uncompressed")));
            }
            plain(admin, "append-time", Map.of("message.timestamp.type", "LogAppendTime"));
            plain(admin, "no-idempotence", Map.of(), "enable.idempotence", "false", "acks", "1");
            transactions(admin, "transactions");
            create(admin, "compacted", Map.of("cleanup.policy", "compact", "min.cleanable.dirty.ratio", "0.01",
                "segment.ms", "500", "delete.retention.ms", "100", "max.compaction.lag.ms", "1000"));
            try (KafkaProducer<byte[], byte[]> producer = producer("compression.type", "lz4", "batch.size", "2000")) {
                for (int i = 0; i < 20000; i++) {
                    producer.send(record("compacted", 50));
                    if (i % 4000 == 3999) {
                        producer.flush();
                        Thread.sleep(600);
                    }
                }
            }
        }
    }
}
