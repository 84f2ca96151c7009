package io.freehub.registry.identity;

import io.freehub.model.Credentials;
import io.freehub.model.DeviceId;
import io.freehub.model.IdentityId;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Sort;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Identities in the database. */
@ApplicationScoped
class IdentityStore implements PanacheRepositoryBase<DeviceRow, String> {

    /** How many identities there are. */
    record Count(long total, long enabled) {}

    /** Identities as they are, with their connections. */
    @ApplicationScoped
    static class States implements PanacheRepositoryBase<DeviceStateRow, String> {}

    private final States states;

    IdentityStore(States states) {
        this.states = states;
    }

    Uni<Optional<RegisteredDevice>> get(DeviceId device) {
        return states.findById(device.value())
                .map(row -> Optional.ofNullable(row).map(DeviceStateRow::registered));
    }

    Uni<List<RegisteredDevice>> first(int count) {
        return states.findAll(Sort.by("deviceId")).page(0, count).list().map(rows -> rows.stream()
                .map(DeviceStateRow::registered)
                .toList());
    }

    /** The credentials of those that exist. */
    Uni<List<Credentials>> credentials(Collection<IdentityId> identities) {
        var devices = identities.stream()
                .filter(identity -> !identity.isModule())
                .map(identity -> identity.device().value())
                .toList();
        return find("deviceId in ?1", devices).list().map(rows -> rows.stream()
                .map(DeviceRow::device)
                .map(Device::credentials)
                .toList());
    }

    /** The rows of these devices, locked until the transaction ends; in one order, so that no two wait for each other. */
    Uni<Map<String, DeviceRow>> lock(Collection<DeviceId> devices) {
        var ids = devices.stream().map(DeviceId::value).toList();
        return find("deviceId in ?1", Sort.by("deviceId"), ids)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .list()
                .map(rows -> rows.stream().collect(Collectors.toMap(row -> row.deviceId, Function.identity())));
    }

    /** Writes what is new, what changed in locked rows, and what is to go. */
    Uni<Void> write(List<DeviceRow> created, List<String> removed) {
        return Panache.getSession().chain(session -> session.persistAll(created.toArray())
                .chain(session::flush)
                .chain(() -> removed.isEmpty()
                        ? Uni.createFrom().voidItem()
                        : delete("deviceId in ?1", removed).replaceWithVoid()));
    }

    Uni<Count> countByStatus() {
        return Panache.getSession()
                .chain(session -> session.createSelectionQuery(
                                "select count(*), count(*) filter (where enabled) from DeviceRow", Object[].class)
                        .getSingleResult())
                .map(row -> new Count((Long) row[0], (Long) row[1]));
    }
}
