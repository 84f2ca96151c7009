package io.freehub.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher with what every checkout has, Kafka and PostgreSQL; services come in by the acceptance tests. */
class StandaloneHubIT {

    private static final String HOST = "127.0.0.12";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private final List<String> said = new CopyOnWriteArrayList<>();
    private final List<ProcessHandle> seen = new ArrayList<>();

    @AfterEach
    void nothingIsLeft() {
        assertThat(seen).noneMatch(ProcessHandle::isAlive);
    }

    @Test
    void givenEmptyDirectory_whenStarted_thenFactsAreInThePrivateFileAndPidsInTheirFiles() throws Exception {
        try (var hub = start(options())) {
            assertThat(hub.facts().environment())
                    .isEqualTo(Map.of(
                            "IOTHUB_HOST",
                            HOST,
                            "IOTHUB_CA_FILE",
                            data().resolve("tls/ca.pem").toString(),
                            "KAFKA_BOOTSTRAP",
                            HOST + ":9092",
                            "KAFKA_READERS_BOOTSTRAP",
                            HOST + ":9093"));
            assertThat(hub.facts().environmentFile()).content().contains("KAFKA_BOOTSTRAP='" + HOST + ":9092'\n");
            assertThat(Files.getPosixFilePermissions(data().resolve("hub.env")))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
            for (var name : hub.names()) {
                assertThat(pid(name)).isEqualTo(hub.process(name).pid());
            }
        }
        assertThat(data().resolve("run")).isEmptyDirectory();
    }

    @Test
    void givenKilledChildren_whenRestarted_thenTheyAreBackOnTheirPortsWithTheirDataAndReported() throws Exception {
        try (var hub = start(options())) {
            createTopic("test.kept");
            var kafka = hub.process("kafka").pid();
            var postgres = hub.process("postgres").pid();

            hub.kill("kafka");
            hub.kill("postgres");
            hub.awaitReady(PATIENCE);
            remember(hub);

            assertThat(hub.process("kafka").pid()).isNotEqualTo(kafka).isEqualTo(pid("kafka"));
            assertThat(hub.process("postgres").pid()).isNotEqualTo(postgres).isEqualTo(pid("postgres"));
            assertThat(topics()).contains("test.kept");
            assertThat(said)
                    .contains(
                            "kafka ended: signal 9; it is restarted in 0.5 s",
                            "postgres ended: signal 9; it is restarted in 0.5 s");
        }
    }

    @Test
    void givenRunningHub_whenAnotherStartsOnItsDataOrItsPort_thenClearlyRefused() throws Exception {
        try (var _ = start(options())) {
            assertThatThrownBy(() -> start(options()))
                    .isInstanceOf(LauncherException.class)
                    .hasMessageContaining("in use by another hub");
            assertThatThrownBy(() -> start(HubOptions.in(directory.resolve("other"))
                            .repository(directory)
                            .host(HOST)
                            .build()))
                    .isInstanceOf(LauncherException.class)
                    .hasMessageContaining("port 9092 at " + HOST + " (Kafka) is in use")
                    .hasMessageContaining("--kafka-port");
        }
    }

    @Test
    void givenPortInUse_whenStarted_thenTheDirectoryIsFreeForTheNextAttempt() throws Exception {
        try (var _ = new ServerSocket(9092, 1, InetAddress.getByName(HOST))) {
            assertThatThrownBy(() -> start(options())).hasMessageContaining("is in use");
        }
        try (var hub = start(options())) {
            hub.awaitReady(PATIENCE);
        }
    }

    @Test
    void givenServiceThatCannotStart_whenStarted_thenItsLogIsShownAndNothingIsLeft() throws Exception {
        var service = directory.resolve("router-service");
        Files.createDirectories(service.resolve("target/quarkus-app"));
        Files.writeString(service.resolve("pom.xml"), "");
        Files.writeString(service.resolve("target/quarkus-app/quarkus-run.jar"), "no jar");

        assertThatThrownBy(() -> start(options()))
                .isInstanceOf(LauncherException.class)
                .hasMessageContaining("router does not start: exit code 1")
                .hasMessageContaining("Invalid or corrupt jarfile");
        assertThat(data().resolve("run")).isEmptyDirectory();
    }

    @Test
    void givenServiceThatWasNotBuilt_whenStarted_thenSaidSo() throws Exception {
        Files.createDirectories(directory.resolve("registry-service"));
        Files.writeString(directory.resolve("registry-service/pom.xml"), "");

        assertThatThrownBy(() -> start(options()))
                .isInstanceOf(LauncherException.class)
                .hasMessageContaining("registry-service is not built");
    }

    @Test
    void givenLauncherProcess_whenTerminated_thenItsChildrenAreGoneFirst() throws Exception {
        var launcher = launch();
        try {
            var children = awaitChildren(launcher);

            launcher.destroy();

            assertThat(launcher.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(launcher.exitValue()).isEqualTo(143);
            assertThat(children).noneMatch(ProcessHandle::isAlive);
            assertThat(data().resolve("run")).isEmptyDirectory();
        } finally {
            launcher.destroyForcibly();
        }
    }

    @Test
    void givenKilledLauncher_whenAnotherStarts_thenTheOrphansAreStoppedAndTheDataAreThere() throws Exception {
        var launcher = launch();
        List<ProcessHandle> orphans;
        try {
            orphans = awaitChildren(launcher);
            createTopic("test.kept");
        } finally {
            launcher.destroyForcibly().waitFor();
        }
        assertThat(orphans).allMatch(ProcessHandle::isAlive);

        try (var _ = start(options())) {
            assertThat(orphans).noneMatch(ProcessHandle::isAlive);
            assertThat(topics()).contains("test.kept");
            assertThat(said).anyMatch(line -> line.startsWith("stops kafka (process "));
        }
    }

    private HubOptions options() {
        return HubOptions.in(data()).repository(directory).host(HOST).build();
    }

    private Path data() {
        return directory.resolve("data");
    }

    private StandaloneHub start(HubOptions options) {
        var hub = StandaloneHub.start(options, said::add);
        remember(hub);
        return hub;
    }

    private void remember(StandaloneHub hub) {
        hub.names().forEach(name -> seen.add(hub.process(name)));
    }

    private Process launch() throws IOException {
        var builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "up",
                        "--data",
                        data().toString(),
                        "--host",
                        HOST)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("launcher.log").toFile());
        builder.environment().put("FREEHUB_HOME", directory.toString());
        return builder.start();
    }

    private List<ProcessHandle> awaitChildren(Process launcher) throws Exception {
        var deadline = Instant.now().plus(PATIENCE);
        while (!Files.exists(data().resolve("hub.env"))) {
            assertThat(Instant.now()).isBefore(deadline);
            assertThat(launcher.waitFor(50, TimeUnit.MILLISECONDS))
                    .as(Files.readString(directory.resolve("launcher.log")))
                    .isFalse();
        }
        var children = List.of(
                ProcessHandle.of(pid("kafka")).orElseThrow(),
                ProcessHandle.of(pid("postgres")).orElseThrow());
        seen.addAll(children);
        return children;
    }

    private long pid(String name) throws IOException {
        return Long.parseLong(Files.readString(data().resolve("run/" + name + ".pid")));
    }

    private static void createTopic(String name) throws Exception {
        try (var admin = admin()) {
            admin.createTopics(List.of(new NewTopic(name, Optional.of(1), Optional.empty())))
                    .all()
                    .get();
        }
    }

    private static Iterable<String> topics() throws Exception {
        try (var admin = admin()) {
            return admin.listTopics().names().get();
        }
    }

    private static Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", HOST + ":9092"));
    }
}
