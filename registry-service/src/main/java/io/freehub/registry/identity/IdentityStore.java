package io.freehub.registry.identity;

import io.freehub.model.Credentials;
import io.freehub.model.DeviceId;
import io.freehub.model.IdentityId;
import io.freehub.registry.connection.ConnectionState;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Sort;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hibernate.reactive.mutiny.Mutiny.SelectionQuery;
import org.jspecify.annotations.Nullable;

/** Identities in the database. */
@ApplicationScoped
class IdentityStore implements PanacheRepositoryBase<IdentityRow, String> {

    private static final String REGISTERED =
            "select i, c from IdentityRow i left join ConnectionRow c on c.identity = i.id where ";

    /** How many devices there are. */
    record Count(long total, long enabled) {}

    /** An identity and, when it ever connected, its connection. */
    private record Found(IdentityRow identity, @Nullable ConnectionRow connection) {

        RegisteredIdentity registered() {
            return new RegisteredIdentity(
                    identity.identity(),
                    Optional.ofNullable(connection).map(ConnectionRow::state).orElse(ConnectionState.NEVER));
        }
    }

    /** The identity and, when it is a module, its device; those that exist. */
    Uni<Map<IdentityId, RegisteredIdentity>> withDevice(IdentityId identity) {
        return registered("i.id in :ids", query -> query.setParameter("ids", withDevices(List.of(identity))))
                .map(found -> found.stream()
                        .collect(Collectors.toMap(member -> member.identity().id(), Function.identity())));
    }

    /** The device and its modules; none when there is no such device. */
    Uni<List<RegisteredIdentity>> family(DeviceId device) {
        return registered(
                "i.id = :device or i.moduleOf = :device order by i.id",
                query -> query.setParameter("device", device.value()));
    }

    Uni<List<RegisteredIdentity>> firstDevices(int count) {
        return registered("i.moduleOf is null order by i.id", query -> query.setMaxResults(count));
    }

    Uni<List<Identity>> after(String key, int count) {
        return find("id > ?1", Sort.by("id"), key).page(0, count).list().map(rows -> rows.stream()
                .map(IdentityRow::identity)
                .toList());
    }

    private static Uni<List<RegisteredIdentity>> registered(
            String condition, Function<SelectionQuery<Found>, SelectionQuery<Found>> parameters) {
        return Panache.getSession()
                .chain(session -> parameters
                        .apply(session.createSelectionQuery(REGISTERED + condition, Found.class))
                        .getResultList())
                .map(rows -> rows.stream().map(Found::registered).toList());
    }

    /** The credentials of those that exist. */
    Uni<List<Credentials>> credentials(Collection<IdentityId> identities) {
        return find("id in ?1", withDevices(identities)).list().map(rows -> {
            var found = byId(rows);
            return identities.stream()
                    .distinct()
                    .map(found::get)
                    .flatMap(Stream::ofNullable)
                    .map(row -> credentials(row, found))
                    .toList();
        });
    }

    private static Credentials credentials(IdentityRow row, Map<IdentityId, IdentityRow> found) {
        var identity = row.identity();
        var device = found.get(IdentityId.of(identity.id().device())).identity();
        return identity.credentials(device.status(), row.kept());
    }

    /**
     * The rows of these devices and of their modules. Those of the devices are locked until the transaction ends, in one
     * order, so that no two wait for each other; whoever changes a module holds the lock of its device.
     */
    Uni<Map<IdentityId, IdentityRow>> lock(Collection<DeviceId> devices) {
        if (devices.isEmpty()) {
            return Uni.createFrom().item(Map.of());
        }
        return find(
                        "id in ?1",
                        Sort.by("id"),
                        devices.stream().map(DeviceId::value).toList())
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .list()
                .chain(locked -> {
                    var rows = byId(locked);
                    if (rows.isEmpty()) {
                        return Uni.createFrom().item(rows);
                    }
                    // A statement of its own: the one that waited for the locks does not see what was added meanwhile.
                    return find(
                                    "moduleOf in ?1",
                                    locked.stream().map(row -> row.id).toList())
                            .list()
                            .map(modules -> {
                                rows.putAll(byId(modules));
                                return rows;
                            });
                });
    }

    /**
     * Does what was decided.
     *
     * @param rows those that were locked
     */
    Uni<Void> write(Map<IdentityId, IdentityRow> rows, List<Written> writes) {
        // In one order for all, and each device before its modules.
        var created = new TreeMap<IdentityId, IdentityRow>();
        var removed = new ArrayList<String>();
        for (var written : writes) {
            var id = written.identity().id();
            switch (written) {
                case Written.Created(var identity) -> created.put(id, IdentityRow.of(identity));
                case Written.Replaced(var identity) ->
                    Optional.ofNullable(created.get(id))
                            .orElseGet(() -> rows.get(id))
                            .take(identity);
                case Written.Deleted _ -> {
                    if (created.remove(id) == null) {
                        removed.add(id.toString());
                    }
                }
            }
        }
        return Panache.getSession()
                .chain(session -> session.persistAll(created.values().toArray())
                        .chain(session::flush)
                        .chain(() -> removed.isEmpty()
                                ? Uni.createFrom().voidItem()
                                : delete("id in ?1", removed).replaceWithVoid()));
    }

    Uni<Count> countDevices() {
        return Panache.getSession()
                .chain(session -> session.createSelectionQuery(
                                "select count(*), count(*) filter (where enabled) from IdentityRow where moduleOf is null",
                                Object[].class)
                        .getSingleResult())
                .map(row -> new Count((Long) row[0], (Long) row[1]));
    }

    private static List<String> withDevices(Collection<IdentityId> identities) {
        return identities.stream()
                .flatMap(identity -> Stream.of(IdentityId.of(identity.device()), identity))
                .distinct()
                .map(IdentityId::toString)
                .toList();
    }

    private static Map<IdentityId, IdentityRow> byId(Collection<IdentityRow> rows) {
        var byId = new HashMap<IdentityId, IdentityRow>();
        rows.forEach(row -> byId.put(IdentityId.parse(row.id), row));
        return byId;
    }
}
