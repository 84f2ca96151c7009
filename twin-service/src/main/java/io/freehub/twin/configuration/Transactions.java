package io.freehub.twin.configuration;

import io.agroal.api.AgroalDataSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;

/** Transactions of threads that may wait. */
@ApplicationScoped
class Transactions {

    private final AgroalDataSource dataSource;

    Transactions(AgroalDataSource dataSource) {
        this.dataSource = dataSource;
    }

    /** What is done in a transaction. */
    @FunctionalInterface
    interface Work<T> {
        T run(Connection connection) throws SQLException;
    }

    /** Commits what the work has done, unless it fails. */
    <T> T run(Work<T> work) throws SQLException {
        try (var connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try {
                var result = work.run(connection);
                connection.commit();
                return result;
            } finally {
                // What was committed stays.
                connection.rollback();
            }
        }
    }
}
