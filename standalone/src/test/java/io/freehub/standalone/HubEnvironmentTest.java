package io.freehub.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HubEnvironmentTest {

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HostName=127.0.0.1;SharedAccessKeyName=iothubowner;SharedAccessKey=a+/b==",
                "/home/a b/$HOME/`x`/\"q\"\\n/#c",
                "/home/o'neill/hub data;x",
                ""
            })
    void givenAwkwardValue_whenSourcedByAShellOrParsedSimply_thenItIsTheSame(String value) throws Exception {
        var text = new HubEnvironment().put("VALUE", value).text();

        assertThat(sourced(text)).isEqualTo(value);
        assertThat(parsedSimply(text)).isEqualTo(value);
        assertThat(HubEnvironment.read(directory.resolve("hub.env")).values()).isEqualTo(Map.of("VALUE", value));
    }

    @Test
    void givenValueThatNoQuotesFit_whenWritten_thenItIsRefusedRatherThanSpoilt() {
        var environment = new HubEnvironment().put("IOTHUB_CA_FILE", "/home/o'neill/$x");

        assertThatThrownBy(environment::text)
                .isInstanceOf(LauncherException.class)
                .hasMessageContaining("IOTHUB_CA_FILE")
                .hasMessageContaining("--data");
    }

    @Test
    void givenFile_whenAValueChangesInIt_thenTheOthersStay() throws Exception {
        var file = Files.writeString(directory.resolve("hub.env"), "# a comment\nA='1'\nB=\"it's 2\"\nC=3\n");

        HubEnvironment.read(file).put("A", "=4").writeTo(file);

        assertThat(file).hasContent("A='=4'\nB=\"it's 2\"\nC='3'\n");
    }

    private String sourced(String text) throws IOException {
        var file = Files.writeString(directory.resolve("hub.env"), text);
        var shell =
                new ProcessBuilder("/bin/sh", "-c", ". \"$1\"; printf %s \"$VALUE\"", "sh", file.toString()).start();
        return new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** What dotenv parsers have in common: a name, an equals sign, a value in quotes that are taken away. */
    private static String parsedSimply(String text) {
        var line = text.strip();
        var quoted = line.substring(line.indexOf('=') + 1);
        return quoted.substring(1, quoted.length() - 1);
    }
}
