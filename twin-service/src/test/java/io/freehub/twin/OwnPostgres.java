package io.freehub.twin;

import io.freehub.testing.PostgresToTakeAway;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/** A PostgreSQL for one test class. */
public final class OwnPostgres implements QuarkusTestResourceLifecycleManager {

    /** That of the test that runs. */
    public static final PostgresToTakeAway SERVER = new PostgresToTakeAway();

    @Override
    public Map<String, String> start() {
        return SERVER.start();
    }

    /** After those of all tests, so that this server is the one. */
    @Override
    public int order() {
        return 1;
    }

    @Override
    public void stop() {
        SERVER.close();
    }
}
