package io.freehub.twin.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.twin.document.JsonText;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JobRequestTest {

    private static final Instant NOW = Instant.parse("2026-08-20T10:00:00Z");

    @Test
    void namesAndTypesAreReadInAnyCaseAndTheBodysIdIsNot() {
        var request = parse("j", """
                {"JobId":7,"TYPE":"SCHEDULEUPDATETWIN","QueryCondition":" tags.a = 1 ","Starttime":null,"other":[null],
                 "MaxExecutionTimeInSeconds":"60","UpdateTwin":{"ETag":"*","deviceId":null,"Tags":{"a":null,"n":1.0},
                 "properties":{"desired":{"b":2,"$version":9},"reported":{}}}}""");

        assertThat(request.id()).isEqualTo("j");
        assertThat(request.condition()).isEqualTo("tags.a = 1");
        assertThat(request.start()).isEqualTo(NOW);
        assertThat(request.maxTime()).isEqualTo(Duration.ofMinutes(1));
        assertThat(JsonText.write(request.work().json()))
                .isEqualTo("{\"etag\":\"*\",\"tags\":{\"a\":null,\"n\":1.0},\"properties\":{\"desired\":{\"b\":2}}}");
        assertThat(JobWork.read(request.work().type(), request.work().json())).isEqualTo(request.work());
    }

    @Test
    void anHourUnlessItSaysMore() {
        assertThat(parse("j", body("\"queryCondition\":\"*\"")).maxTime()).isEqualTo(Duration.ofHours(1));
        assertThat(parse("j", body("\"queryCondition\":\"*\",\"maxExecutionTimeInSeconds\":0"))
                        .maxTime())
                .isEqualTo(Duration.ofHours(1));
        assertThat(parse("j", body("\"queryCondition\":\"*\",\"maxExecutionTimeInSeconds\":5.0"))
                        .maxTime())
                .isEqualTo(Duration.ofSeconds(5));
    }

    @ParameterizedTest
    @CsvSource({
        "2026-08-20T12:00:00Z, 2026-08-20T12:00:00Z",
        "2026-08-20t12:00:00.1234567z, 2026-08-20T12:00:00.123Z",
        "2026-08-20T12:00:00+02:00, 2026-08-20T10:00:00Z",
        "2026-08-20T12:00:00-0200, 2026-08-20T14:00:00Z",
        "2026-08-20T12:00:00, 2026-08-20T12:00:00Z",
        "2026-08-20 12:00, 2026-08-20T12:00:00Z",
        "2026-08-27T10:00:00Z, 2026-08-27T10:00:00Z",
        "1999-08-20T12:00:00Z, 2026-08-20T10:00:00Z",
        "'', 2026-08-20T10:00:00Z"
    })
    void timeIsReadAsClientsWriteIt(String text, Instant start) {
        assertThat(parse("j", body("\"queryCondition\":\"*\",\"startTime\":\"" + text + "\""))
                        .start())
                .isEqualTo(start);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "JobTest-1.2_3'", "'", "0"})
    void idIsOfTheseCharacters(String id) {
        assertThat(parse(id, body("\"queryCondition\":\"*\"")).id()).isEqualTo(id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a/b", "ä", "a+", "query"})
    void otherIdsAreRefused(String id) {
        assertThatThrownBy(() -> parse(id, body("\"queryCondition\":\"*\"")))
                .isInstanceOfSatisfying(
                        HubException.class, e -> assertThat(e.error()).isEqualTo(HubError.ARGUMENT_INVALID))
                .hasMessageContaining("1 to 128");
        assertThatThrownBy(() -> parse("a".repeat(129), body("\"queryCondition\":\"*\"")))
                .hasMessageContaining("1 to 128");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{}; type must be scheduleUpdateTwin",
                "{\"type\":1}; type must be a string",
                "{\"type\":\"export\"}; type must be scheduleUpdateTwin",
                "{\"type\":\"scheduleDeviceMethod\"}; cloudToDeviceMethod is missing",
                "{\"type\":\"scheduleDeviceMethod\",\"cloudToDeviceMethod\":{}}; methodName is missing",
                "{\"type\":\"scheduleDeviceMethod\",\"cloudToDeviceMethod\":{\"methodName\":7}}; methodName must be a string",
                "{\"type\":\"scheduleDeviceMethod\",\"cloudToDeviceMethod\":{\"methodName\":\"a b\"}}; methodName must have",
                "{\"type\":\"scheduleDeviceMethod\",\"cloudToDeviceMethod\":{\"methodName\":\"m\","
                        + "\"connectTimeoutInSeconds\":31}}; cannot be longer than an overall call timeout",
                "{\"type\":\"scheduleUpdateTwin\",\"queryCondition\":\"*\"}; updateTwin is missing",
                "{\"type\":\"scheduleUpdateTwin\",\"updateTwin\":[]}; updateTwin must be an object",
                "{\"type\":\"scheduleUpdateTwin\",\"updateTwin\":{}}; queryCondition is missing",
                "{\"type\":\"scheduleUpdateTwin\",\"updateTwin\":{\"etag\":\"a\"}}; only accepts '*' as the Etag",
                "{\"type\":\"scheduleUpdateTwin\",\"updateTwin\":{\"etag\":1}}; only accepts '*' as the Etag",
                "{\"type\":\"scheduleUpdateTwin\",\"updateTwin\":{\"tags\":{\"a b\":1}}}; tags",
                "{\"type\":\"scheduleUpdateTwin\",\"updateTwin\":{},\"queryCondition\":\"a\\u0000\"}; NUL",
                "{\"type\":\"scheduleUpdateTwin\",\"updateTwin\":{},\"queryCondition\":\"a\\ud800\"}; surrogate"
            })
    void whatIsWrongIsNamed(String body, String told) {
        assertThatThrownBy(() -> parse("j", body))
                .isInstanceOfSatisfying(
                        HubException.class, e -> assertThat(e.error()).isEqualTo(HubError.ARGUMENT_INVALID))
                .hasMessageContaining(told);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "\"startTime\":\"tomorrow\"; startTime must be a time",
                "\"startTime\":1; startTime must be a string",
                "\"startTime\":\"2026-08-27T10:00:01Z\"; 168 hours",
                "\"maxExecutionTimeInSeconds\":-1; maxExecutionTimeInSeconds must be 1 to",
                "\"maxExecutionTimeInSeconds\":1.5; maxExecutionTimeInSeconds must be an integer",
                "\"maxExecutionTimeInSeconds\":99999999999; maxExecutionTimeInSeconds must be 1 to"
            })
    void timesAreBounded(String members, String told) {
        assertThatThrownBy(() -> parse("j", body("\"queryCondition\":\"*\"," + members)))
                .isInstanceOf(HubException.class)
                .hasMessageContaining(told);
    }

    private static String body(String members) {
        return "{\"type\":\"scheduleUpdateTwin\",\"updateTwin\":{\"tags\":{\"a\":1}}," + members + "}";
    }

    private static JobRequest parse(String id, String body) {
        return JobRequest.parse(id, JsonText.readObject(body), NOW);
    }
}
