import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.message.KRaftVersionRecord;
import org.apache.kafka.common.message.LeaderChangeMessage;
import org.apache.kafka.common.message.SnapshotFooterRecord;
import org.apache.kafka.common.message.SnapshotHeaderRecord;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;

/** Prints record batches made by Kafka's builder, a name and hex a line, for tests/unit/wire/golden_batch_test.cc. */
public final class GoldenBatches {
  private static final int RECORDS = 200;

  public static void main(String[] args) {
    for (CompressionType type : CompressionType.values()) {
      print(type.name, fill(builder(Compression.of(type).build(), TimestampType.CREATE_TIME, false)));
    }
    print("log_append_time", fill(builder(Compression.NONE, TimestampType.LOG_APPEND_TIME, false)));
    print("transactional", fill(builder(Compression.NONE, TimestampType.CREATE_TIME, true)));
    for (ControlRecordType type : List.of(ControlRecordType.ABORT, ControlRecordType.COMMIT)) {
      EndTransactionMarker marker = new EndTransactionMarker(type, 7);
      print(type.name().toLowerCase(), MemoryRecords.withEndTransactionMarker(40, 5000, 3, 9, (short) 2, marker));
    }
    control();
  }

  private static MemoryRecordsBuilder builder(Compression compression, TimestampType timestamps, boolean transactional) {
    return new MemoryRecordsBuilder(ByteBuffer.allocate(1 << 16), RecordBatch.MAGIC_VALUE_V2, compression, timestamps,
        1000, 77_000, 9, (short) 2, 5, transactional, false, 3, 1 << 16);
  }

  private static MemoryRecords fill(MemoryRecordsBuilder builder) {
    for (int i = 0; i < RECORDS; i++) {
      byte[] key = i % 3 == 0 ? null : text("key-" + i);
      byte[] value = i % 7 == 0 ? null : text("value ".repeat(1 + i % 5) + i);
      Header[] headers = i % 4 != 0 ? new Header[0] : new Header[] {
          new RecordHeader("h", text("v" + i)), new RecordHeader("null", (byte[]) null)};
      builder.append(50_000 + (i * 37) % 100, key, value, headers);
    }
    return builder.build();
  }

  private static void control() {
    LeaderChangeMessage leader = new LeaderChangeMessage().setLeaderId(4).setVoters(
        List.of(new LeaderChangeMessage.Voter().setVoterId(4)));
    print("leader_change", MemoryRecords.withLeaderChangeMessage(40, 5000, 3, ByteBuffer.allocate(500), leader));
    SnapshotHeaderRecord header = new SnapshotHeaderRecord().setLastContainedLogTimestamp(12345);
    print("snapshot_header", MemoryRecords.withSnapshotHeaderRecord(40, 5000, 3, ByteBuffer.allocate(500), header));
    print("snapshot_footer", MemoryRecords.withSnapshotFooterRecord(40, 5000, 3, ByteBuffer.allocate(500),
        new SnapshotFooterRecord()));
    KRaftVersionRecord version = new KRaftVersionRecord().setKRaftVersion((short) 1);
    print("kraft_version", MemoryRecords.withKRaftVersionRecord(40, 5000, 3, ByteBuffer.allocate(500), version));
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void print(String name, MemoryRecords records) {
    ByteBuffer bytes = records.buffer().duplicate();
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    System.out.println(name + " " + HexFormat.of().formatHex(copy));
  }
}
