package io.freehub.standalone;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./hub up}: starts everything and stays until it is told to end. */
@Command(
        name = "up",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Starts Kafka, PostgreSQL and every service of the hub; Ctrl-C stops them.",
        footer = {
            "",
            "FREEHUB_JAVA_OPTS_<SERVICE> adds options to the JVMs of a service, such as",
            "FREEHUB_JAVA_OPTS_GATEWAY=-Xmx2g. SERVICE: KAFKA, REGISTRY, ROUTER, TWIN, COMMAND, GATEWAY."
        })
final class UpCommand implements Callable<Integer> {

    private static final String JAVA_OPTIONS = "FREEHUB_JAVA_OPTS_";

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Directory with all state. Default: ${DEFAULT-VALUE}",
            defaultValue = ".freehub")
    private Path data = Path.of(".freehub");

    @Option(
            names = "--host",
            paramLabel = "NAME",
            description = {
                "Host name or address that clients use. An address is the only one listened on;",
                "with a name it is all of this machine's. Default: ${DEFAULT-VALUE}"
            },
            defaultValue = HubOptions.DEFAULT_HOST)
    private String host = HubOptions.DEFAULT_HOST;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "Name of the hub in events. Default: ${DEFAULT-VALUE}",
            defaultValue = HubOptions.DEFAULT_NAME)
    private String name = HubOptions.DEFAULT_NAME;

    @Option(
            names = "--gateways",
            paramLabel = "N",
            description = {
                "Number of gateways. Default: ${DEFAULT-VALUE}. Each further one has the next MQTT and AMQP",
                "port, and the next HTTPS port or, when that is below 1024, 8444, 8445 …"
            },
            defaultValue = "1")
    private int gateways = 1;

    @Option(
            names = "--mqtt-port",
            paramLabel = "PORT",
            description = "Default: ${DEFAULT-VALUE}",
            defaultValue = "" + HubOptions.DEFAULT_MQTT_PORT)
    private int mqttPort = HubOptions.DEFAULT_MQTT_PORT;

    @Option(
            names = "--amqp-port",
            paramLabel = "PORT",
            description = "Default: ${DEFAULT-VALUE}",
            defaultValue = "" + HubOptions.DEFAULT_AMQP_PORT)
    private int amqpPort = HubOptions.DEFAULT_AMQP_PORT;

    @Option(
            names = "--amqp-plain-port",
            paramLabel = "PORT",
            description = {
                "AMQP without TLS, for clients of Event Hubs that take the hub for their emulator. Only where the host",
                "is a loopback address. 0 for none. Default: ${DEFAULT-VALUE}"
            },
            defaultValue = "" + HubOptions.DEFAULT_AMQP_PLAIN_PORT)
    private int amqpPlainPort = HubOptions.DEFAULT_AMQP_PLAIN_PORT;

    @Option(
            names = "--https-port",
            paramLabel = "PORT",
            description = "Default: ${DEFAULT-VALUE}",
            defaultValue = "" + HubOptions.DEFAULT_HTTPS_PORT)
    private int httpsPort = HubOptions.DEFAULT_HTTPS_PORT;

    @Option(
            names = "--kafka-port",
            paramLabel = "PORT",
            description = "Default: ${DEFAULT-VALUE}",
            defaultValue = "" + HubOptions.DEFAULT_KAFKA_PORT)
    private int kafkaPort = HubOptions.DEFAULT_KAFKA_PORT;

    @Option(
            names = "--kafka-readers-port",
            paramLabel = "PORT",
            description = {
                "Where Kafka clients read the events with TLS and a connection string.",
                "Default: ${DEFAULT-VALUE}"
            },
            defaultValue = "" + HubOptions.DEFAULT_KAFKA_READERS_PORT)
    private int kafkaReadersPort = HubOptions.DEFAULT_KAFKA_READERS_PORT;

    @Option(
            names = "--kafka-host",
            paramLabel = "ADDRESS",
            description = {
                "Address of Kafka. Default: the host if it is a loopback address, else 127.0.0.1.",
                "Kafka lets in whoever reaches it, and the hub's keys pass through it."
            })
    private @Nullable String kafkaHost;

    @Option(
            names = "--postgres-port",
            paramLabel = "PORT",
            description = "Of PostgreSQL on 127.0.0.1. Default: a free one")
    private @Nullable Integer postgresPort;

    @Option(
            names = "--tls-name",
            paramLabel = "NAME",
            description = "A further name in the hub's certificates; may be repeated.")
    private List<String> tlsNames = List.of();

    @Override
    public Integer call() throws InterruptedException {
        var console = Console.standardOutput();
        var hub = StandaloneHub.start(options(System.getenv()), console);
        describe(hub.facts()).forEach(System.out::println);
        hub.awaitClose();
        return 0;
    }

    HubOptions options(Map<String, String> environment) {
        var options = HubOptions.in(data)
                .host(host)
                .hubName(name)
                .gateways(gateways)
                .mqttPort(mqttPort)
                .amqpPort(amqpPort)
                .amqpPlainPort(amqpPlainPort)
                .httpsPort(httpsPort)
                .kafkaPort(kafkaPort)
                .kafkaReadersPort(kafkaReadersPort)
                .tlsNames(tlsNames);
        Optional.ofNullable(environment.get("FREEHUB_HOME")).map(Path::of).ifPresent(options::repository);
        Optional.ofNullable(kafkaHost).ifPresent(options::kafkaHost);
        Optional.ofNullable(postgresPort).ifPresent(options::postgresPort);
        environment.forEach((variable, value) -> {
            if (variable.startsWith(JAVA_OPTIONS) && !value.isBlank()) {
                var service = variable.substring(JAVA_OPTIONS.length())
                        .toLowerCase(Locale.ROOT)
                        .replace('_', '-');
                options.javaOptions(service, Arrays.asList(value.strip().split("\\s+")));
            }
        });
        return options.build();
    }

    private static List<String> describe(HubFacts facts) {
        var lines = Stream.<Stream<String>>of(
                Stream.of(""),
                line("MQTT over TLS", facts.mqttPorts(), facts.host()),
                line("AMQP over TLS", facts.amqpPorts(), facts.host()),
                facts.plainAmqpPort().stream()
                        .mapToObj(port -> "  %-16s %s:%d (gateway-0)".formatted("AMQP plain", facts.host(), port)),
                line("HTTPS", facts.httpsPorts(), facts.host()),
                Stream.of(
                        "  %-16s %s".formatted("Kafka", facts.kafka()),
                        "  %-16s %s".formatted("Kafka, readers", facts.kafkaForReaders())),
                line("internal HTTP", facts.internalPorts(), "127.0.0.1"),
                Stream.of("  %-16s %s".formatted("CA to trust", facts.certificateAuthority())),
                Stream.of("IOTHUB_CONNECTION_STRING", "EVENTHUB_CONNECTION_STRING", "EVENTHUB_PLAIN_CONNECTION_STRING")
                        .filter(facts.environment()::containsKey)
                        .flatMap(name ->
                                Stream.of("", name, "  " + facts.environment().get(name))),
                Stream.of("", "The same for scripts: source " + facts.environmentFile(), "Ctrl-C stops the hub.", ""));
        return lines.flatMap(part -> part).toList();
    }

    private static Stream<String> line(String what, Map<String, Integer> ports, String host) {
        return ports.entrySet().stream().sorted(Map.Entry.comparingByKey()).map(port -> "  %-16s %s:%d (%s)"
                .formatted(what, host, port.getValue(), port.getKey()));
    }
}
