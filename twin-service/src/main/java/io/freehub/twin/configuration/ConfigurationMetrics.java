package io.freehub.twin.configuration;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;

/** What is counted of configurations. */
@ApplicationScoped
class ConfigurationMetrics {

    /** What a back end asks for. */
    enum Operation {
        LIST("list"),
        GET("get"),
        PUT("put"),
        DELETE("delete"),
        TEST_QUERIES("testQueries"),
        APPLY("apply");

        private final String tag;

        Operation(String tag) {
            this.tag = tag;
        }
    }

    private final MeterRegistry registry;
    private final Counter adjusted;

    ConfigurationMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.adjusted = Counter.builder("freehub.configuration.twins")
                .description("Twins that got configurations or lost them")
                .register(registry);
        for (var operation : Operation.values()) {
            operations(operation, true);
            operations(operation, false);
        }
    }

    void adjusted(int twins) {
        adjusted.increment(twins);
    }

    /** Counts the operation by how it ends. */
    <T> Uni<T> count(Operation operation, Uni<T> outcome) {
        return outcome.onItemOrFailure()
                .invoke((_, failure) -> operations(operation, failure == null).increment());
    }

    private Counter operations(Operation operation, boolean success) {
        return Counter.builder("freehub.configuration.operations")
                .description("What back ends asked for of configurations")
                .tag("op", operation.tag)
                .tag("result", success ? "success" : "failure")
                .register(registry);
    }
}
