package io.freehub.standalone;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * How a hub on one machine is started.
 *
 * @param repository the checkout with the built services
 * @param data directory with all state of the hub
 * @param host name or IP address that clients use
 * @param hubName name of the hub in events and of its built-in endpoint
 * @param mqttPort of the first gateway
 * @param amqpPort of the first gateway
 * @param amqpPlainPort of the first gateway, without TLS, for programs of this machine; 0 for none. Only where the host is a
 *     loopback address: elsewhere nobody could use it
 * @param httpsPort of the first gateway
 * @param kafkaHost address at which Kafka is reached; by default the host when that is a loopback address, else
 *     127.0.0.1: Kafka asks nobody who they are, so it is opened to a network only when told to
 * @param kafkaReadersPort where Kafka clients with a connection string read the events, wherever gateways are reached
 * @param postgresPort empty for a free one
 * @param gateways how many
 * @param tlsNames names in the certificates besides the host and localhost
 * @param javaOptions for the JVMs of a service, by its name ({@code kafka}, {@code registry}, {@code gateway} …); they
 *     come last, so they win
 */
public record HubOptions(
        Path repository,
        Path data,
        String host,
        String hubName,
        int mqttPort,
        int amqpPort,
        int amqpPlainPort,
        int httpsPort,
        Optional<String> kafkaHost,
        int kafkaPort,
        int kafkaReadersPort,
        OptionalInt postgresPort,
        int gateways,
        List<String> tlsNames,
        Map<String, List<String>> javaOptions) {

    public static final String DEFAULT_HOST = "127.0.0.1";
    public static final String DEFAULT_NAME = "freehub";
    public static final int DEFAULT_MQTT_PORT = 8883;
    public static final int DEFAULT_AMQP_PORT = 5671;
    public static final int DEFAULT_AMQP_PLAIN_PORT = 5672;
    public static final int DEFAULT_HTTPS_PORT = 443;
    public static final int DEFAULT_KAFKA_PORT = 9092;

    /** That of Event Hubs. */
    public static final int DEFAULT_KAFKA_READERS_PORT = 9093;

    private static final Pattern HOST_NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?");
    private static final Pattern HUB_NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9-]{0,48}[A-Za-z0-9])?");
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
    private static final int MOST_GATEWAYS = 16;

    /** @throws LauncherException when a value makes no sense */
    public HubOptions {
        require(HOST_NAME.matcher(host).matches(), "--host '" + host + "' is neither a host name nor an IPv4 address");
        require(HUB_NAME.matcher(hubName).matches(), "--name '" + hubName + "' is not 1 to 50 letters, digits and '-'");
        require(
                gateways >= 1 && gateways <= MOST_GATEWAYS,
                "--gateways " + gateways + " is not between 1 and " + MOST_GATEWAYS);
        requirePort("--mqtt-port", mqttPort);
        requirePort("--amqp-port", amqpPort);
        if (amqpPlainPort != 0) {
            requirePort("--amqp-plain-port", amqpPlainPort);
        }
        requirePort("--https-port", httpsPort);
        requirePort("--kafka-port", kafkaPort);
        requirePort("--kafka-readers-port", kafkaReadersPort);
        require(
                kafkaPort != kafkaReadersPort,
                "--kafka-port and --kafka-readers-port are both " + kafkaPort + ", but must differ");
        postgresPort.ifPresent(port -> requirePort("--postgres-port", port));
        kafkaHost.ifPresent(address ->
                require(IPV4.matcher(address).matches(), "--kafka-host '" + address + "' is not an IPv4 address"));
        data = data.toAbsolutePath().normalize();
        repository = repository.toAbsolutePath().normalize();
        tlsNames = List.copyOf(tlsNames);
        javaOptions = Map.copyOf(javaOptions);
    }

    /** The defaults, for this data directory, to be changed before they are built. */
    public static Builder in(Path data) {
        return new Builder(data);
    }

    /** Where gateways listen: exactly the host when it is an address, else everywhere. */
    String gatewayBind() {
        return IPV4.matcher(host).matches() ? host : "0.0.0.0";
    }

    String kafkaAddress() {
        return kafkaHost.orElse(isLoopback() ? host : DEFAULT_HOST);
    }

    private boolean isLoopback() {
        return host.startsWith("127.") && IPV4.matcher(host).matches();
    }

    /** MQTT port of a gateway: the next ones count up from the first. */
    int mqttPort(int gateway) {
        return mqttPort + gateway;
    }

    /** AMQP port of a gateway: the next ones count up from the first, and pass over the one without TLS. */
    int amqpPort(int gateway) {
        var port = amqpPort + gateway;
        var plain = plainAmqpPort(0).orElse(0);
        return plain > amqpPort && plain <= port ? port + 1 : port;
    }

    /** AMQP port of a gateway without TLS: the first has one, which is enough for trials. */
    OptionalInt plainAmqpPort(int gateway) {
        return amqpPlainPort != 0 && gateway == 0 && isLoopback() ? OptionalInt.of(amqpPlainPort) : OptionalInt.empty();
    }

    /** HTTPS port of a gateway: the next ones count up from the first, from 8443 when that is a privileged port. */
    int httpsPort(int gateway) {
        var base = httpsPort < 1024 ? 8443 : httpsPort;
        return gateway == 0 ? httpsPort : base + gateway;
    }

    /** The nearest directory above the current one that holds the command {@code hub}. */
    private static Path findRepository() {
        var start = Path.of("").toAbsolutePath();
        for (var directory = start; directory != null; directory = directory.getParent()) {
            if (Files.isRegularFile(directory.resolve("hub")) && Files.exists(directory.resolve("pom.xml"))) {
                return directory;
            }
        }
        return start;
    }

    private static void requirePort(String option, int port) {
        require(port >= 1 && port <= 65_535, option + " " + port + " is not between 1 and 65535");
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new LauncherException(message);
        }
    }

    /** Everything has a default but the data directory. */
    public static final class Builder {

        private final Path data;
        private Path repository = findRepository();
        private String host = DEFAULT_HOST;
        private String hubName = DEFAULT_NAME;
        private int mqttPort = DEFAULT_MQTT_PORT;
        private int amqpPort = DEFAULT_AMQP_PORT;
        private int amqpPlainPort = DEFAULT_AMQP_PLAIN_PORT;
        private int httpsPort = DEFAULT_HTTPS_PORT;
        private Optional<String> kafkaHost = Optional.empty();
        private int kafkaPort = DEFAULT_KAFKA_PORT;
        private int kafkaReadersPort = DEFAULT_KAFKA_READERS_PORT;
        private OptionalInt postgresPort = OptionalInt.empty();
        private int gateways = 1;
        private List<String> tlsNames = List.of();
        private final Map<String, List<String>> javaOptions = new HashMap<>();

        private Builder(Path data) {
            this.data = data;
        }

        public Builder repository(Path value) {
            repository = value;
            return this;
        }

        public Builder host(String value) {
            host = value;
            return this;
        }

        public Builder hubName(String value) {
            hubName = value;
            return this;
        }

        public Builder mqttPort(int value) {
            mqttPort = value;
            return this;
        }

        public Builder amqpPort(int value) {
            amqpPort = value;
            return this;
        }

        public Builder amqpPlainPort(int value) {
            amqpPlainPort = value;
            return this;
        }

        public Builder httpsPort(int value) {
            httpsPort = value;
            return this;
        }

        public Builder kafkaHost(String value) {
            kafkaHost = Optional.of(value);
            return this;
        }

        public Builder kafkaPort(int value) {
            kafkaPort = value;
            return this;
        }

        public Builder kafkaReadersPort(int value) {
            kafkaReadersPort = value;
            return this;
        }

        public Builder postgresPort(int value) {
            postgresPort = OptionalInt.of(value);
            return this;
        }

        public Builder gateways(int value) {
            gateways = value;
            return this;
        }

        public Builder tlsNames(List<String> value) {
            tlsNames = value;
            return this;
        }

        /** Options for the JVMs of this service; they replace those given before. */
        public Builder javaOptions(String service, List<String> value) {
            javaOptions.put(service, List.copyOf(value));
            return this;
        }

        /** @throws LauncherException when a value makes no sense */
        public HubOptions build() {
            return new HubOptions(
                    repository,
                    data,
                    host,
                    hubName,
                    mqttPort,
                    amqpPort,
                    amqpPlainPort,
                    httpsPort,
                    kafkaHost,
                    kafkaPort,
                    kafkaReadersPort,
                    postgresPort,
                    gateways,
                    tlsNames,
                    javaOptions);
        }
    }
}
