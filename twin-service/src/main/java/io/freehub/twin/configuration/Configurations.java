package io.freehub.twin.configuration;

import io.freehub.store.Database;
import io.freehub.twin.TwinConfig;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Reads and changes configurations for back ends. What a change means for twins is done afterwards, see {@link Sweeper}. */
@ApplicationScoped
class Configurations {

    /** Of all configurations together: they are read, and listed, at once. */
    private static final long MAX_BYTES = 4 << 20;

    private final ConfigurationStore store;
    private final Database database;
    private final Sweeper sweeper;
    private final ConfigurationChange.Others most;
    private final Clock clock;
    private final RandomGenerator random = new SecureRandom();

    Configurations(ConfigurationStore store, Database database, Sweeper sweeper, TwinConfig config, Clock clock) {
        this.store = store;
        this.database = database;
        this.sweeper = sweeper;
        this.most = new ConfigurationChange.Others(config.configurations().most(), MAX_BYTES);
        this.clock = clock;
    }

    /** A configuration and what was counted of it last. */
    record Found(Configuration configuration, List<Count> counts) {}

    /** All, in the order of their ids. */
    Uni<List<Found>> all() {
        return database.read(
                () -> store.all().chain(all -> store.counts(Optional.empty()).map(counts -> all.stream()
                        .sorted(Comparator.comparing(Configuration::id))
                        .map(configuration -> new Found(
                                configuration,
                                counts.stream()
                                        .filter(count -> count.configuration().equals(configuration.id()))
                                        .toList()))
                        .toList())));
    }

    /** Fails when there is no such configuration. */
    Uni<Found> get(String id) {
        return database.read(() -> store.find(id)
                .map(found -> found.orElseThrow(() -> ConfigurationChange.notFound(id)))
                .chain(configuration -> store.counts(Optional.of(id)).map(counts -> new Found(configuration, counts))));
    }

    /**
     * Creates it or writes it anew; with what was counted of it last. Fails with a {@link io.freehub.model.HubException} when the
     * change is refused.
     */
    Uni<Found> put(ConfigurationChange.Put change) {
        return apply(change).map(Optional::orElseThrow);
    }

    /** Fails with a {@link io.freehub.model.HubException} when the change is refused. */
    Uni<Void> delete(ConfigurationChange.Delete change) {
        return apply(change).replaceWithVoid();
    }

    /** What there is afterwards. */
    private Uni<Optional<Found>> apply(ConfigurationChange change) {
        var fresh = new ConfigurationChange.Fresh(random.nextLong(1, 1L << 30), clock.instant());
        return database.writeAlone(ConfigurationTable.LOCK, () -> store.find(change.id())
                        .chain(current ->
                                store.others(change.id()).map(others -> change.decide(current, others, most, fresh)))
                        .chain(this::write))
                .invoke(sweeper::kick);
    }

    private Uni<Optional<Found>> write(ConfigurationChange.Outcome outcome) {
        return switch (outcome) {
            case ConfigurationChange.Outcome.Created(var configuration) ->
                store.insert(configuration)
                        .chain(() -> store.sweep(configuration.id()))
                        .replaceWith(Optional.of(new Found(configuration, List.of())));
            case ConfigurationChange.Outcome.Replaced(var configuration, var rollsOut) ->
                store.replace(configuration)
                        .chain(() -> rollsOut
                                ? store.sweep(configuration.id())
                                : Uni.createFrom().voidItem())
                        .chain(() -> store.recount(configuration.id()))
                        .chain(() -> store.counts(Optional.of(configuration.id())))
                        .map(counts -> Optional.of(new Found(configuration, counts)));
            case ConfigurationChange.Outcome.Deleted(var id) ->
                store.delete(id).chain(() -> store.sweep(id)).replaceWith(Optional.empty());
        };
    }
}
