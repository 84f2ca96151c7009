package io.freehub.registry.connection;

import io.freehub.store.Database;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;

/** Who is connected. */
@ApplicationScoped
public class Connections {

    private static final String COUNT = "select count(*) from connection_state c"
            + " join identity i on i.id = c.identity where c.connected and i.module_of is null";

    private final Database database;

    Connections(Database database) {
        this.database = database;
    }

    /** How many devices are connected now. */
    public Uni<Long> count() {
        return database.read(() -> Panache.getSession()
                .chain(session -> session.createNativeQuery(COUNT, Long.class).getSingleResult()));
    }
}
