package io.freehub.store;

import io.freehub.model.HubException;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.ClosedConnectionException;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;

/** What a failure of the database means for who asked. */
enum DatabaseFailure {
    /** Two transactions were in each other's way; the same work succeeds or is decided differently when done again. */
    CONFLICT,
    /** The database cannot be reached or has no time; it may work a little later. */
    UNAVAILABLE,
    /** No failure of the database, or one that doing it again does not mend. */
    OTHER;

    private static final String UNIQUE_VIOLATION = "23505";
    private static final String FOREIGN_KEY_VIOLATION = "23503";
    private static final String LOCK_TIMEOUT = "55P03";
    private static final String CANCELED = "57014";
    /** Connection exception, insufficient resources, operator intervention (PostgreSQL, appendix A). */
    private static final Set<String> AWAY = Set.of("08", "53", "57");
    /** Transaction rollback: serialization failure, deadlock. */
    private static final String ROLLBACK = "40";

    static DatabaseFailure of(Throwable failure) {
        if (failure instanceof HubException) {
            // Whoever threw it knows better what the failure behind it means.
            return OTHER;
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            var state = sqlState(cause);
            if (state.isPresent()) {
                return ofSqlState(state.get());
            }
            if (cause instanceof IOException
                    || cause instanceof ClosedConnectionException
                    || cause instanceof TimeoutException
                    || isPoolTimeout(cause)) {
                return UNAVAILABLE;
            }
        }
        return OTHER;
    }

    /** Whether the database has refused the work for what it is, and would do so again. */
    static boolean isRefusal(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            var state = sqlState(cause);
            if (state.isPresent()) {
                return ofSqlState(state.get()) == OTHER;
            }
        }
        return false;
    }

    private static Optional<String> sqlState(Throwable failure) {
        return switch (failure) {
            case PgException postgres -> Optional.ofNullable(postgres.getSqlState());
            case SQLException jdbc -> Optional.ofNullable(jdbc.getSQLState());
            default -> Optional.empty();
        };
    }

    private static DatabaseFailure ofSqlState(String state) {
        if (state.startsWith(ROLLBACK) || state.equals(UNIQUE_VIOLATION) || state.equals(FOREIGN_KEY_VIOLATION)) {
            return CONFLICT;
        }
        return AWAY.contains(state.substring(0, 2)) || state.equals(LOCK_TIMEOUT) || state.equals(CANCELED)
                ? UNAVAILABLE
                : OTHER;
    }

    /** The client has no type for these: Vert.x fails a wait for a connection with a bare text. */
    private static boolean isPoolTimeout(Throwable failure) {
        var text = failure.getMessage();
        return failure.getClass().getName().startsWith("io.vertx.core.impl.NoStackTrace")
                && text != null
                && (text.startsWith("Timeout") || text.contains("closed") || text.contains("Connection"));
    }
}
