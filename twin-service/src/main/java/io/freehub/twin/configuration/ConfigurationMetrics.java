package io.freehub.twin.configuration;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;

/** What is counted of configurations. */
@ApplicationScoped
class ConfigurationMetrics {

    private final MeterRegistry registry;
    private final Counter adjusted;

    ConfigurationMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.adjusted = Counter.builder("freehub.configuration.twins")
                .description("Twins that got configurations or lost them")
                .register(registry);
    }

    void adjusted(int twins) {
        adjusted.increment(twins);
    }

    /** Counts the operation by how it ends. */
    <T> Uni<T> count(String operation, Uni<T> outcome) {
        return outcome.onItemOrFailure().invoke((_, failure) -> Counter.builder("freehub.configuration.operations")
                .description("What back ends asked for of configurations")
                .tag("op", operation)
                .tag("result", failure == null ? "success" : "failure")
                .register(registry)
                .increment());
    }
}
