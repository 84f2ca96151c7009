package io.freehub.command.receiver;

import io.freehub.model.IdentityId;
import io.freehub.model.ReceiverEvent.Link;
import io.freehub.model.SessionAddress;
import io.freehub.store.Database;
import io.smallrye.mutiny.Uni;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Who receives, for those who wait on an event loop. */
@ApplicationScoped
public class Receivers {

    private final Pool pool;

    Receivers(Pool pool) {
        this.pool = pool;
    }

    /**
     * The receiver that gets what there is, of those identities that have one. Fails with {@link
     * io.freehub.model.HubError#SERVICE_UNAVAILABLE} when the database is away.
     */
    public Uni<Map<IdentityId, Receiver>> newest(Link link, Collection<IdentityId> identities) {
        var ids = identities.stream().map(IdentityId::toString).toArray(String[]::new);
        return Database.failing(Uni.createFrom()
                .completionStage(() -> pool.preparedQuery(ReceiverTable.NEWEST.formatted("$1", "$2"))
                        .execute(Tuple.of(link.name()).addArrayOfString(ids))
                        .toCompletionStage())
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(Receivers::receiver)
                        .collect(Collectors.toMap(found -> found.address().identity(), Function.identity()))));
    }

    private static Receiver receiver(Row row) {
        return new Receiver(
                new SessionAddress(
                        IdentityId.parse(row.getString("id")), row.getString("session"), row.getInteger("ordinal")),
                row.getLong("generation"),
                row.getInteger("capacity"));
    }
}
