package io.freehub.standalone;

import io.freehub.embedded.EmbeddedKafka;
import io.freehub.embedded.KafkaReaders;
import io.freehub.embedded.Ports;
import io.freehub.embedded.PostgresCluster;
import io.freehub.embedded.tls.LocalAuthority;
import io.freehub.model.AccessPolicy;
import io.freehub.model.ConnectionString;
import io.freehub.model.Topic;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A running hub on this machine: Kafka, PostgreSQL and every service of the checkout, each a process of its own that is
 * restarted when it ends. Lives until it is closed or this JVM ends.
 *
 * <pre>{@code
 * try (var hub = StandaloneHub.start(HubOptions.in(directory).host("127.0.0.2").build())) {
 *     connect(hub.facts().connectionString().orElseThrow());
 *     hub.kill("router");
 *     hub.awaitReady(Duration.ofMinutes(1));
 * }
 * }</pre>
 */
public final class StandaloneHub implements AutoCloseable {

    public static final String KAFKA = "kafka";
    public static final String POSTGRES = "postgres";

    private static final String DATABASE_USER = "freehub";

    private static final Duration START_PATIENCE = Duration.ofMinutes(3);
    private static final Duration STOP_GRACE = Duration.ofSeconds(30);
    private static final Duration LOG_CHECK = Duration.ofSeconds(10);
    private static final Duration POLL = Duration.ofMillis(50);

    private final HubOptions options;
    private final Console console;
    private final DataDirectory data;
    private final List<ServiceDefinition> services;

    /** Waves in the order of their start; the children of one wave start and stop together. */
    private final List<List<Child>> waves = new ArrayList<>();

    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread closeWithJvm = new Thread(this::stop, "stop-hub");
    private boolean stopping;
    private @Nullable HubFacts facts;

    private StandaloneHub(HubOptions options, Console console) {
        this.options = options;
        this.console = console;
        this.services = ServiceDefinition.ALL.stream()
                .filter(service -> service.existsIn(options.repository()))
                .toList();
        this.data = DataDirectory.open(options.data());
    }

    /** As {@link #start(HubOptions, Console)}, telling what happens on standard output. */
    public static StandaloneHub start(HubOptions options) {
        return start(options, Console.standardOutput());
    }

    /**
     * Returns when every part is ready.
     *
     * @throws LauncherException when a part cannot be started; then nothing is left running
     */
    public static StandaloneHub start(HubOptions options, Console console) {
        var hub = new StandaloneHub(options, console);
        try {
            Runtime.getRuntime().addShutdownHook(hub.closeWithJvm);
            hub.startAll();
            return hub;
        } catch (RuntimeException failed) {
            hub.close();
            throw failed;
        }
    }

    /** Where everything is. */
    public HubFacts facts() {
        return Objects.requireNonNull(facts, "not started");
    }

    /** Names of all processes: {@code kafka}, {@code postgres}, {@code registry}, {@code gateway-0} … */
    public List<String> names() {
        return children().stream().map(Child::name).toList();
    }

    /** The process of this name, for a look at its CPU or memory; another one after a restart. */
    public ProcessHandle process(String name) {
        return child(name).process().orElseThrow(() -> new IllegalStateException(name + " does not run now"));
    }

    /** What the process of this name writes. */
    public Path log(String name) {
        return child(name).log().file();
    }

