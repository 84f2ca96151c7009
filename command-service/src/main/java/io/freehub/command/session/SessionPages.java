package io.freehub.command.session;

import io.freehub.model.IdentityId;
import io.freehub.model.ModuleId;
import io.freehub.store.Database;
import io.smallrye.mutiny.Uni;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** Lists open sessions in the order of the ids of devices and modules. */
@ApplicationScoped
class SessionPages {

    /** A device stands before its modules, whose ids go on with a slash; the zero is the next character. */
    private static final String PAGE = """
            select s.id, s.session, s.ordinal, s.opened_at, s.generation, s.model_id,
                   array(select r.link from receiver r
                         where r.id = s.id and r.session = s.session and not r.suspended
                         order by r.link) as links
            from session s
            where s.closed_at is null and s.id > $1
                and ($2::text is null or s.id = $2 or s.id > $2 || '/' and s.id < $2 || '0')
                and ($3::integer is null or s.ordinal = $3)
            order by s.id
            limit $4
            """;

    private final Pool pool;

    SessionPages(Pool pool) {
        this.pool = pool;
    }

    /**
     * Some sessions.
     *
     * @param last the id of the last one, when others follow
     */
    record Page(List<ConnectedSession> sessions, Optional<String> last) {}

    /**
     * The sessions behind an id.
     *
     * @param after empty to begin
     */
    Uni<Page> page(Optional<String> device, Optional<Integer> gateway, String after, int top) {
        // One more than a page tells whether there is another.
        return Database.failing(Uni.createFrom().completionStage(() -> pool.preparedQuery(PAGE)
                        .execute(Tuple.of(after, device.orElse(null), gateway.orElse(null), top + 1))
                        .toCompletionStage()))
                .map(found -> {
                    var rows = StreamSupport.stream(found.spliterator(), false).toList();
                    var page = rows.subList(0, Math.min(top, rows.size()));
                    return new Page(
                            page.stream().map(SessionPages::session).toList(),
                            rows.size() > top ? Optional.of(page.getLast().getString("id")) : Optional.empty());
                });
    }

    private static ConnectedSession session(Row row) {
        var identity = IdentityId.parse(row.getString("id"));
        return new ConnectedSession(
                identity.device().value(),
                identity.module().map(ModuleId::value),
                row.getString("session"),
                row.getInteger("ordinal"),
                row.getOffsetDateTime("opened_at")
                        .toInstant()
                        .truncatedTo(ChronoUnit.MILLIS)
                        .toString(),
                Long.toString(row.getLong("generation")),
                Optional.of(row.getString("model_id")).filter(model -> !model.isEmpty()),
                Arrays.stream(row.getArrayOfStrings("links"))
                        .map(link -> link.toLowerCase(Locale.ROOT))
                        .toList());
    }
}
