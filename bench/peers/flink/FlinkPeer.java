// Apache Flink as a contestant of bench/peers: one query over a bounded Kafka topic into a blackhole, in a mini cluster of one slot.
//
//   java -cp ... FlinkPeer BOOTSTRAP TOPIC EMPTY_TOPIC SOURCE.sql QUERY.sql
//
// The query runs over TOPIC once to warm the JVM, then once more, then over EMPTY_TOPIC: what that costs (planning, submission, start) is taken off. One
// line of JSON: CPU-seconds of the whole process.
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;

public final class FlinkPeer {
  private static double cpuSeconds() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime() / 1e9;
  }

  private static double run(String bootstrap, String topic, String source, String query) throws Exception {
    double begin = cpuSeconds();
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(1, new Configuration());
    environment.getConfig().enableObjectReuse();
    StreamTableEnvironment table = StreamTableEnvironment.create(environment);
    String definitions = source.replace("${BOOTSTRAP}", bootstrap).replace("${TOPIC}", topic);
    for (String statement : (definitions + query).split(";")) {
      if (!statement.isBlank()) table.executeSql(statement).await();
    }
    return cpuSeconds() - begin;
  }

  public static void main(String[] arguments) throws Exception {
    String source = Files.readString(Path.of(arguments[3])), query = Files.readString(Path.of(arguments[4]));
    double cold = run(arguments[0], arguments[1], source, query);
    long wallBegin = System.nanoTime();
    double warm = run(arguments[0], arguments[1], source, query);
    double wall = (System.nanoTime() - wallBegin) / 1e9;
    double empty = run(arguments[0], arguments[2], source, query);
    System.out.printf("{\"cold_cpu_seconds\": %.3f, \"warm_cpu_seconds\": %.3f, \"empty_cpu_seconds\": %.3f, \"wall_seconds\": %.3f}%n", cold, warm, empty, wall);
    System.exit(0);
  }
}
