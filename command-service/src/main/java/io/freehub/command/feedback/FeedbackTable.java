package io.freehub.command.feedback;

import io.freehub.model.DeviceId;
import io.freehub.model.FeedbackDelivery;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Feedback in the database. */
public final class FeedbackTable {

    private static final String ADD =
            "insert into feedback_record (message_id, outcome, device, generation, at) values (?, ?, ?, ?, ?)";

    private static final String OLDEST = """
            select id, message_id, outcome, device, generation, at
            from feedback_record
            order by id
            limit ?
            for update skip locked
            """;

    private static final String LOCK = """
            update feedback_batch
            set lock_token = gen_random_uuid(), locked_until = ?,
                delivery_count = delivery_count + (lock_token is not null)::int
            where id = (select id
                        from feedback_batch
                        where (lock_token is null or locked_until <= ?) and expires_at > ?
                            and delivery_count + (lock_token is not null)::int <= ?
                        order by id
                        limit 1
                        for update skip locked)
            returning lock_token, enqueued_at, body
            """;

    private static final String COMPLETE = "delete from feedback_batch where lock_token = ? and locked_until > ?";

    private static final String ABANDON = """
            update feedback_batch
            set lock_token = null, locked_until = null, delivery_count = delivery_count + 1
            where lock_token = ? and locked_until > ?
            """;

    private static final String FORGET = """
            delete from feedback_batch
            where id in (select id
                         from feedback_batch
                         where (lock_token is null or locked_until <= ?)
                             and (expires_at <= ? or delivery_count + (lock_token is not null)::int > ?)
                         for update skip locked)
            """;

    private FeedbackTable() {}

    /** Adds records, in the transaction that ended the messages. */
    public static void add(Connection connection, List<FeedbackRecord> records) throws SQLException {
        if (records.isEmpty()) {
            return;
        }
        try (var insert = connection.prepareStatement(ADD)) {
            for (var record : records) {
                insert.setString(1, record.messageId());
                insert.setString(2, record.outcome().name());
                insert.setString(3, record.device().value());
                insert.setLong(4, record.generation());
                insert.setObject(5, time(record.at()));
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    /**
     * Makes a batch of the oldest records that no other replica is making one of.
     *
     * @param size greatest number of records
     * @param since fewer are enough when the oldest is of this time or before
     * @return how many became a batch
     */
    static int close(Connection connection, int size, Instant since, Instant expiresAt) throws SQLException {
        var ids = new ArrayList<Long>();
        var records = new ArrayList<FeedbackRecord>();
        try (var select = connection.prepareStatement(OLDEST)) {
            select.setInt(1, size);
            try (var rows = select.executeQuery()) {
                while (rows.next()) {
                    ids.add(rows.getLong("id"));
                    records.add(new FeedbackRecord(
                            rows.getString("message_id"),
                            Outcome.valueOf(rows.getString("outcome")),
                            new DeviceId(rows.getString("device")),
                            rows.getLong("generation"),
                            rows.getTimestamp("at").toInstant()));
                }
            }
        }
        boolean due = records.size() == size
                || records.stream().anyMatch(record -> !record.at().isAfter(since));
        if (!due) {
            return 0;
        }
        try (var delete = connection.prepareStatement("delete from feedback_record where id = any (?)")) {
            delete.setArray(1, connection.createArrayOf("bigint", ids.toArray()));
            delete.executeUpdate();
        }
        try (var insert = connection.prepareStatement("insert into feedback_batch (body, expires_at) values (?, ?)")) {
            insert.setString(1, FeedbackBatch.body(records));
            insert.setObject(2, time(expiresAt));
            insert.executeUpdate();
        }
        return records.size();
    }

    /** Locks the oldest batch that nobody has. */
    static Optional<FeedbackDelivery> lock(Connection connection, Instant now, Duration time, int maxDeliveryCount)
            throws SQLException {
        try (var update = connection.prepareStatement(LOCK)) {
            update.setObject(1, time(now.plus(time)));
            update.setObject(2, time(now));
            update.setObject(3, time(now));
            update.setInt(4, maxDeliveryCount);
            try (var rows = update.executeQuery()) {
                return rows.next()
                        ? Optional.of(new FeedbackDelivery(
                                rows.getString("lock_token"),
                                rows.getTimestamp("enqueued_at").toInstant(),
                                rows.getString("body")))
                        : Optional.empty();
            }
        }
    }

    /** Whether the lock was there. */
    static boolean complete(Connection connection, UUID lockToken, Instant now) throws SQLException {
        return settle(connection, COMPLETE, lockToken, now);
    }

    /** Whether the lock was there. */
    static boolean abandon(Connection connection, UUID lockToken, Instant now) throws SQLException {
        return settle(connection, ABANDON, lockToken, now);
    }

    private static boolean settle(Connection connection, String statement, UUID lockToken, Instant now)
            throws SQLException {
        try (var settle = connection.prepareStatement(statement)) {
            settle.setObject(1, lockToken);
            settle.setObject(2, time(now));
            return settle.executeUpdate() > 0;
        }
    }

    /** Deletes what is delivered no more; how many. */
    static int forget(Connection connection, Instant now, int maxDeliveryCount) throws SQLException {
        try (var delete = connection.prepareStatement(FORGET)) {
            delete.setObject(1, time(now));
            delete.setObject(2, time(now));
            delete.setInt(3, maxDeliveryCount);
            return delete.executeUpdate();
        }
    }

    private static OffsetDateTime time(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
