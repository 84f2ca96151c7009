package io.freehub.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.store.OutboxRelay.Row;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutboxRelayTest {

    @Test
    void givenRowsOfDifferentKeys_whenCutIntoWaves_thenOneWave() {
        assertThat(waves(row(1, "a"), row(2, "b"), row(3, "c"))).containsExactly(List.of(1L, 2L, 3L));
    }

    @Test
    void givenKeyThatComesAgain_whenCutIntoWaves_thenItsSecondRowWaitsForTheFirst() {
        assertThat(waves(row(1, "a"), row(2, "b"), row(3, "a"), row(4, "c"), row(5, "b"), row(6, "a")))
                .containsExactly(List.of(1L, 2L, 4L), List.of(3L, 5L), List.of(6L));
    }

    @Test
    void givenSameKeyOfAnotherTopic_whenCutIntoWaves_thenAnotherKey() {
        var other = new Row(2, "another", "a", "{}", null, Instant.EPOCH);

        assertThat(waves(row(1, "a"), other)).containsExactly(List.of(1L, 2L));
    }

    @Test
    void givenNoRows_whenCutIntoWaves_thenNone() {
        assertThat(waves()).isEmpty();
    }

    private static List<List<Long>> waves(Row... rows) {
        return OutboxRelay.waves(List.of(rows)).stream()
                .map(wave -> wave.stream().map(Row::id).toList())
                .toList();
    }

    private static Row row(long id, String key) {
        return new Row(id, "topic", key, "{}", null, Instant.EPOCH);
    }
}
