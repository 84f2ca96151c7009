package io.freehub.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class BodyTest {

    @Test
    void bodyHasItsSizeAndItsNumbers() {
        var body = Body.create(0xcafeL, 1234, 256);
        Body.putSequence(body, Body.SEQUENCE, 56_789);

        assertThat(body).hasSize(256);
        assertThat(Body.isOf(0xcafeL, body)).isTrue();
        assertThat(Body.isOf(0xbeefL, body)).isFalse();
        assertThat(Body.device(body)).isEqualTo(1234);
        assertThat(Body.sequence(body)).isEqualTo(56_789);
        assertThat(new String(body, StandardCharsets.US_ASCII))
                .startsWith("{\"run\":\"")
                .endsWith("x\"}");
    }
}
