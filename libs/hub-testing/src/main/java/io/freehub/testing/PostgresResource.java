package io.freehub.testing;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/**
 * Gives a Quarkus test a database on the PostgreSQL server of this JVM. The test classes of a module share the database
 * {@code test}, or the one named by the resource's argument {@code database}.
 */
public final class PostgresResource implements QuarkusTestResourceLifecycleManager {

    private String database = "test";

    @Override
    public void init(Map<String, String> arguments) {
        database = arguments.getOrDefault("database", database);
    }

    @Override
    public Map<String, String> start() {
        return TestPostgres.database(database).configuration();
    }

    /** Nothing: the next test class uses the server too. */
    @Override
    public void stop() {}
}
