package io.freehub.twin.device;

import io.freehub.store.BatchReader.PositionMovedException;
import io.freehub.store.BatchReader.Span;
import java.sql.Connection;
import java.sql.SQLException;

/** How far the requests of devices have been answered. */
final class RequestPositions {

    private static final String MOVE_ON =
            "update twin_request_position set next_offset = ? where partition = ? and next_offset = ?";

    private static final String READ_ON = """
            insert into twin_request_position as p (partition, next_offset) values (?, ?)
            on conflict (partition) do update set
                next_offset = case when p.next_offset between ? and ? then p.next_offset else excluded.next_offset end
            returning next_offset
            """;

    private RequestPositions() {}

    /** @throws PositionMovedException when the position is not at the beginning of the span */
    static void moveOn(Connection connection, int partition, Span span) throws SQLException {
        try (var update = connection.prepareStatement(MOVE_ON)) {
            update.setLong(1, span.to());
            update.setInt(2, partition);
            update.setLong(3, span.from());
            if (update.executeUpdate() == 0) {
                throw new PositionMovedException(partition, span);
            }
        }
    }

    /** The position in a partition; its beginning when there is none yet, or none that is in the log. */
    static long readOn(Connection connection, int partition, long beginning, long end) throws SQLException {
        try (var upsert = connection.prepareStatement(READ_ON)) {
            upsert.setInt(1, partition);
            upsert.setLong(2, beginning);
            upsert.setLong(3, beginning);
            upsert.setLong(4, end);
            try (var rows = upsert.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        }
    }
}
