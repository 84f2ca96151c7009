package io.freehub.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProcessCpuTest {

    @Test
    void ticksAreThoseOfTheProcessAndOfItsEndedChildren() {
        assertThat(ProcessCpu.ticks("42 (a (strange) name) S 1 42 42 0 -1 4194560 100 0 3 0 70 20 7 3 20 0 1 0"))
                .isEqualTo(100);
    }

    @Test
    void processThatWasReplacedBetweenSamplesIsLeftOut() {
        var before = new ProcessCpu.Sample(Map.of("kafka", Duration.ofMillis(500), "router", Duration.ofMillis(900)));
        var after = new ProcessCpu.Sample(Map.of("kafka", Duration.ofMillis(700), "router", Duration.ofMillis(100)));

        assertThat(after.since(before).microsPer(100)).isEqualTo(Map.of("kafka", 2000.0));
    }
}
