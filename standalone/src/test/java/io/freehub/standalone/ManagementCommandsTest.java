package io.freehub.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.embedded.tls.LocalAuthority;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the commands about a running hub say when there is nothing to talk to; the acceptance tests talk to one. */
class ManagementCommandsTest {

    @TempDir
    Path directory;

    private record Outcome(int exitCode, String output, String errors) {}

    @Test
    void givenNoHub_whenListed_thenSaidWhereOneWasLookedFor() {
        var outcome = run("policies", "list", "--data", directory.toString());

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.errors())
                .contains("hub: there is no " + directory.resolve("hub.env"))
                .contains("./hub up");
        assertThat(outcome.output()).isEmpty();
    }

    @Test
    void givenFileWithoutConnectionString_whenListed_thenSaidSo() throws Exception {
        var file = Files.writeString(directory.resolve("some.env"), "IOTHUB_HOST='127.0.0.1'\n");

        var outcome = run("certificates", "--hub", file.toString());

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.errors()).contains(file + " has no IOTHUB_CONNECTION_STRING");
    }

    @Test
    void givenHubThatIsNotThere_whenListed_thenSaidWhichIsNotReached() throws Exception {
        var authority = LocalAuthority.in(directory, Clock.systemUTC());
        int port;
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        new HubEnvironment()
                .put(
                        "IOTHUB_CONNECTION_STRING",
                        "HostName=127.0.0.1;SharedAccessKeyName=a;SharedAccessKey=c2VjcmV0IHNlY3JldCBzZWNyZXQ=")
                .put("IOTHUB_HOST", "127.0.0.1")
                .put("IOTHUB_HTTPS_PORT", Integer.toString(port))
                .put("IOTHUB_CA_FILE", authority.certificateFile().toString())
                .writeTo(directory.resolve("hub.env"));

        var outcome = run("policies", "--data", directory.toString());

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.errors()).contains("cannot reach the hub at https://127.0.0.1:" + port);
    }

    @Test
    void givenBadArguments_whenRun_thenUsageAndExitCode2() {
        assertThat(run("policies", "create", "new").errors())
                .contains("--permissions")
                .contains("Usage: hub policies create");
        assertThat(run("policies", "create", "new").exitCode()).isEqualTo(2);
        assertThat(run("policies", "regenerate", "new", "--key", "third").errors())
                .contains("primary");
        assertThat(run("certificates", "add", "one").exitCode()).isEqualTo(2);
    }

    @Test
    void givenFileThatIsNoCertificate_whenAdded_thenRefusedBeforeTheHubIsAsked() throws Exception {
        var large = Files.write(directory.resolve("large"), new byte[20_000]);

        assertThat(run("certificates", "add", "one", large.toString()).errors()).contains("larger than 16384 bytes");
        assertThat(run("certificates", "add", "one", directory.resolve("none").toString())
                        .errors())
                .contains("there is no file");
    }

    @Test
    void givenHelp_whenAsked_thenSubcommandsAreNamed() {
        assertThat(run("policies", "--help").output()).contains("list", "show", "create", "regenerate", "delete");
        assertThat(run("certificates", "--help").output()).contains("list", "show", "add", "code", "verify", "delete");
        assertThat(run("policies", "show", "--help").output())
                .contains("--json")
                .contains("--hub");
    }

    private static Outcome run(String... arguments) {
        var output = new StringWriter();
        var errors = new StringWriter();
        int exitCode = Main.commandLine()
                .setOut(new PrintWriter(output))
                .setErr(new PrintWriter(errors))
                .execute(arguments);
        return new Outcome(exitCode, output.toString(), errors.toString());
    }
}
