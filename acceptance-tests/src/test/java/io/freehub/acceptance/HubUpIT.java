package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.freehub.model.ConnectionString;
import io.freehub.model.Topic;
import io.freehub.standalone.HubOptions;
import io.freehub.testing.TopicReader;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as a person uses it, beside the hub of the other tests. */
class HubUpIT {

    private static final String HOST = "127.0.0.12";
    private static final int TERMINATED = 143;
    private static final List<String> SERVICES = List.of("KAFKA", "REGISTRY", "ROUTER", "TWIN", "COMMAND", "GATEWAY");

    @TempDir
    private Path directory;

    @Test
    void secondStartBuildsNothingAndFindsEverythingAsItWas() throws Exception {
        JsonNode created;
        String facts;
        try (var first = new Up()) {
            first.call("POST", "/devices", List.of(Map.of("id", "boiler")));
            created = first.call("GET", "/devices/boiler", "");
            first.write("kept");
            facts = Files.readString(first.environmentFile());
        }
        try (var second = new Up()) {
            assertThat(second.output).doesNotContain("building");
            assertThat(second.call("GET", "/devices/boiler", "")).isEqualTo(created);
            assertThat(Files.readString(second.environmentFile()))
                    .as("keys, authority, addresses")
                    .isEqualTo(facts);
            try (var events = TopicReader.fromStart(HOST + ":9092", Topic.EVENTS.name())) {
                events.await(event -> TopicReader.text(event).equals("kept"));
            }
        }
    }

    /** {@code ./hub up}, until it says that all is ready; closing ends it as a supervisor would. */
    private final class Up implements AutoCloseable {

        private final Process process;
        private final StringBuilder output = new StringBuilder();
        private final List<ProcessHandle> children;

        private Up() throws IOException {
            var builder = new ProcessBuilder(
                            repository().resolve("hub").toString(), "up", "--data", data(), "--host", HOST)
                    .redirectErrorStream(true);
            SERVICES.forEach(service -> builder.environment().put("FREEHUB_JAVA_OPTS_" + service, TheHub.SHORT_LIVED));
            process = builder.start();
            var lines = process.inputReader();
            String line;
            while ((line = lines.readLine()) != null) {
                output.append(line).append('\n');
                if (line.contains("Ctrl-C stops the hub")) {
                    break;
                }
            }
            assertThat(output).contains("all ready");
            children = process.descendants().toList();
            assertThat(children).hasSizeGreaterThanOrEqualTo(5);
        }

        private String data() {
            return directory.resolve("data").toString();
        }

        private Path environmentFile() {
            return directory.resolve("data/hub.env");
        }

        private JsonNode call(String method, String path, Object body) throws Exception {
            var owner = ConnectionString.parse(value("IOTHUB_CONNECTION_STRING"));
            try (var client = HttpClient.newBuilder()
                    .sslContext(TheHub.trusting(Path.of(value("IOTHUB_CA_FILE"))))
                    .build()) {
                return BackEnd.call(client, owner, HubOptions.DEFAULT_HTTPS_PORT, method, path, body);
            }
        }

        private String value(String name) throws IOException {
            return Files.readAllLines(environmentFile()).stream()
                    .filter(line -> line.startsWith(name + "="))
                    .map(line -> line.substring(name.length() + 1).replace("'", ""))
                    .findFirst()
                    .orElseThrow();
        }

        private void write(String event) throws Exception {
            try (var producer = new KafkaProducer<>(
                    Map.<String, Object>of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, value("KAFKA_BOOTSTRAP")),
                    new StringSerializer(),
                    new StringSerializer())) {
                producer.send(new ProducerRecord<>(Topic.EVENTS.name(), "boiler", event))
                        .get();
            }
        }

        @Override
        public void close() throws Exception {
            process.destroy();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(TERMINATED);
            assertThat(children).as("processes left behind").noneMatch(ProcessHandle::isAlive);
        }
    }

    private static Path repository() {
        return Path.of("").toAbsolutePath().getParent();
    }
}
