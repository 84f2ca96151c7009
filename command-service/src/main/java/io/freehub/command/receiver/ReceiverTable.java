package io.freehub.command.receiver;

import io.freehub.model.GatewayInstance;
import io.freehub.model.IdentityId;
import io.freehub.model.ReceiverEvent;
import io.freehub.model.ReceiverEvent.Link;
import io.freehub.model.SessionAddress;
import io.freehub.store.JsonRows;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Receivers in the database. */
public final class ReceiverTable {

    private static final String ATTACH = """
            insert into receiver (id, link, session, generation, ordinal, incarnation, capacity)
            select id, link, session, generation, ordinal, incarnation, capacity
            from json_to_recordset(?::json)
                as r(id text, link text, session text, generation bigint, ordinal integer, incarnation bigint,
                     capacity integer)
            order by id, link, session
            on conflict (id, link, session) do update set capacity = excluded.capacity, suspended = false
            """;

    private static final String DETACH = """
            delete from receiver v
            using json_to_recordset(?::json) as r(id text, link text, session text)
            where v.id = r.id and v.link = r.link and v.session = r.session
            """;

    /** With places for the link and the ids. */
    static final String NEWEST = """
            select distinct on (id) id, session, generation, ordinal, capacity
            from receiver
            where link = %s and id = any (%s) and not suspended
            order by id, session desc
            """;

    /** Those of earlier lives of a gateway, a limited number of them. */
    private static final String OUTLIVED = """
            delete from receiver
            where ctid in (select ctid from receiver
                           where ordinal = ? and incarnation < ?
                           order by id, link, session
                           for update skip locked
                           limit ?)
            returning id, link, session, ordinal
            """;

    /** Those of one life of a gateway, a limited number of them: whether they receive for the time being. */
    private static final String SUSPEND = """
            update receiver set suspended = ?
            where ctid in (select ctid from receiver
                           where ordinal = ? and incarnation = ? and suspended <> ?
                           order by id, link, session
                           for update skip locked
                           limit ?)
            returning id, link, session, ordinal, generation, incarnation, capacity
            """;

    private record Key(IdentityId identity, Link link, String session) {}

    private ReceiverTable() {}

    /** Stores what events say of receivers. */
    static void store(Connection connection, List<ReceiverEvent> events) throws SQLException {
        var last = new LinkedHashMap<Key, ReceiverEvent>();
        for (var event : events) {
            switch (event) {
                case ReceiverEvent.Attached attached -> last.put(key(attached, attached.link()), attached);
                case ReceiverEvent.Detached detached -> last.put(key(detached, detached.link()), detached);
                case ReceiverEvent.Settled _ -> {}
            }
        }
        JsonRows.execute(connection, DETACH, rows(last, ReceiverEvent.Detached.class));
        JsonRows.execute(connection, ATTACH, rows(last, ReceiverEvent.Attached.class));
    }

    /** The receiver that gets what there is, of those identities that have one. */
    public static Map<IdentityId, Receiver> newest(Connection connection, Link link, Collection<IdentityId> identities)
            throws SQLException {
        var newest = new HashMap<IdentityId, Receiver>();
        try (var select = connection.prepareStatement(NEWEST.formatted("?", "?"))) {
            select.setString(1, link.name());
            select.setArray(
                    2,
                    connection.createArrayOf(
                            "text",
                            identities.stream().map(IdentityId::toString).toArray()));
            try (var rows = select.executeQuery()) {
                while (rows.next()) {
                    var receiver = new Receiver(address(rows), rows.getLong("generation"), rows.getInt("capacity"));
                    newest.put(receiver.address().identity(), receiver);
                }
            }
        }
        return newest;
    }

    /**
     * Removes receivers that a gateway had in earlier lives.
     *
     * @param incarnation the first one whose receivers stay
     * @param most that are removed
     * @return an event for each, as if the gateway had told of it
     */
    static List<ReceiverEvent> removeOutlived(
            Connection connection, int ordinal, long incarnation, int most, Instant now) throws SQLException {
        var removed = new ArrayList<ReceiverEvent>();
        try (var delete = connection.prepareStatement(OUTLIVED)) {
            delete.setInt(1, ordinal);
            delete.setLong(2, incarnation);
            delete.setInt(3, most);
            try (var rows = delete.executeQuery()) {
                while (rows.next()) {
                    removed.add(new ReceiverEvent.Detached(address(rows), Link.valueOf(rows.getString("link")), now));
                }
            }
        }
        return removed;
    }

    /**
     * Lets receivers of a gateway receive nothing for the time being, or let them again.
     *
     * @param most that are changed
     * @return an event for each, as if the gateway had told of it
     */
    static List<ReceiverEvent> suspend(
            Connection connection, GatewayInstance gateway, boolean suspended, int most, Instant now)
            throws SQLException {
        var changed = new ArrayList<ReceiverEvent>();
        try (var update = connection.prepareStatement(SUSPEND)) {
            update.setBoolean(1, suspended);
            update.setInt(2, gateway.ordinal());
            update.setLong(3, gateway.incarnation());
            update.setBoolean(4, suspended);
            update.setInt(5, most);
            try (var rows = update.executeQuery()) {
                while (rows.next()) {
                    var link = Link.valueOf(rows.getString("link"));
                    changed.add(
                            suspended
                                    ? new ReceiverEvent.Detached(address(rows), link, now)
                                    : new ReceiverEvent.Attached(
                                            address(rows),
                                            Long.toString(rows.getLong("generation")),
                                            rows.getLong("incarnation"),
                                            link,
                                            rows.getInt("capacity"),
                                            now));
                }
            }
        }
        return changed;
    }

    private static SessionAddress address(ResultSet row) throws SQLException {
        return new SessionAddress(
                IdentityId.parse(row.getString("id")), row.getString("session"), row.getInt("ordinal"));
    }

    private static Key key(ReceiverEvent event, Link link) {
        return new Key(event.from().identity(), link, event.from().session());
    }

    private static List<Map<String, Object>> rows(Map<Key, ReceiverEvent> events, Class<? extends ReceiverEvent> type) {
        return events.entrySet().stream()
                .filter(entry -> type.isInstance(entry.getValue()))
                .map(entry -> columns(entry.getKey(), entry.getValue()))
                .toList();
    }

    private static Map<String, Object> columns(Key key, ReceiverEvent event) {
        var columns = new HashMap<String, Object>(
                Map.of("id", key.identity().toString(), "link", key.link().name(), "session", key.session()));
        if (event instanceof ReceiverEvent.Attached attached) {
            columns.put("generation", Long.parseLong(attached.generationId()));
            columns.put("ordinal", attached.from().gateway());
            columns.put("incarnation", attached.incarnation());
            columns.put("capacity", attached.window());
        }
        return columns;
    }
}
