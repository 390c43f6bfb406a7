import java.util.EnumSet;
import java.util.Set;
import org.apache.kafka.common.message.*;
import org.apache.kafka.common.metadata.MetadataRecordType;

/** Prints a vector of every message, version and variant that tests/unit/wire/golden_test.cc checks. */
public final class GoldenMessages {
  private static final Set<ApiMessageType> LEFT_OUT = EnumSet.of(
      ApiMessageType.SHARE_GROUP_HEARTBEAT, ApiMessageType.SHARE_GROUP_DESCRIBE, ApiMessageType.SHARE_FETCH,
      ApiMessageType.SHARE_ACKNOWLEDGE, ApiMessageType.INITIALIZE_SHARE_GROUP_STATE,
      ApiMessageType.READ_SHARE_GROUP_STATE, ApiMessageType.WRITE_SHARE_GROUP_STATE,
      ApiMessageType.DELETE_SHARE_GROUP_STATE, ApiMessageType.READ_SHARE_GROUP_STATE_SUMMARY,
      ApiMessageType.DESCRIBE_SHARE_GROUP_OFFSETS, ApiMessageType.ALTER_SHARE_GROUP_OFFSETS,
      ApiMessageType.DELETE_SHARE_GROUP_OFFSETS, ApiMessageType.STREAMS_GROUP_HEARTBEAT,
      ApiMessageType.STREAMS_GROUP_DESCRIBE);

  public static void main(String[] args) throws Exception {
    for (ApiMessageType api : ApiMessageType.values()) {
      if (LEFT_OUT.contains(api) || api.highestSupportedVersion(true) < 0) continue;
      MessageVectors.print(api.name + "Request", api::newRequest);
      MessageVectors.print(api.name + "Response", api::newResponse);
    }
    MessageVectors.print("RequestHeader", RequestHeaderData::new);
    MessageVectors.print("ResponseHeader", ResponseHeaderData::new);
    for (MetadataRecordType type : MetadataRecordType.values()) {
      MessageVectors.print(type.newMetadataRecord().getClass().getSimpleName(), type::newMetadataRecord);
    }
    MessageVectors.print("LeaderChangeMessage", LeaderChangeMessage::new);
    MessageVectors.print("SnapshotHeaderRecord", SnapshotHeaderRecord::new);
    MessageVectors.print("SnapshotFooterRecord", SnapshotFooterRecord::new);
    MessageVectors.print("KRaftVersionRecord", KRaftVersionRecord::new);
    MessageVectors.print("VotersRecord", VotersRecord::new);
    MessageVectors.print("EndTxnMarker", EndTxnMarker::new);
  }
}