    /** SIGKILL; returns when the process is gone. It will be restarted. */
    public void kill(String name) {
        var process = process(name);
        process.destroyForcibly();
        try {
            process.onExit().get(STOP_GRACE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException failed) {
            throw new IllegalStateException(name + " survives SIGKILL", failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    /** Waits until every process is there and answers that it is ready. */
    public void awaitReady(Duration patience) {
        var deadline = Instant.now().plus(patience);
        while (true) {
            var missing = children().stream()
                    .filter(child -> !child.isReady())
                    .map(Child::name)
                    .collect(Collectors.joining(", "));
            if (missing.isEmpty()) {
                return;
            }
            if (Instant.now().isAfter(deadline)) {
                throw new IllegalStateException("not ready after " + patience + ": " + missing);
            }
            pause(POLL);
        }
    }

    /** Waits until somebody closes the hub. */
    public void awaitClose() throws InterruptedException {
        closed.await();
    }

    /** Stops every process, the last started first. Returns when none is left. */
    @Override
    public void close() {
        stop();
        try {
            Runtime.getRuntime().removeShutdownHook(closeWithJvm);
        } catch (IllegalStateException jvmEnds) {
            // then the hook runs beside this and waits for the same
        }
    }

    private void startAll() {
        var started = Instant.now();
        new Orphans(data, console).stop();
        checkPorts();
        var site = survey();
        startWave(List.of(kafka(site), postgres(site)));
        services.stream().flatMap(service -> service.database().stream()).forEach(site.postgres()::createDatabase);
        startServices(site);
        facts = publish(site);
        Thread.ofPlatform().name("cut-logs").daemon().start(this::cutLogs);
        console.say("all ready after %.1f s"
                .formatted(Duration.between(started, Instant.now()).toMillis() / 1000.0));
    }

    private void checkPorts() {
        PortCheck.require(options.kafkaAddress(), options.kafkaPort(), "Kafka", "--kafka-port");
        PortCheck.require(
                options.gatewayBind(), options.kafkaReadersPort(), "readers with Kafka", "--kafka-readers-port");
        options.postgresPort().ifPresent(port -> PortCheck.require("127.0.0.1", port, "PostgreSQL", "--postgres-port"));
        if (services.stream().noneMatch(ServiceDefinition::numbered)) {
            return;
        }
        for (var gateway = 0; gateway < options.gateways(); gateway++) {
            PortCheck.require(options.gatewayBind(), options.mqttPort(gateway), "MQTT", "--mqtt-port");
            PortCheck.require(options.gatewayBind(), options.amqpPort(gateway), "AMQP", "--amqp-port");
            PortCheck.require(options.gatewayBind(), options.httpsPort(gateway), "HTTPS", "--https-port");
        }
        options.plainAmqpPort(0)
                .ifPresent(port ->
                        PortCheck.require(options.gatewayBind(), port, "AMQP without TLS", "--amqp-plain-port"));
    }

    private Site survey() {
        var authority = LocalAuthority.in(data.tls(), InstantSource.system());
        var certificates = authority.serverCertificates(options.host(), options.tlsNames());
        var postgres = new PostgresCluster(new PostgresCluster.Settings(
                data.postgres(),
                "127.0.0.1",
                options.postgresPort().orElseGet(() -> Ports.free("127.0.0.1")),
                DATABASE_USER,
                data.databasePassword(),
                true));
        var internalPorts = new LinkedHashMap<String, Integer>();
        for (var service : services) {
            for (var name : service.instanceNames(options)) {
                internalPorts.put(name, freePortBesides(internalPorts));
            }
        }
        return new Site(
                options,
                data,
                options.kafkaAddress() + ":" + options.kafkaPort(),
                postgres,
                authority.certificateFile(),
                certificates,
                internalPorts);
    }

    private static int freePortBesides(Map<String, Integer> taken) {
        while (true) {
            var port = Ports.free("127.0.0.1");
            if (!taken.containsValue(port)) {
                return port;
            }
        }
    }

    private ChildDefinition kafka(Site site) {
        var command = new JavaCommand(ServiceDefinition.KAFKA_JVM)
                .marked(Orphans.marker(data, KAFKA))
                .properties(
                        Map.of("java.util.logging.SimpleFormatter.format", "%1$tFT%1$tT.%1$tL %4$s %3$s %5$s%6$s%n"))
                .options(options.javaOptions().getOrDefault(KAFKA, List.of()))
                .mainClass(
                        EmbeddedKafka.class,
                        Stream.concat(
                                        Stream.of(
                                                data.kafka().toString(),
                                                options.kafkaAddress(),
                                                Integer.toString(options.kafkaPort())),
                                        readers(site).arguments().stream())
                                .toArray(String[]::new));
        return new ChildDefinition(
                KAFKA,
                () -> {},
                command,
                Map.of("CLASSPATH", classPath()),
                Readiness.ofKafka(options.kafkaAddress(), options.kafkaPort()),
                ChildDefinition.Stop.TERMINATE);
    }

    private KafkaReaders readers(Site site) {
        var certificate = site.certificates().getFirst();
        return new KafkaReaders(
                options.gatewayBind(),
                options.host(),
                options.kafkaReadersPort(),
                certificate.certificate(),
                certificate.key(),
                Topic.EVENTS.name(),
                ConnectionStringLogin.class.getName());
    }

    /** This JVM's; absolute, since children run in a directory of their own. */
    private static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static ChildDefinition postgres(Site site) {
        var cluster = site.postgres();
        return new ChildDefinition(
                POSTGRES,
                cluster::initialize,
                cluster.serverCommand(),
                PostgresCluster.ENVIRONMENT,
                cluster::isReady,
                ChildDefinition.Stop.INTERRUPT);
    }

    private void startServices(Site site) {
        var waiting = new ArrayList<>(services);
        while (!waiting.isEmpty()) {
            var names = waiting.stream().map(ServiceDefinition::name).toList();
            var next = waiting.stream()
                    .filter(service -> service.after().stream().noneMatch(names::contains))
                    .toList();
            startWave(next.stream().flatMap(service -> instances(service, site)).toList());
            waiting.removeAll(next);
        }
    }

    private static Stream<ChildDefinition> instances(ServiceDefinition service, Site site) {
        return IntStream.range(0, service.instanceNames(site.options()).size())
                .mapToObj(ordinal -> service.child(ordinal, site));
    }

    private void startWave(List<ChildDefinition> definitions) {
        var wave = definitions.stream()
                .map(definition -> new Child(definition, data, console))
                .toList();
        synchronized (waves) {
            if (stopping) {
                throw new LauncherException("the hub is being stopped");
            }
            waves.add(wave);
        }
        var readiness = wave.stream()
                .map(child -> CompletableFuture.runAsync(() -> child.start(START_PATIENCE), thread(child)))
                .toList();
        try {
            readiness.forEach(CompletableFuture::join);
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof LauncherException told ? told : failed;
        }
    }

    private static Executor thread(Child child) {
        return task ->
                Thread.ofPlatform().name("await-" + child.name()).daemon().start(task);
    }

    /** Writes {@code hub.env}. Provisioning gets its lines here when it is served. */
    private HubFacts publish(Site site) {
        var policies = services.stream().anyMatch(service -> service.name().equals("registry"))
                ? Optional.of(PolicyKeys.read(site.kafka()))
                : Optional.<PolicyKeys>empty();
        var connectionString = policies.map(PolicyKeys::manager)
                .map(manager -> ConnectionString.ofPolicy(
                        options.host(), manager.name(), manager.keys().primary()));
        var kafkaForReaders = options.host() + ":" + options.kafkaReadersPort();
        var environment = new HubEnvironment();
        connectionString.ifPresent(value -> environment
                .put("IOTHUB_CONNECTION_STRING", value)
                .put("IOTHUB_STORAGE", site.data().storage().toString()));
        policies.flatMap(PolicyKeys::reader).ifPresent(reader -> putEventHub(environment, reader));
        environment
                .put("IOTHUB_HOST", options.host())
                .put("IOTHUB_CA_FILE", site.certificateAuthority().toString())
                .put("KAFKA_BOOTSTRAP", site.kafka())
                .put("KAFKA_READERS_BOOTSTRAP", kafkaForReaders);
        if (services.stream().anyMatch(ServiceDefinition::numbered)) {
            environment.put("IOTHUB_HTTPS_PORT", Integer.toString(options.httpsPort(0)));
        }
        environment.writeTo(data.environment());
        var mqtt = new LinkedHashMap<String, Integer>();
        var amqp = new LinkedHashMap<String, Integer>();
        var https = new LinkedHashMap<String, Integer>();
        services.stream().filter(ServiceDefinition::numbered).forEach(service -> {
            var names = service.instanceNames(options);
            for (var ordinal = 0; ordinal < names.size(); ordinal++) {
                mqtt.put(names.get(ordinal), options.mqttPort(ordinal));
                amqp.put(names.get(ordinal), options.amqpPort(ordinal));
                https.put(names.get(ordinal), options.httpsPort(ordinal));
            }
        });
        return new HubFacts(
                options.host(),
                mqtt,
                amqp,
                amqp.isEmpty() ? OptionalInt.empty() : options.plainAmqpPort(0),
                https,
                site.kafka(),
                kafkaForReaders,
                site.certificateAuthority(),
                connectionString,
                environment.values(),
                data.environment(),
                site.internalPorts());
    }

    /** The port is named where it is not the standard one: SDKs that go over WebSockets take it for theirs. */
    private void putEventHub(HubEnvironment environment, AccessPolicy reader) {
        if (services.stream().noneMatch(ServiceDefinition::numbered)) {
            return;
        }
        var endpoint = endpoint(options.amqpPort(), HubOptions.DEFAULT_AMQP_PORT);
        environment.put(
                "EVENTHUB_CONNECTION_STRING",
                ConnectionString.ofEvents(endpoint, reader.name(), reader.keys().primary(), options.hubName()));
        options.plainAmqpPort(0)
                .ifPresent(port -> environment.put(
                        "EVENTHUB_PLAIN_CONNECTION_STRING",
                        ConnectionString.ofEvents(
                                        endpoint(port, HubOptions.DEFAULT_AMQP_PLAIN_PORT),
                                        reader.name(),
                                        reader.keys().primary(),
                                        options.hubName())
                                + ";UseDevelopmentEmulator=true"));
    }

    private String endpoint(int port, int standard) {
        return port == standard ? options.host() : options.host() + ":" + port;
    }

    private void cutLogs() {
        while (true) {
            pause(LOG_CHECK);
            children().forEach(child -> child.log().cutWhenLargerThan(LogFile.LIMIT));
        }
    }

    private List<Child> children() {
        synchronized (waves) {
            return waves.stream().flatMap(List::stream).toList();
        }
    }

    private Child child(String name) {
        return children().stream()
                .filter(child -> child.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no process " + name + ", but " + names()));
    }

    /** Whoever calls while another stops the hub waits until it is stopped. */
    private void stop() {
        var first = false;
        synchronized (waves) {
            first = !stopping;
            stopping = true;
        }
        if (!first) {
            awaitStopped();
            return;
        }
        console.say("stopping");
        for (var wave : List.copyOf(waves).reversed()) {
            wave.forEach(Child::requestStop);
            wave.forEach(child -> child.awaitStop(STOP_GRACE));
        }
        data.close();
        closed.countDown();
    }

    private void awaitStopped() {
        try {
            closed.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void pause(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new LauncherException("interrupted", interrupted);
        }
    }
}
