package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.embedded.tls.LocalAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hub as its operator manages it, with the commands {@code ./hub policies}, {@code certificates} and {@code devices}. */
class ManagementIT {

    @TempDir
    Path directory;

    @Test
    void policiesAreCreatedRotatedAndDeletedAndTheirTokensFollow() throws Exception {
        var created = HubCommand.output("policies", "create", "operator", "--permissions", "HubManage,RegistryRead");
        assertThat(created).contains("permissions        RegistryRead, HubManage");
        var connectionString = HubCommand.field(created, "connection string");
        assertThat(connectionString).startsWith("HostName=" + TheHub.host() + ";SharedAccessKeyName=operator;");
        assertThat(HubCommand.output("policies", "list"))
                .containsPattern("(?m)^NAME +PERMISSIONS$")
                .containsPattern(
                        "(?m)^iothubowner +RegistryRead, RegistryWrite, ServiceConnect, DeviceConnect, HubManage$")
                .containsPattern("(?m)^operator +RegistryRead, HubManage$")
                .doesNotContain("$freehub");

        var file = fileOf(connectionString);
        assertThat(output(file, "policies", "show", "operator")).isEqualTo(created);
        var regenerated = output(file, "policies", "regenerate", "operator", "--key", "primary");
        assertThat(HubCommand.field(regenerated, "secondary key"))
                .isEqualTo(HubCommand.field(created, "secondary key"));
        assertThat(file).content().contains(HubCommand.field(regenerated, "connection string"));
        assertThat(output(file, "policies", "--json"))
                .contains("\"primaryKey\" : \"" + HubCommand.field(regenerated, "primary key") + "\"");
        assertRefused(fileOf(connectionString), "the signature is wrong", "policies", "list");

        assertThat(output(file, "policies", "delete", "operator"))
                .startsWith("deleted operator\n" + file + " still has it");
        assertRefused(theHub(), "There is no policy with the name 'operator'", "policies", "show", "operator");
        assertRefused(theHub(), "last policy with HubManage", "policies", "delete", "iothubowner");
        assertRefused(
                theHub(), "RegistryRead, RegistryWrite", "policies", "create", "new", "--permissions", "Everything");
    }

    @Test
    void policyThatMayNotManageIsToldSo() throws Exception {
        var file = fileOf(HubCommand.field(HubCommand.output("policies", "show", "service"), "connection string"));

        assertRefused(file, "it lacks HubManage", "policies", "list");
    }

    @Test
    void authorityIsAddedVerifiedBySignatureAndDeleted() {
        var authority = LocalAuthority.in(directory.resolve("plant"), Clock.systemUTC());
        var stranger = LocalAuthority.in(directory.resolve("stranger"), Clock.systemUTC());
        var certificate = authority.certificateFile().toString();

        assertThat(HubCommand.output("certificates", "add", "plant-7", certificate))
                .contains("verified    no");
        assertRefused(theHub(), "as 'plant-7'", "certificates", "add", "again", certificate);
        var code = HubCommand.output("certificates", "code", "plant-7").strip();
        assertRefused(theHub(), "verification certificate", "certificates", "verify", "plant-7", leaf(stranger, code));
        assertThat(HubCommand.output("certificates", "verify", "plant-7", leaf(authority, code)))
                .contains("verified    yes");
        assertThat(HubCommand.output("certificates"))
                .containsPattern("(?m)^NAME +VERIFIED +EXPIRY +SUBJECT$")
                .containsPattern("(?m)^plant-7 +yes +20..-..-..T..:..:..Z +");
        assertThat(HubCommand.output("certificates", "delete", "plant-7")).isEqualTo("deleted plant-7\n");

        assertThat(HubCommand.output("certificates", "add", "plant-7", certificate, "--verified"))
                .contains("verified    yes");
        assertThat(HubCommand.output("certificates", "delete", "plant-7")).isEqualTo("deleted plant-7\n");
    }

    @Test
    void devicesAreImportedAndExportedThroughFiles() throws Exception {
        var file = Files.writeString(
                directory.resolve("in.txt"),
                "{\"id\":\"command-1\",\"status\":\"disabled\"}\n{\"id\":\"command-2\",\"status\":\"enabled\"}\n");
        assertThat(HubCommand.output("devices", "import", file.toString())).isEqualTo("imported " + file + "\n");
        assertThat(HubCommand.output("devices")).containsPattern("(?m)^command-1 +disabled +Disconnected$");

        Files.writeString(file, "{\"id\":\"command-1\",\"status\":\"enabled\",\"importMode\":\"create\"}\n");
        var refused =
                Program.run(Path.of("."), Map.of(), HubCommand.words(theHub(), "devices", "import", file.toString()));
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.output())
                .contains("\"errorCode\":409001")
                .endsWith("1 lines of " + file + " were refused\n");

        var exported = directory.resolve("out.txt");
        assertThat(HubCommand.output("devices", "export", exported.toString()))
                .isEqualTo("exported to " + exported + "\n");
        assertThat(exported).content().contains("{\"id\":\"command-2\",");
        assertThat(Files.getPosixFilePermissions(exported)).hasSize(2);
        assertRefused(theHub(), exported + " exists already", "devices", "export", exported.toString());
        try (var left = Files.list(Path.of(TheHub.facts().environment().get("IOTHUB_STORAGE")))) {
            assertThat(left.map(container -> container.getFileName().toString()))
                    .noneMatch(name -> name.startsWith("command-"));
        }
    }

    /** A certificate of the authority with this common name. */
    private static String leaf(LocalAuthority authority, String commonName) {
        return authority
                .serverCertificates(commonName, List.of())
                .getFirst()
                .certificate()
                .toString();
    }

    private Path fileOf(String connectionString) throws IOException {
        var lines = Files.readAllLines(theHub()).stream()
                .map(line -> line.startsWith("IOTHUB_CONNECTION_STRING=")
                        ? "IOTHUB_CONNECTION_STRING='" + connectionString + "'"
                        : line)
                .toList();
        return Files.write(Files.createTempFile(directory, "hub", ".env"), lines);
    }

    private static Path theHub() {
        return TheHub.facts().environmentFile();
    }

    private static void assertRefused(Path file, String text, String... arguments) {
        var program = Program.run(Path.of("."), Map.of(), HubCommand.words(file, arguments));
        assertThat(program.exitCode()).as(program.output()).isEqualTo(1);
        assertThat(program.errors()).startsWith("hub: ").contains(text);
        assertThat(program.output()).isEmpty();
    }

    private static String output(Path file, String... arguments) {
        return Program.output(Path.of("."), Map.of(), HubCommand.words(file, arguments));
    }
}
