package io.freehub.twin.configuration;

import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
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

    private static final String OTHERS = """
            select count(*), coalesce(sum(octet_length(content) + octet_length(target_condition) + octet_length(metrics)
                + coalesce(octet_length(labels), 0)), 0)
            from configuration where id <> :id
            """;

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

    /** What there is beside this one. */
    Uni<ConfigurationChange.Others> others(String id) {
        return Panache.getSession()
                .chain(session -> session.createNativeQuery(OTHERS, Object[].class)
                        .setParameter("id", id)
                        .getSingleResult())
                .map(row ->
                        new ConfigurationChange.Others(((Number) row[0]).intValue(), ((Number) row[1]).longValue()));
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

    /** Its metrics are to be counted soon. */
    Uni<Void> recount(String id) {
        return run("update configuration set counted_at = '-infinity' where id = :id", Map.of("id", id));
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
