package io.freehub.registry.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.freehub.registry.job.StorageException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OwnContainerTest {

    private static final Container.Own EXPORTS = new Container.Own("exports");

    @TempDir
    Path folder;

    @Test
    void givenBlob_whenWritten_thenSeenOnlyOnceCommittedAndReadableByItsOwnerAlone() throws Exception {
        var container = OwnContainer.open(folder.resolve("storage"), EXPORTS, true);
        try (var upload = container.write("b.txt")) {
            upload.append("one".getBytes(UTF_8));
            upload.append("two".getBytes(UTF_8));
            assertThat(container.find("b.txt")).isEmpty();
            upload.commit();
        }

        var blob = container.find("b.txt").orElseThrow();
        var directory = folder.resolve("storage/exports");
        assertThat(blob.size()).isEqualTo(6);
        assertThat(container.read(blob, 2, 3)).asString(UTF_8).isEqualTo("etw");
        assertThat(permissions(directory.resolve("b.txt"))).isEqualTo("rw-------");
        assertThat(permissions(directory)).isEqualTo("rwx------");
        assertThat(permissions(directory.getParent())).isEqualTo("rwx------");
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactly(directory.resolve("b.txt"));
        }
    }

    @Test
    void givenUpload_whenNotCommitted_thenNothingIsLeft() throws Exception {
        var container = OwnContainer.open(folder, EXPORTS, true);
        container.write("b.txt").close();

        try (var files = Files.list(folder.resolve("exports"))) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void givenBlobThatChanges_whenReadAfterwards_thenSaysSo() throws Exception {
        var container = OwnContainer.open(folder, EXPORTS, true);
        Files.writeString(folder.resolve("exports/b"), "before");
        var blob = container.find("b").orElseThrow();
        Files.writeString(folder.resolve("exports/b"), "afterwards");

        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> container.read(blob, 0, 3))
                .extracting(StorageException::reason)
                .isEqualTo(Reason.CHANGED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../secret", "..", ".", "", "a/b", "/etc/passwd", ".hidden", "a\\b", "a\0", "-x"})
    void givenNameThatLeadsElsewhere_whenUsed_thenRefused(String name) throws Exception {
        var container = OwnContainer.open(folder, EXPORTS, true);

        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> container.find(name))
                .extracting(StorageException::reason)
                .isEqualTo(Reason.REFUSED);
        assertThatExceptionOfType(StorageException.class).isThrownBy(() -> container.write(name));
        assertThatExceptionOfType(StorageException.class).isThrownBy(() -> container.delete(name));
    }

    @Test
    void givenLinks_whenRead_thenNotFollowed() throws Exception {
        Files.writeString(folder.resolve("secret"), "keys");
        Files.createDirectories(folder.resolve("elsewhere"));
        Files.createSymbolicLink(folder.resolve("linked"), folder.resolve("elsewhere"));
        var container = OwnContainer.open(folder, EXPORTS, true);
        Files.createSymbolicLink(folder.resolve("exports/link"), folder.resolve("secret"));

        assertThat(container.find("link")).isEmpty();
        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> OwnContainer.open(folder, new Container.Own("linked"), true));
    }

    @Test
    void givenNoContainer_whenOpenedToRead_thenMissing() {
        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> OwnContainer.open(folder, EXPORTS, false))
                .extracting(StorageException::reason)
                .isEqualTo(Reason.MISSING);
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
