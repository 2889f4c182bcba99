// Starts one Elasticsearch node from its published jars: arguments are home, data folder, HTTP port, transport port, node name, and settings as name=value that outrank these.
import java.nio.file.Path;
import java.util.Map;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

public final class Launcher {
  public static void main(String[] arguments) throws Exception {
    Path home = Path.of(arguments[0]);
    Settings.Builder builder = Settings.builder()
        .put("path.home", home)
        .put("path.data", arguments[1])
        .put("path.logs", arguments[1] + "/logs")
        .put("node.name", arguments[4])
        .put("cluster.name", "foghorn-local")
        .put("discovery.type", "single-node")
        .put("network.host", "127.0.0.1")
        .put("http.port", arguments[2])
        .put("transport.port", arguments[3])
        // A developer's nearly full disk must not turn the indices read-only.
        .put("cluster.routing.allocation.disk.threshold_enabled", false)
        // The serial collector lets garbage lie until the heap is full, and the breaker would take it for memory in use and refuse requests.
        .put("indices.breaker.total.use_real_memory", false);
    for (int index = 5; index < arguments.length; index++) {
      String[] setting = arguments[index].split("=", 2);
      builder.put(setting[0], setting[1]);
    }
    Settings settings = builder.build();
    LogConfigurator.configureWithoutConfig(Settings.builder().put("logger.level", "WARN").build());
    Environment environment =
        InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), home.resolve("config"), () -> arguments[4]);
    PluginsLoader plugins = PluginsLoader.createPluginsLoader(
        PluginsLoader.loadModulesBundles(home.resolve("modules"), true),
        PluginsLoader.loadPluginsBundles(home.resolve("plugins"), true),
        Map.of(),
        false);
    Node node = new Node(environment, plugins);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node)));
    try {
      node.start();
    } catch (Exception error) {
      // Without an end of its own the process would stay, for the sake of threads that were started already.
      error.printStackTrace();
      System.exit(1);
    }
    Thread.currentThread().join();
  }

  private static void close(Node node) {
    try {
      node.close();
    } catch (Exception error) {
      error.printStackTrace();
    }
  }
}
