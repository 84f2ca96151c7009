package io.freehub.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.HubError;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorBodyTest {

    private static final Instant NOW = Instant.parse("2026-08-15T09:11:06.123456Z");

    @Test
    void givenFailureOfRegistry_whenWritten_thenPrefixedText() {
        var json = json(HubError.DEVICE_NOT_FOUND, "no \"d1\"", "/devices/d1");

        assertThat(json)
                .isEqualTo("{\"Message\":\"ErrorCode:DeviceNotFound;no \\\"d1\\\"\","
                        + "\"ExceptionMessage\":\"Tracking ID:id-1-TimeStamp:2026-08-15T09:11:06.123Z\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/twins/d1", "/twins%2Fd1/methods", "/digitaltwins/d1"})
    void givenFailureOfTwinsAndMethods_whenWritten_thenJsonInsideAndNoExceptionMessage(String path) {
        assertThat(json(HubError.DEVICE_NOT_FOUND, "gone", path))
                .isEqualTo("{\"Message\":\"{\\\"errorCode\\\":404001,\\\"message\\\":\\\"gone\\\","
                        + "\\\"trackingId\\\":\\\"id-1-TimeStamp:2026-08-15T09:11:06.123Z\\\","
                        + "\\\"timestampUtc\\\":\\\"2026-08-15T09:11:06.123Z\\\",\\\"info\\\":null}\","
                        + "\"ExceptionMessage\":\"\"}");
    }

    @Test
    void givenRefusedToken_whenWritten_thenJsonInsideWhereverItWas() {
        assertThat(json(HubError.UNAUTHORIZED, "expired", "/devices")).contains("\\\"errorCode\\\":401003");
    }

    private static String json(HubError error, String detail, String path) {
        return ErrorBody.of(error, detail, RequestPath.parse(path), "id-1", NOW).json();
    }
}
