package io.freehub.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Records on their way to Kafka. They are written in the transaction that changes the state they tell of, so there is
 * never one without the other, and {@link OutboxRelay} brings them to Kafka: at least once and, for one key, in the order
 * of the transactions. Whoever writes records of one key holds a lock on what the key stands for.
 */
@ApplicationScoped
public class Outbox {

    // Text first: the reactive client would quote a json parameter. One parameter however many records, so that the
    // statement is prepared once. Rows come in the order of the array.
    private static final String INSERT = "insert into outbox (topic, record_key, record_value, record_partition)"
            + " select topic, key, value, partition from json_to_recordset(cast(cast(%s as text) as json))"
            + " as r(topic text, key text, value text, partition integer)";

    private static final String REACTIVE_INSERT = INSERT.formatted(":records");
    private static final String JDBC_INSERT = INSERT.formatted("?");
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Adds records to the current transaction of {@link Database#write}. */
    public Uni<Void> add(List<OutboxRecord> records) {
        if (records.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        var json = json(records);
        return Panache.getSession()
                .chain(session -> session.createNativeQuery(REACTIVE_INSERT)
                        .setParameter("records", json)
                        .executeUpdate())
                .replaceWithVoid();
    }

    /** Adds records to the transaction of a connection. */
    public void add(Connection connection, List<OutboxRecord> records) throws SQLException {
        if (!records.isEmpty()) {
            try (var insert = connection.prepareStatement(JDBC_INSERT)) {
                insert.setString(1, json(records));
                insert.executeUpdate();
            }
        }
    }

    private static String json(List<OutboxRecord> records) {
        try {
            return MAPPER.writeValueAsString(records);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts are always JSON", e);
        }
    }
}
