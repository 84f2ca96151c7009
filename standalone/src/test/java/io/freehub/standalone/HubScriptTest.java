package io.freehub.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code ./hub} in a small checkout, with a Maven that only notes what it is asked to build. */
class HubScriptTest {

    @TempDir
    Path checkout;

    private Path requests;

    private record Outcome(int exitCode, String output) {}

    @BeforeEach
    void makeCheckout() throws IOException {
        Files.copy(Path.of("../hub"), checkout.resolve("hub"), StandardCopyOption.COPY_ATTRIBUTES);
        write("pom.xml", "<project/>");
        write("libs/hub-model/src/main/java/Model.java", "class Model {}");
        write("standalone/pom.xml", "<project/>");
        write("standalone/src/main/java/Launcher.java", "class Launcher {}");
        write("router-service/pom.xml", "<project/>");
        write("router-service/src/main/java/Router.java", "class Router {}");
        requests = checkout.resolve("bin/requests");
        write("bin/mvn", """
                #!/bin/sh
                for last; do :; done
                echo "$last" >>"%s"
                cd "%s"
                mkdir -p standalone/target router-service/target/quarkus-app
                touch standalone/target/standalone.jar router-service/target/quarkus-app/quarkus-run.jar
                """.formatted(requests, checkout));
        Files.setPosixFilePermissions(checkout.resolve("bin/mvn"), PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void givenNothingBuilt_whenBuilt_thenEveryModuleThatExistsIs() throws Exception {
        assertThat(hub("build").exitCode()).isZero();

        assertThat(requests).hasContent("standalone,router-service");
    }

    @Test
    void givenNothingChanged_whenBuiltAgain_thenMavenIsNotStarted() throws Exception {
        build();

        assertThat(hub("build").exitCode()).isZero();

        assertThat(requests).doesNotExist();
    }

    @Test
    void givenChangedAddedOrDeletedSourceOfAService_whenBuiltAgain_thenOnlyThatServiceIs() throws Exception {
        build();
        write("router-service/src/main/java/Router.java", "class Routes {}");
        assertThat(rebuilt()).isEqualTo("router-service");

        write("router-service/src/main/java/New File.java", "class New {}");
        assertThat(rebuilt()).isEqualTo("router-service");

        Files.delete(checkout.resolve("router-service/src/main/java/New File.java"));
        assertThat(rebuilt()).isEqualTo("router-service");
    }

    @Test
    void givenChangedLibrary_whenBuiltAgain_thenEverythingIs() throws Exception {
        build();
        write("libs/hub-model/src/main/java/Model.java", "class Other {}");

        assertThat(rebuilt()).isEqualTo("standalone,router-service");
    }

    @Test
    void givenChangedTest_whenBuiltAgain_thenMavenIsNotStarted() throws Exception {
        build();
        write("router-service/src/test/java/RouterTest.java", "class RouterTest {}");

        hub("build");

        assertThat(requests).doesNotExist();
    }

    @Test
    void givenMissingArtifact_whenBuiltAgain_thenItsModuleIs() throws Exception {
        build();
        Files.delete(checkout.resolve("router-service/target/quarkus-app/quarkus-run.jar"));

        assertThat(rebuilt()).isEqualTo("router-service");
    }

    @Test
    void givenNoJdkWhereToldToLook_whenBuilt_thenSaidSo() throws Exception {
        var outcome = run(Map.of("FREEHUB_JAVA_HOME", "/nowhere"), "build");

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.output()).contains("FREEHUB_JAVA_HOME=/nowhere is no JDK 25");
    }

    @Test
    void givenCommandAboutARunningHub_whenRun_thenOnlyTheLauncherIsBuiltForIt() throws Exception {
        var outcome = hub("policies", "list");

        assertThat(requests).hasContent("standalone");
        assertThat(outcome.output()).contains("io.freehub.standalone.Main"); // which this checkout has none of
        assertThat(outcome.exitCode()).isNotZero();
    }

    @Test
    void givenUnknownCommand_whenRun_thenUsageIsShown() throws Exception {
        var outcome = hub("down");

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.output()).contains("./hub up [options]").contains("unknown command 'down'");
    }

    private void build() throws Exception {
        assertThat(hub("build").exitCode()).isZero();
        Files.delete(requests);
    }

    private String rebuilt() throws Exception {
        assertThat(hub("build").exitCode()).isZero();
        var modules = Files.readString(requests).strip();
        Files.delete(requests);
        return modules;
    }

    private Outcome hub(String... arguments) throws Exception {
        return run(Map.of("FREEHUB_JAVA_HOME", System.getProperty("java.home")), arguments);
    }

    private Outcome run(Map<String, String> environment, String... arguments) throws Exception {
        var command = new ArrayList<>(List.of(checkout.resolve("hub").toString()));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        builder.environment().merge("PATH", checkout.resolve("bin").toString(), (path, first) -> first + ":" + path);
        var process = builder.start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), output);
    }

    private void write(String file, String text) throws IOException {
        var path = checkout.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }
}
