package io.freehub.registry.identity;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** What is counted of changes. */
@ApplicationScoped
class IdentityMetrics {

    private final MeterRegistry registry;

    IdentityMetrics(MeterRegistry registry) {
        this.registry = registry;
        for (var kind : List.of("device", "module")) {
            for (var change : List.of("created", "updated", "deleted")) {
                changes(kind, change);
            }
        }
    }

    void count(List<Written> writes) {
        for (var written : writes) {
            changes(
                            written.identity().id().isModule() ? "module" : "device",
                            switch (written) {
                                case Written.Created _ -> "created";
                                case Written.Replaced _ -> "updated";
                                case Written.Deleted _ -> "deleted";
                            })
                    .increment();
        }
    }

    private Counter changes(String kind, String change) {
        return Counter.builder("freehub.identity.changes")
                .description("Changes of identities, those that follow from another one included")
                .tag("kind", kind)
                .tag("change", change)
                .register(registry);
    }
}
