package io.freehub.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.SasToken;
import io.freehub.model.SymmetricKey;
import io.freehub.testing.RestCaller;
import io.freehub.testing.TestPostgres;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** A back end that speaks the REST interface as clients do: any path spelling, any token. */
public final class BackEnd extends RestCaller {

    /** The hub's host name in tests. */
    public static final String HOST = "hub.example.net";

    private BackEnd(int port, String authorization) {
        super(port, authorization);
    }

    /** With a token for the whole hub, by a policy of the hub. */
    public static BackEnd of(int port, String policy) {
        return new BackEnd(port, token(HOST, policy));
    }

    /** With this {@code Authorization} header; none when empty. */
    public static BackEnd withAuthorization(int port, String authorization) {
        return new BackEnd(port, authorization);
    }

    /** A token for a resource, by the primary key of a policy of the hub. */
    public static String token(String resource, String policy) {
        return SasToken.create(
                resource, primaryKey(policy), Instant.now().plus(Duration.ofHours(1)), Optional.of(policy));
    }

    public static SymmetricKey primaryKey(String policy) {
        return key(policy, "primary_key");
    }

    public static SymmetricKey secondaryKey(String policy) {
        return key(policy, "secondary_key");
    }

    private static SymmetricKey key(String policy, String column) {
        try (var connection = TestPostgres.database(RegistryTest.DATABASE).connect();
                var query = connection.prepareStatement("select " + column + " from access_policy where name = ?")) {
            query.setString(1, policy);
            try (var rows = query.executeQuery()) {
                assertThat(rows.next()).as("policy " + policy).isTrue();
                return new SymmetricKey(rows.getString(1));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Creates a device and answers it. */
    public Answer create(String id) {
        var answer = put("/devices/" + id, "{\"deviceId\":\"" + id + "\"}");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer;
    }
}
