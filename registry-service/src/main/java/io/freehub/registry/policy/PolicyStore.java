package io.freehub.registry.policy;

import io.agroal.api.AgroalDataSource;
import io.freehub.model.AccessPolicy;
import io.freehub.model.Permission;
import io.freehub.model.SymmetricKey;
import io.freehub.model.SymmetricKeys;
import io.freehub.store.Outbox;
import io.freehub.store.OutboxRecord;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;

/** Policies in the database, which is where they are at home. */
@ApplicationScoped
class PolicyStore {

    /** Any number that no other advisory lock of the database has. */
    private static final long LOCK = 0x706f6c696379L;

    private final AgroalDataSource dataSource;
    private final Outbox outbox;

    PolicyStore(AgroalDataSource dataSource, Outbox outbox) {
        this.dataSource = dataSource;
        this.outbox = outbox;
    }

    /** Stores these policies if there is none yet; one replica does, the others wait for it. Returns what there is then. */
    List<AccessPolicy> initialize(Collection<AccessPolicy> defaults) throws SQLException {
        try (var connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try (var lock = connection.prepareStatement("select pg_advisory_xact_lock(" + LOCK + ")")) {
                lock.execute();
            }
            if (read(connection).isEmpty()) {
                for (var policy : defaults) {
                    insert(connection, policy);
                }
            }
            var policies = read(connection);
            connection.commit();
            return policies;
        }
    }

    /** Has the records written to Kafka. */
    void publish(List<OutboxRecord> records) throws SQLException {
        try (var connection = dataSource.getConnection()) {
            outbox.add(connection, records);
        }
    }

    private static List<AccessPolicy> read(Connection connection) throws SQLException {
        try (var query = connection.prepareStatement(
                        "select name, primary_key, secondary_key, permissions from access_policy order by name");
                var rows = query.executeQuery()) {
            var policies = new ArrayList<AccessPolicy>();
            while (rows.next()) {
                var permissions = EnumSet.noneOf(Permission.class);
                for (var permission : (String[]) rows.getArray(4).getArray()) {
                    permissions.add(Permission.valueOf(permission));
                }
                policies.add(new AccessPolicy(
                        rows.getString(1),
                        new SymmetricKeys(new SymmetricKey(rows.getString(2)), new SymmetricKey(rows.getString(3))),
                        permissions));
            }
            return policies;
        }
    }

    private static void insert(Connection connection, AccessPolicy policy) throws SQLException {
        try (var insert = connection.prepareStatement("insert into access_policy values (?, ?, ?, ?)")) {
            insert.setString(1, policy.name());
            insert.setString(2, policy.keys().primary().base64());
            insert.setString(3, policy.keys().secondary().base64());
            insert.setArray(
                    4,
                    connection.createArrayOf(
                            "text",
                            policy.permissions().stream()
                                    .sorted()
                                    .map(Permission::name)
                                    .toArray()));
            insert.executeUpdate();
        }
    }
}
