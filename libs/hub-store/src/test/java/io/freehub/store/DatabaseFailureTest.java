package io.freehub.store;

import static io.freehub.store.DatabaseFailure.OTHER;
import static io.freehub.store.DatabaseFailure.UNAVAILABLE;
import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.vertx.pgclient.PgException;
import java.net.ConnectException;
import java.sql.SQLException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatabaseFailureTest {

    @ParameterizedTest
    @CsvSource({
        "23505, CONFLICT",
        "23503, CONFLICT",
        "40001, CONFLICT",
        "40P01, CONFLICT",
        "57P01, UNAVAILABLE",
        "57P03, UNAVAILABLE",
        "57014, UNAVAILABLE",
        "55P03, UNAVAILABLE",
        "53300, UNAVAILABLE",
        "08006, UNAVAILABLE",
        "42P01, OTHER",
        "22021, OTHER",
        "23514, OTHER",
    })
    void givenSqlState_whenJudged_thenAsItsClassMeans(String state, DatabaseFailure expected) {
        var reactive = new PgException("text", "ERROR", state, "detail");

        assertThat(DatabaseFailure.of(reactive)).isEqualTo(expected);
        assertThat(DatabaseFailure.of(new CompletionException(new IllegalStateException(reactive))))
                .isEqualTo(expected);
        assertThat(DatabaseFailure.of(new SQLException("text", state))).isEqualTo(expected);
        assertThat(DatabaseFailure.isRefusal(new SQLException("text", state))).isEqualTo(expected == OTHER);
    }

    @Test
    void givenNoConnection_whenJudged_thenUnavailable() {
        assertThat(DatabaseFailure.of(new CompletionException(new ConnectException("refused"))))
                .isEqualTo(UNAVAILABLE);
    }

    @Test
    void givenNoAnswerOfTheDatabase_whenJudged_thenNoRefusal() {
        assertThat(DatabaseFailure.isRefusal(new SQLException("Sorry, acquisition timeout!")))
                .isFalse();
        assertThat(DatabaseFailure.isRefusal(new IllegalStateException("ours"))).isFalse();
    }

    @Test
    void givenFailureOfOurs_whenJudged_thenNoneOfTheDatabase() {
        assertThat(DatabaseFailure.of(new HubException(HubError.DEVICE_NOT_FOUND, "gone")))
                .isEqualTo(OTHER);
        assertThat(DatabaseFailure.of(new HubException(
                        HubError.GATEWAY_TIMEOUT,
                        "took too long",
                        new PgException("text", "ERROR", "57014", "detail"))))
                .isEqualTo(OTHER);
    }
}
