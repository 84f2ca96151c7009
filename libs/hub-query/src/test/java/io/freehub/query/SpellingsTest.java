package io.freehub.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Times are compared as instants, whatever way the query writes them, and with the beginning of one; names in either spelling. */
class SpellingsTest {

    private static final Document TWIN =
            Document.of(new Value.Members(Map.of("lastActivityTime", Value.of("2026-08-15T09:00:02.000Z"))));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "lastActivityTime = '2026-08-15T09:00:02Z' | true",
                "'2026-08-15T11:00:02+02:00' = LastActivityTime | true",
                "lastActivityTime IN ['2026-08-15T09:00:02'] | true",
                "lastActivityTime NIN ['2026-08-15T09:00:02.0000000Z'] | false",
                "lastActivityTime < '2026-08-15T09:00:02.5Z' | true",
                "lastActivityTime > '2026-08-15T09:00:02Z' | false",
                "lastActivityTime > '2016-09-01' | true",
                "NOT lastActivityTime < '2026-08-15' AND lastActivityTime < '2026-08-16' | true",
                "lastActivityTime >= '2026-08' AND lastActivityTime < '2026-09' | true",
                "startswith(lastActivityTime, '2026-08-15T09') | true",
                "lastActivityTime > 'nonsense' | false",
            })
    void givenATime_thenComparedAsAnInstant(String condition, boolean matches) {
        assertThat(Evaluator.matches(QueryParser.parseCondition(condition), TWIN))
                .isEqualTo(matches);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "jobType = 'scheduleTwinUpdate' | jobType = 'scheduleUpdateTwin'",
                "devices.jobs.status IN ['canceled', 'failed'] | status IN ['cancelled', 'failed']",
                "'canceled' != status | 'cancelled' != status",
                "status = 'pending' | status = 'scheduled'",
                "createdTimeUtc > '2016-09-01' | createdDateTimeUtc > '2016-09-01T00:00:00.000Z'",
                "error.code = 'canceled' | error.code = 'canceled'",
            })
    void givenAConditionOnJobs_thenInTheSpellingOfTheirRecords(String text, String condition) {
        var from = "SELECT * FROM devices.jobs WHERE ";
        assertThat(QueryParser.parse(from + text).text()).isEqualTo(from + condition);
    }
}
