package io.freehub.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PercentCodingTest {

    @ParameterizedTest
    @CsvSource({
        "a b,a%20b",
        "+=/&%,%2B%3D%2F%26%25",
        "AZaz09-._~,AZaz09-._~",
        "ü€😀,%C3%BC%E2%82%AC%F0%9F%98%80",
        "*',%2A%27"
    })
    void allButTheUnreservedIsEscaped(String text, String encoded) {
        assertThat(PercentCoding.encode(text)).isEqualTo(encoded);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a+b", "100%", "%41", "ü/😀?", "\u0000\u007f"})
    void whatWasEncodedIsDecodedToItself(String text) {
        assertThat(PercentCoding.decode(PercentCoding.encode(text))).isEqualTo(text);
    }

    @Test
    void whatIsNoEscapeStays() {
        assertThat(PercentCoding.decode("50%+x")).isEqualTo("50%+x");
    }
}
