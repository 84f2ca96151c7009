package io.freehub.twin.twin;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Locale;

/** What is counted of operations on twins. */
@ApplicationScoped
public class TwinMetrics {

    /** Who works with a twin. */
    public enum Origin {
        DEVICE,
        SERVICE;

        private String tag() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What is done with it. */
    public enum Operation {
        READ,
        UPDATE,
        REPLACE;

        private String tag() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final MeterRegistry registry;

    TwinMetrics(MeterRegistry registry) {
        this.registry = registry;
        for (var operation : Operation.values()) {
            for (var origin : Origin.values()) {
                if (origin == Origin.SERVICE || operation != Operation.REPLACE) {
                    operations(origin, operation, true);
                    operations(origin, operation, false);
                    bytes(origin, operation);
                }
            }
        }
    }

    /** Counts an operation by how it ended, and the bytes of the twin or patch. */
    public void count(Origin origin, Operation operation, boolean success, long bytes) {
        operations(origin, operation, success).increment();
        bytes(origin, operation).increment(bytes);
    }

    private Counter operations(Origin origin, Operation operation, boolean success) {
        return Counter.builder("freehub.twin.operations")
                .description("Twins that were asked for or written")
                .tag("origin", origin.tag())
                .tag("op", operation.tag())
                .tag("result", success ? "success" : "failure")
                .register(registry);
    }

    private Counter bytes(Origin origin, Operation operation) {
        return Counter.builder("freehub.twin.bytes")
                .description("Twins that were sent, and what was sent to be written")
                .baseUnit("bytes")
                .tag("origin", origin.tag())
                .tag("op", operation.tag())
                .register(registry);
    }
}
