package io.freehub.registry.job;

import io.freehub.registry.identity.IdentityChange.Outcome;
import io.freehub.registry.identity.IdentityChange.Refused;
import io.freehub.registry.identity.Written;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** What is counted of jobs. */
@ApplicationScoped
class JobMetrics {

    private static final String IMPORT = "import";
    private static final String EXPORT = "export";

    private final MeterRegistry registry;
    private final AtomicInteger running;

    JobMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.running = registry.gauge("freehub.job.running", new AtomicInteger());
        for (var outcome : List.of("created", "updated", "deleted", "failed")) {
            items(IMPORT, outcome);
        }
        items(EXPORT, "exported");
        for (var type : Job.Type.values()) {
            for (var status : List.of(Job.Status.COMPLETED, Job.Status.FAILED)) {
                ended(type, status);
            }
        }
    }

    void imported(List<Outcome> outcomes, int failures) {
        for (var outcome : outcomes) {
            switch (outcome) {
                case Written.Created _ -> items(IMPORT, "created").increment();
                case Written.Replaced _ -> items(IMPORT, "updated").increment();
                case Written.Deleted _ -> items(IMPORT, "deleted").increment();
                case Refused _ -> {} // among the failures
            }
        }
        items(IMPORT, "failed").increment(failures);
    }

    void exported(int count) {
        items(EXPORT, "exported").increment(count);
    }

    /** Says whether this replica runs a job. */
    void running(boolean isRunning) {
        running.set(isRunning ? 1 : 0);
    }

    Counter ended(Job.Type type, Job.Status status) {
        return Counter.builder("freehub.job.ended")
                .description("Jobs that this replica ended")
                .tag("type", type.wireName())
                .tag("status", status.wireName())
                .register(registry);
    }

    private Counter items(String type, String outcome) {
        return Counter.builder("freehub.job.items")
                .description("Lines of imports by what became of them, and identities that were exported")
                .tag("type", type)
                .tag("outcome", outcome)
                .register(registry);
    }
}
