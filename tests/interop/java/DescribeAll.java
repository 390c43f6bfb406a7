import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;

/** Prints every config of broker 1 and of a fresh topic, one a line: scope, name, then what DescribeConfigs tells of it. */
public class DescribeAll {
    static String described(ConfigEntry entry) {
        List<String> synonyms = new ArrayList<>();
        for (ConfigEntry.ConfigSynonym synonym : entry.synonyms()) synonyms.add(synonym.name() + "=" + synonym.value() + "@" + synonym.source());
        return String.join("\t", "value=" + entry.value(), "source=" + entry.source(), "type=" + entry.type(), "sensitive=" + entry.isSensitive(),
            "read-only=" + entry.isReadOnly(), "synonyms=" + synonyms, "documented=" + (entry.documentation() != null && !entry.documentation().isEmpty()));
    }

    public static void main(String[] args) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", args[0]))) {
            admin.createTopics(List.of(new NewTopic("described", 1, (short) 1))).all().get();
            Map<String, ConfigResource> scopes = new TreeMap<>(Map.of("broker", new ConfigResource(ConfigResource.Type.BROKER, "1"),
                "topic", new ConfigResource(ConfigResource.Type.TOPIC, "described")));
            Map<ConfigResource, Config> configs =
                admin.describeConfigs(scopes.values(), new DescribeConfigsOptions().includeSynonyms(true).includeDocumentation(true)).all().get();
            for (Map.Entry<String, ConfigResource> scope : scopes.entrySet()) {
                TreeMap<String, String> lines = new TreeMap<>();
                for (ConfigEntry entry : configs.get(scope.getValue()).entries()) lines.put(entry.name(), described(entry));
                lines.forEach((name, line) -> System.out.println(scope.getKey() + "\t" + name + "\t" + line));
            }
        }
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }
}
