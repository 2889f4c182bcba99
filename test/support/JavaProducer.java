// Another client than ours: sends records with Kafka's own Java producer. Arguments: the brokers, then one for each batch: topic,codec,count,bytes,mode,value with the mode none, commit or abort, and the value, in base64, of every record or nothing.
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

public class JavaProducer {
  public static void main(String[] args) throws Exception {
    for (int i = 1; i < args.length; i++) send(args[0], args[i].split(",", -1));
  }

  static void send(String brokers, String[] what) throws Exception {
    String topic = what[0], codec = what[1], mode = what[4];
    int count = Integer.parseInt(what[2]), bytes = Integer.parseInt(what[3]);
    Properties settings = new Properties();
    settings.put("bootstrap.servers", brokers);
    settings.put("compression.type", codec);
    settings.put("linger.ms", "50");
    settings.put("batch.size", "200000");
    settings.put("max.request.size", "100000000");
    settings.put("buffer.memory", "200000000");
    if (!mode.equals("none")) settings.put("transactional.id", topic + codec + mode);
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      if (!mode.equals("none")) producer.initTransactions();
      if (!mode.equals("none")) producer.beginTransaction();
      for (int n = 0; n < count; n++) {
        String text = codec + " " + mode + " " + n + " ";
        byte[] value = new byte[Math.max(bytes, text.length())];
        System.arraycopy(text.getBytes(), 0, value, 0, text.length());
        if (!what[5].isEmpty()) value = java.util.Base64.getDecoder().decode(what[5]);
        producer.send(new ProducerRecord<>(topic, 0, ("key " + n).getBytes(), value));
      }
      producer.flush();
      if (mode.equals("commit")) producer.commitTransaction();
      if (mode.equals("abort")) producer.abortTransaction();
    }
  }
}
