// Writes the files of this folder with Kafka's own Java classes: java -cp '<Kafka's jars>/*' MakeBatches.java <folder>
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.*;

public class MakeBatches {
  static final int RECORDS = 300;
  static Path folder;

  public static void main(String[] args) throws Exception {
    folder = Path.of(args[0]);
    for (String codec : new String[] {"none", "gzip", "snappy", "lz4", "zstd"}) {
      write(codec, records(RecordBatch.MAGIC_VALUE_V2, codec));
    }
    write("v1-lz4", records(RecordBatch.MAGIC_VALUE_V1, "lz4"));
    write("v1-snappy", records(RecordBatch.MAGIC_VALUE_V1, "snappy"));
    write("abort-marker", MemoryRecords.withEndTransactionMarker(700L, 0L, 5, 9L, (short) 1, new EndTransactionMarker(ControlRecordType.ABORT, 0)).buffer());
    ByteBuffer empty = ByteBuffer.allocate(61);
    DefaultRecordBatch.writeEmptyHeader(empty, RecordBatch.MAGIC_VALUE_V2, 9L, (short) 1, 40, 800L, 809L, 5, TimestampType.CREATE_TIME, 1000L, false, false);
    empty.flip();
    write("empty", empty);
    write("headers-5000", headers(5000));
    bomb("bomb-zstd", "zstd");
  }

  static ByteBuffer records(byte magic, String codec) {
    ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
    MemoryRecordsBuilder builder = MemoryRecords.builder(buffer, magic, Compression.of(codec).build(), TimestampType.CREATE_TIME, 500L);
    for (int i = 0; i < RECORDS; i++) {
      byte[] key = ("key " + i % 7).getBytes(StandardCharsets.UTF_8);
      byte[] value = ("<Event number=\"" + i + "\">" + "Der Port 1755 ist belegt; ".repeat(i % 12) + Integer.toHexString(i * 0x9E3779B9) + "</Event>").getBytes(StandardCharsets.UTF_8);
      if (magic == RecordBatch.MAGIC_VALUE_V2) builder.append(1700000000000L + i, key, value, new Header[] {new RecordHeader("input", "java".getBytes()), new RecordHeader("twice", "1".getBytes()), new RecordHeader("twice", "2".getBytes()), new RecordHeader("none", (byte[]) null)});
      else builder.append(1700000000000L + i, key, value);
    }
    return builder.build().buffer();
  }

  static ByteBuffer headers(int count) {
    MemoryRecordsBuilder builder = MemoryRecords.builder(ByteBuffer.allocate(1 << 20), RecordBatch.MAGIC_VALUE_V2, Compression.of("none").build(), TimestampType.CREATE_TIME, 500L);
    Header[] headers = new Header[count];
    for (int i = 0; i < count; i++) headers[i] = new RecordHeader("h" + i, ("v" + i).getBytes());
    builder.append(1L, null, "many".getBytes(), headers);
    return builder.build().buffer();
  }

  static void bomb(String name, String codec) throws Exception {
    MemoryRecordsBuilder builder = MemoryRecords.builder(ByteBuffer.allocate(1 << 20), RecordBatch.MAGIC_VALUE_V2, Compression.of(codec).build(), TimestampType.CREATE_TIME, 500L);
    for (int i = 0; i < 7; i++) builder.append(1L, null, new byte[10 << 20]);
    write(name, builder.build().buffer());
  }

  static void write(String name, ByteBuffer bytes) throws Exception {
    byte[] out = new byte[bytes.remaining()];
    bytes.duplicate().get(out);
    Files.write(folder.resolve(name + ".bin"), out);
  }
}
