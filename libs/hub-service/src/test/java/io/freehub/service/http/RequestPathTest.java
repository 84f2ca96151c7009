package io.freehub.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestPathTest {

    @ParameterizedTest
    @CsvSource({
        "/devices/d1, /devices/d1",
        "/devices%2Fd1, /devices/d1",
        "/devices%2fd1/, /devices/d1",
        "/devices/, /devices",
        "//devices//d1, /devices/d1",
        "/devices/a%40b, /devices/a@b",
        "/devices/a+b, /devices/a+b",
        "/devices/a%2Bb, /devices/a+b",
        "/devices/a;b=c, /devices/a%3Bb=c",
        "/devices/a%25b, /devices/a%25b",
        "/devices/a%b, /devices/a%25b",
        "/devices/a%2525b, /devices/a%2525b",
        "/devices/%C3%A4, /devices/%C3%A4",
        "/devices/a%23%3F, /devices/a%23%3F",
        "/, /",
    })
    void givenAnySpelling_whenMadeCanonical_thenOneSpelling(String raw, String canonical) {
        assertThat(RequestPath.parse(raw).canonical()).isEqualTo(canonical);
        if (RequestPath.isCanonical(raw)) {
            assertThat(raw).isEqualTo(canonical);
        }
    }

    @Test
    void givenEncodedPath_whenParsed_thenSegmentsAreDecoded() {
        assertThat(RequestPath.parse("/devices%2Fa%25b%40c/").segments()).isEqualTo(List.of("devices", "a%b@c"));
    }
}
