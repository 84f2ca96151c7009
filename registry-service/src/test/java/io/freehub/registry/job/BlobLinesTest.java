package io.freehub.registry.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.registry.job.BlobLines.Line;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobLinesTest {

    @TempDir
    Path storage;

    @Test
    void givenLines_whenRead_thenEachSaysWhereTheNextBegins() throws Exception {
        var lines = read("one\r\n\ntwo\nlast", 0, 0);

        assertThat(lines).extracting(line -> new String(line.text(), UTF_8)).containsExactly("one", "", "two", "last");
        assertThat(lines).extracting(Line::number).containsExactly(1L, 2L, 3L, 4L);
        assertThat(lines).extracting(Line::end).containsExactly(5L, 6L, 10L, 14L);
    }

    @Test
    void givenPosition_whenRead_thenGoesOnThere() throws Exception {
        var lines = read("one\r\n\ntwo\nlast\n", 6, 2);

        assertThat(lines).extracting(line -> new String(line.text(), UTF_8)).containsExactly("two", "last");
        assertThat(lines).extracting(Line::number).containsExactly(3L, 4L);
        assertThat(lines).extracting(Line::end).containsExactly(10L, 15L);
    }

    @Test
    void givenNothing_whenRead_thenNoLine() throws Exception {
        assertThat(read("", 0, 0)).isEmpty();
    }

    @Test
    void givenLinesOverManyParts_whenRead_thenNoneIsCutOrLost() throws Exception {
        var text = new StringBuilder();
        int count = 300;
        for (int i = 0; i < count; i++) {
            text.append(i).append(' ').append("x".repeat(9_973)).append('\n');
        }

        var lines = read(text.toString(), 0, 0);

        assertThat(lines).hasSize(count);
        for (int i = 0; i < count; i++) {
            assertThat(new String(lines.get(i).text(), UTF_8))
                    .startsWith(i + " x")
                    .endsWith("x")
                    .hasSize(9_974 + Integer.toString(i).length());
            assertThat(lines.get(i).cut()).isFalse();
        }
        assertThat(lines.getLast().end()).isEqualTo(text.length());
    }

    @Test
    void givenLongestLineAndLongerOnes_whenRead_thenOnlyThoseAreCutAndTheNextIsWhole() throws Exception {
        var longest = "a".repeat(BlobLines.MAX_LINE);
        var tooLong = "b".repeat(BlobLines.MAX_LINE + 1);
        var huge = "c".repeat(3_000_000);

        var lines = read(String.join("\n", longest, tooLong, huge, "next", huge), 0, 0);

        assertThat(lines).extracting(Line::cut).containsExactly(false, true, true, false, true);
        assertThat(lines).extracting(Line::number).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(new String(lines.get(3).text(), UTF_8)).isEqualTo("next");
        assertThat(lines).allMatch(line -> line.text().length <= BlobLines.MAX_LINE);
        long behindNext = longest.length() + tooLong.length() + huge.length() + "next".length() + 4L;
        assertThat(lines.get(3).end()).isEqualTo(behindNext);
        assertThat(lines.get(4).end()).isEqualTo(behindNext + huge.length());
    }

    private List<Line> read(String text, long position, long before) throws IOException, StorageException {
        var container = OwnContainer.open(storage, new Container.Own("in"), true);
        Files.writeString(storage.resolve("in/blob"), text);
        var lines = new BlobLines(container, container.find("blob").orElseThrow(), position, before);
        var read = new ArrayList<Line>();
        for (var line = lines.next(); line.isPresent(); line = lines.next()) {
            read.add(line.get());
        }
        return read;
    }
}
