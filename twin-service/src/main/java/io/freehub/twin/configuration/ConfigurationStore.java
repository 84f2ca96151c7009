package io.freehub.twin.configuration;

import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Configurations in the database. */
@ApplicationScoped
class ConfigurationStore {

    /** The table. */
    @ApplicationScoped
    static class Rows implements PanacheRepositoryBase<ConfigurationRow, String> {}

    private static final String SWEEP = "insert into configuration_sweep (configuration) values (:id)"
            + " on conflict (configuration) do update set stage = 'HOLDERS', after_id = ''";

    private final Rows rows;

    ConfigurationStore(Rows rows) {
        this.rows = rows;
    }

    /** All of them, the prevailing ones last. */
    Uni<List<Configuration>> all() {
        return rows.listAll().map(found -> found.stream()
                .map(ConfigurationRow::stored)
                .sorted(Configuration.BY_PRIORITY)
                .toList());
    }

    Uni<Optional<Configuration>> find(String id) {
        return rows.findById(id).map(row -> Optional.ofNullable(row).map(ConfigurationRow::stored));
    }

    /** The same, locked until the transaction ends. */
    Uni<Optional<Configuration>> lock(String id) {
        return rows.findById(id, LockModeType.PESSIMISTIC_WRITE)
                .map(row -> Optional.ofNullable(row).map(ConfigurationRow::stored));
    }

    Uni<Integer> count() {
        return rows.count().map(Long::intValue);
    }

    Uni<Void> insert(Configuration configuration) {
        return rows.persistAndFlush(ConfigurationRow.of(configuration)).replaceWithVoid();
    }

    Uni<Void> replace(Configuration configuration) {
        return rows.findById(configuration.id())
                .invoke(row -> row.take(configuration))
                .chain(rows::flush);
    }

    Uni<Void> delete(String id) {
        return rows.deleteById(id).replaceWithVoid();
    }

    /** All twins are to be looked through that have the configuration, or are to have it. */
    Uni<Void> sweep(String id) {
        return run(SWEEP, Map.of("id", id));
    }

    /** What was counted last of one configuration, or of all. */
    Uni<List<Count>> counts(Optional<String> id) {
        return Panache.getSession()
                .chain(session -> session.createNativeQuery(
                                "select configuration, is_system, metric, result from configuration_count"
                                        + " where :id = '' or configuration = :id",
                                Object[].class)
                        .setParameter("id", id.orElse(""))
                        .getResultList())
                .map(found -> found.stream()
                        .map(row -> new Count(
                                (String) row[0], (Boolean) row[1], (String) row[2], ((Number) row[3]).longValue()))
                        .toList());
    }

    /** Puts new counts of a configuration in the place of the last ones, unless it is gone. */
    Uni<Void> put(String id, List<Count> counts) {
        return lock(id).chain(found -> {
            if (found.isEmpty()) {
                return Uni.createFrom().voidItem();
            }
            var put = run("delete from configuration_count where configuration = :id", Map.of("id", id));
            for (var count : counts) {
                put = put.chain(() -> run(
                        "insert into configuration_count (configuration, is_system, metric, result)"
                                + " values (:id, :isSystem, :metric, :result)",
                        Map.of(
                                "id", id,
                                "isSystem", count.isSystem(),
                                "metric", count.metric(),
                                "result", count.result())));
            }
            return put;
        });
    }

    private static Uni<Void> run(String sql, Map<String, Object> parameters) {
        return Panache.getSession()
                .chain(session -> {
                    var query = session.createNativeQuery(sql);
                    parameters.forEach(query::setParameter);
                    return query.executeUpdate();
                })
                .replaceWithVoid();
    }
}
