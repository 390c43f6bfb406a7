import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * Encodes messages with Kafka's own classes. What a field holds follows from its path alone (see Values), so that the
 * same content can be made elsewhere. A line is: name, version, variant (f: all fields filled, n: those that can be null
 * are, d: a message as constructed), hex.
 */
final class MessageVectors {
  private final boolean nulls;
  private final short version;

  private MessageVectors(short version, boolean nulls) {
    this.version = version;
    this.nulls = nulls;
  }

  static void print(String name, java.util.function.Supplier<? extends Message> make) throws Exception {
    Message sample = make.get();
    Schema[] schemas = (Schema[]) sample.getClass().getField("SCHEMAS").get(null);
    for (short v = sample.lowestSupportedVersion(); v <= sample.highestSupportedVersion(); v++) {
      Message full = make.get();
      new MessageVectors(v, false).fill(full, schemas[v], "");
      String bytes = encode(full, v);
      System.out.println(name + " " + v + " f " + bytes);
      Message nulls = make.get();
      new MessageVectors(v, true).fill(nulls, schemas[v], "");
      if (!encode(nulls, v).equals(bytes)) System.out.println(name + " " + v + " n " + encode(nulls, v));
      try {
        System.out.println(name + " " + v + " d " + encode(make.get(), v));
      } catch (NullPointerException mandatory) {
        // a records field that has to be set
      }
    }
  }

  private static String encode(Message message, short version) {
    ByteBuffer bytes = MessageUtil.toByteBufferAccessor(message, version).buffer();
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    return HexFormat.of().formatHex(copy);
  }

  private void fill(Object struct, Schema schema, String path) throws Exception {
    for (BoundField bound : schema.fields()) {
      if (bound.def.type instanceof TaggedFields tagged) {
        for (Map.Entry<Integer, org.apache.kafka.common.protocol.types.Field> entry : tagged.fields().entrySet()) {
          fillField(struct, entry.getValue().name, entry.getValue().type, path);
        }
      } else {
        fillField(struct, bound.def.name, bound.def.type, path);
      }
    }
  }

  private void fillField(Object struct, String name, org.apache.kafka.common.protocol.types.Type type, String path)
      throws Exception {
    Field field = struct.getClass().getDeclaredField(camelCase(name));
    field.setAccessible(true);
    boolean mandatory = name.equals("unaligned_records");
    boolean isNull = nulls && type.isNullable() && !mandatory;
    field.set(struct, isNull ? null : value(field.getType(), field.getGenericType(), type, path + ourName(name)));
  }

  private static String ourName(String name) {
    return name.equals("version") ? "record_version" : name.replace("request_api_", "api_");
  }

  private Object value(Class<?> javaType, Type generic, org.apache.kafka.common.protocol.types.Type type, String path)
      throws Exception {
    if (type.isArray()) return array(javaType, generic, type.arrayElementType().get(), path);
    if (!(type instanceof Schema schema)) return Values.scalar(javaType, type.toString(), path);
    Object struct = construct(javaType);
    fill(struct, schema, path + ".");
    return struct;
  }

  @SuppressWarnings("unchecked")
  private Object array(Class<?> javaType, Type generic, org.apache.kafka.common.protocol.types.Type type, String path)
      throws Exception {
    Collection<Object> items = javaType == List.class ? new ArrayList<>() : (Collection<Object>) construct(javaType);
    Type elements = generic instanceof ParameterizedType list ? list : javaType.getGenericSuperclass();
    Class<?> element = (Class<?>) ((ParameterizedType) elements).getActualTypeArguments()[0];
    for (int i = 0; i < 2; i++) items.add(value(element, element, type, path + "[" + i + "]"));
    return items;
  }

  private static Object construct(Class<?> type) throws Exception {
    var constructor = type.getDeclaredConstructor();
    constructor.setAccessible(true);
    return constructor.newInstance();
  }

  private static String camelCase(String snake) {
    StringBuilder camel = new StringBuilder();
    for (String word : snake.split("_")) {
      camel.append(camel.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
    }
    return camel.toString().replace("kraftVersion", "kRaftVersion");
  }

  /** The rule that content follows: 64-bit FNV-1a of the field's path, cut to what the field can hold. */
  private static final class Values {
    static Object scalar(Class<?> type, String schemaType, String path) {
      long hash = hash(path);
      if (type == boolean.class) return (hash & 1) != 0;
      if (type == byte.class || type == Byte.class) return (byte) hash;
      if (type == short.class || type == Short.class) return (short) hash;
      if (type == int.class || type == Integer.class) return schemaType.equals("UINT16") ? (int) hash & 0xffff : (int) hash;
      if (type == long.class || type == Long.class) return schemaType.equals("UINT32") ? hash & 0xffffffffL : hash;
      if (type == double.class) return (double) (int) hash;
      if (type == String.class) return "s" + HexFormat.of().toHexDigits((int) hash) + ((hash & 4) != 0 ? "é" : "");
      if (type == Uuid.class) return new Uuid(hash, ~hash);
      if (type == byte[].class) return bytes(hash);
      if (type == ByteBuffer.class) return ByteBuffer.wrap(bytes(hash));
      if (type == BaseRecords.class) return MemoryRecords.readableRecords(ByteBuffer.wrap(bytes(hash)));
      throw new IllegalStateException(path + ": " + type);
    }

    private static byte[] bytes(long hash) {
      byte[] bytes = new byte[1 + (int) ((hash >>> 8) % 7)];
      for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) (hash >>> (8 * i));
      return bytes;
    }

    private static long hash(String path) {
      long hash = 0xcbf29ce484222325L;
      for (int i = 0; i < path.length(); i++) hash = (hash ^ path.charAt(i)) * 0x100000001b3L;
      return hash;
    }
  }
}
