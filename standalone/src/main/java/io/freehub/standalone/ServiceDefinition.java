package io.freehub.standalone;

import io.freehub.embedded.tls.ServerCertificate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A service of the hub and how it runs on one machine. A new service is one entry in {@link #ALL}.
 *
 * @param folder in the checkout; without it the service is no part of the hub
 * @param database on PostgreSQL that it owns
 * @param after services that must be ready before this one starts
 * @param numbered whether it runs several times: {@code gateway-0}, {@code gateway-1} …
 * @param jvm memory and garbage collector
 * @param properties its configuration besides what all have
 */
record ServiceDefinition(
        String name,
        String folder,
        Optional<String> database,
        Set<String> after,
        boolean numbered,
        List<String> jvm,
        Function<Instance, Map<String, String>> properties) {

    /**
     * For little heaps with little to do: no collector threads, the smallest footprint.
     */
    private static final String SERIAL = "-XX:+UseSerialGC";

    /**
     * For those on the way of the messages: nearly all they allocate dies at once, so a young collection is short, and
     * without G1's concurrent threads and barriers a message costs less CPU.
     */
    private static final String PARALLEL = "-XX:+UseParallelGC";

    static final List<String> KAFKA_JVM = List.of("-Xms128m", "-Xmx512m", PARALLEL);

    static final List<ServiceDefinition> ALL = List.of(
            new ServiceDefinition(
                    "registry",
                    "registry-service",
                    Optional.of("registry"),
                    Set.of(),
                    false,
                    List.of("-Xms32m", "-Xmx256m", SERIAL),
                    ServiceDefinition::registry),
            new ServiceDefinition(
                    "router",
                    "router-service",
                    Optional.empty(),
                    Set.of(),
                    false,
                    List.of("-Xms64m", "-Xmx384m", PARALLEL),
                    _ -> Map.of()),
            new ServiceDefinition(
                    "twin",
                    "twin-service",
                    Optional.of("twin"),
                    Set.of(),
                    false,
                    List.of("-Xms32m", "-Xmx256m", SERIAL),
                    instance -> Map.of(
                            "freehub.twin.registry.url", instance.site().internalUrl("registry"),
                            "freehub.twin.commands.url", instance.site().internalUrl("command"))),
            new ServiceDefinition(
                    "command",
                    "command-service",
                    Optional.of("command"),
                    Set.of(),
                    false,
                    List.of("-Xms32m", "-Xmx256m", SERIAL),
                    instance -> Map.of(
                            "freehub.command.registry.url", instance.site().internalUrl("registry"))),
            new ServiceDefinition(
                    "gateway",
                    "gateway-service",
                    Optional.empty(),
                    Set.of("registry", "twin", "command"),
                    true,
                    List.of("-Xms128m", "-Xmx768m", PARALLEL),
                    ServiceDefinition::gateway));

    /** One process of the service. */
    record Instance(ServiceDefinition service, int ordinal, Site site) {

        String name() {
            return service.instanceName(ordinal);
        }
    }

    private static Map<String, String> registry(Instance instance) {
        return Map.of(
                "freehub.registry.storage.directory",
                instance.site().data().storage().toString(),
                // A blob storage for trials, such as Azurite, is on this machine too.
                "freehub.registry.storage.allow-http",
                "true");
    }

    private static Map<String, String> gateway(Instance instance) {
        var site = instance.site();
        var options = site.options();
        return Map.ofEntries(
                Map.entry("freehub.gateway.ordinal", Integer.toString(instance.ordinal())),
                Map.entry("freehub.gateway.bind", options.gatewayBind()),
                // For the tests of clients, which are what a hub on one machine is for.
                Map.entry("freehub.gateway.fault-injection", "true"),
                Map.entry("freehub.gateway.mqtt.port", Integer.toString(options.mqttPort(instance.ordinal()))),
                Map.entry("freehub.gateway.amqp.port", Integer.toString(options.amqpPort(instance.ordinal()))),
                Map.entry(
                        "freehub.gateway.amqp.plain-port",
                        Integer.toString(
                                options.plainAmqpPort(instance.ordinal()).orElse(0))),
                Map.entry("freehub.gateway.https.port", Integer.toString(options.httpsPort(instance.ordinal()))),
                Map.entry(
                        "freehub.gateway.tls.certificates", files(site.certificates(), ServerCertificate::certificate)),
                Map.entry("freehub.gateway.tls.keys", files(site.certificates(), ServerCertificate::key)),
                Map.entry("freehub.gateway.registry.url", site.internalUrl("registry")),
                Map.entry("freehub.gateway.twins.url", site.internalUrl("twin")),
                Map.entry("freehub.gateway.commands.url", site.internalUrl("command")));
    }

    /** @throws LauncherException when the checkout has the service but it was not built */
    boolean existsIn(Path repository) {
        if (!Files.exists(repository.resolve(folder).resolve("pom.xml"))) {
            return false;
        }
        if (!Files.exists(application(repository))) {
            throw new LauncherException(
                    folder + " is not built: " + application(repository) + " is missing; ./hub build");
        }
        return true;
    }

    Path application(Path repository) {
        return repository.resolve(folder).resolve("target/quarkus-app/quarkus-run.jar");
    }

    List<String> instanceNames(HubOptions options) {
        return IntStream.range(0, numbered ? options.gateways() : 1)
                .mapToObj(this::instanceName)
                .toList();
    }

    ChildDefinition child(int ordinal, Site site) {
        var instance = new Instance(this, ordinal, site);
        var child = instance.name();
        var environment = new LinkedHashMap<String, String>();
        database.ifPresent(_ -> environment.put(
                "QUARKUS_DATASOURCE_PASSWORD", site.postgres().settings().password()));
        return new ChildDefinition(
                child,
                () -> {},
                new JavaCommand(jvm)
                        .marked(Orphans.marker(site.data(), child))
                        .properties(commonProperties(child, site))
                        .properties(properties.apply(instance))
                        .options(site.options().javaOptions().getOrDefault(name, List.of()))
                        .jar(application(site.options().repository())),
                environment,
                Readiness.ofHttp(site.internalUrl(child) + "/q/health/ready"),
                ChildDefinition.Stop.TERMINATE);
    }

    private String instanceName(int ordinal) {
        return numbered ? name + "-" + ordinal : name;
    }

    private Map<String, String> commonProperties(String child, Site site) {
        var properties = new LinkedHashMap<String, String>();
        properties.put("kafka.bootstrap.servers", site.kafka());
        properties.put("quarkus.http.host", "127.0.0.1");
        properties.put(
                "quarkus.http.port", Integer.toString(site.internalPorts().get(child)));
        properties.put("quarkus.log.console.json.enabled", "false"); // read by people here
        properties.put("freehub.hub.host", site.options().host());
        properties.put("freehub.hub.name", site.options().hubName());
        properties.put("freehub.kafka.replication-factor", "1");
        database.ifPresent(database -> {
            properties.put(
                    "quarkus.datasource.username", site.postgres().settings().user());
            properties.put("quarkus.datasource.jdbc.url", site.postgres().jdbcUrl(database));
            properties.put("quarkus.datasource.reactive.url", site.postgres().reactiveUrl(database));
        });
        return properties;
    }

    private static String files(List<ServerCertificate> certificates, Function<ServerCertificate, Path> file) {
        return certificates.stream().map(file).map(Path::toString).collect(Collectors.joining(","));
    }
}
