package io.freehub.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFileTest {

    @TempDir
    Path directory;

    private LogFile log;

    @BeforeEach
    void chooseFile() {
        log = new LogFile(directory.resolve("kafka.log"));
    }

    @Test
    void givenText_whenRotated_thenItIsTheOlderFile() throws Exception {
        Files.writeString(log.file(), "old\n");

        log.rotate();

        assertThat(log.file()).doesNotExist();
        assertThat(directory.resolve("kafka.log.1")).hasContent("old\n");
    }

    @Test
    void givenTooMuchText_whenCut_thenTheFileIsEmptyAndTheOlderOneHasIt() throws Exception {
        Files.writeString(log.file(), "12345");

        log.cutWhenLargerThan(5);
        assertThat(log.file()).hasContent("12345");
        log.cutWhenLargerThan(4);

        assertThat(log.file()).isEmptyFile();
        assertThat(directory.resolve("kafka.log.1")).hasContent("12345");
    }

    @Test
    void givenManyLines_whenTheTailIsTaken_thenItIsTheLastOnes() throws Exception {
        Files.writeString(log.file(), "one\ntwo\nthree\n");

        assertThat(log.tail(2)).containsExactly("two", "three");
        assertThat(log.tail(9)).containsExactly("one", "two", "three");
    }

    @Test
    void givenNoFile_whenTheTailIsTaken_thenItIsEmpty() {
        assertThat(log.tail(3)).isEmpty();
    }
}
