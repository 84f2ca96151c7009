package io.freehub.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class ResultsTest {

    @Test
    void givenMicrosecondsOneToTenThousand_whenLatencyIsTaken_thenPercentilesAreMilliseconds() {
        var micros = new Histogram(3);
        for (int i = 1; i <= 10_000; i++) {
            micros.recordValue(i);
        }

        var latency = Results.Latency.of(micros);

        assertThat(latency.p50()).isBetween(4.99, 5.01);
        assertThat(latency.p99()).isBetween(9.89, 9.91);
        assertThat(latency.max()).isBetween(9.99, 10.01);
    }

    @Test
    void givenFewMeasuredTwice_whenComparedToMany_thenRatioIsToTheirMean() {
        var scale = new Results.Scale(load(10), load(22), load(12));

        assertThat(scale.ratio("gateway-0")).isEqualTo(2.0);
    }

    private static Results.Load load(double micros) {
        return new Results.Load(
                "",
                1,
                1,
                new Results.Latency(0, 0, 0, 0, 0),
                Map.of("gateway-0", micros),
                1,
                0,
                EventsCheck.Result.NOTHING);
    }
}
