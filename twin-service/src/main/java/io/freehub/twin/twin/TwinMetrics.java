package io.freehub.twin.twin;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** What is counted of operations on twins. */
@ApplicationScoped
class TwinMetrics {

    static final String READ = "read";
    static final String UPDATE = "update";
    static final String REPLACE = "replace";

    private final MeterRegistry registry;

    TwinMetrics(MeterRegistry registry) {
        this.registry = registry;
        for (var operation : List.of(READ, UPDATE, REPLACE)) {
            operations(operation, true);
            operations(operation, false);
        }
    }

    /** Counts the operation by how it ends. */
    <T> Uni<T> count(String operation, Uni<T> outcome) {
        return outcome.onItemOrFailure()
                .invoke((_, failure) -> operations(operation, failure == null).increment());
    }

    private Counter operations(String operation, boolean success) {
        return Counter.builder("freehub.twin.operations")
                .description("Twins that back ends asked for or wrote")
                .tag("origin", "service")
                .tag("op", operation)
                .tag("result", success ? "success" : "failure")
                .register(registry);
    }
}
