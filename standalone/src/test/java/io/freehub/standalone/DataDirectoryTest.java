package io.freehub.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {

    @TempDir
    Path parent;

    private Path root;

    @BeforeEach
    void chooseRoot() {
        root = parent.resolve("hub");
    }

    @Test
    void givenNothingThere_whenOpened_thenItIsMadeForItsOwnerOnly() throws Exception {
        try (var _ = DataDirectory.open(root)) {
            assertThat(Files.getPosixFilePermissions(root)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
            assertThat(root.resolve("version")).hasContent("1\n");
        }
    }

    @Test
    void givenOpenDirectory_whenOpenedAgain_thenRefusedWithThePidOfItsHolder() {
        try (var _ = DataDirectory.open(root)) {
            assertThatThrownBy(() -> DataDirectory.open(root))
                    .isInstanceOf(LauncherException.class)
                    .hasMessageContaining("in use by another hub (process "
                            + ProcessHandle.current().pid() + ")")
                    .hasMessageContaining("--data");
        }
    }

    @Test
    void givenClosedDirectory_whenOpenedAgain_thenItsPasswordIsTheSame() {
        String password;
        try (var data = DataDirectory.open(root)) {
            password = data.databasePassword();
        }
        try (var data = DataDirectory.open(root)) {
            assertThat(data.databasePassword()).isEqualTo(password).hasSizeGreaterThan(40);
        }
    }

    @Test
    void givenDataOfAnotherLayout_whenOpened_thenBothVersionsAreNamedAndTheDirectoryIsFree() throws Exception {
        Files.createDirectories(root);
        Files.writeString(root.resolve("version"), "7\n");

        for (var attempt = 0; attempt < 2; attempt++) {
            assertThatThrownBy(() -> DataDirectory.open(root))
                    .isInstanceOf(LauncherException.class)
                    .hasMessageContaining("layout version 7, this Freehub has version 1");
        }
    }

    @Test
    void givenDirectoryWithSomethingElse_whenOpened_thenItIsLeftAlone() throws Exception {
        Files.createDirectories(root);
        Files.writeString(root.resolve("thesis.tex"), "");

        assertThatThrownBy(() -> DataDirectory.open(root))
                .isInstanceOf(LauncherException.class)
                .hasMessageContaining("something else than a hub");
        assertThat(root).isDirectoryNotContaining("glob:**lock");
    }
}
