package io.freehub.twin.job;

import io.freehub.twin.job.ScheduledJob.Status;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** What is counted of scheduled jobs. */
@ApplicationScoped
class JobMetrics {

    static final String CREATE = "create";
    static final String GET = "get";
    static final String CANCEL = "cancel";
    static final String LIST = "list";

    private final MeterRegistry registry;

    JobMetrics(MeterRegistry registry) {
        this.registry = registry;
        for (var operation : List.of(CREATE, GET, CANCEL, LIST)) {
            operations(operation, true);
            operations(operation, false);
        }
        for (var status : List.of(Status.COMPLETED, Status.FAILED, Status.CANCELLED)) {
            finished(status);
        }
        devices(0, 0);
    }

    /** Counts the operation by how it ends. */
    <T> Uni<T> count(String operation, Uni<T> outcome) {
        return outcome.onItemOrFailure()
                .invoke((_, failure) -> operations(operation, failure == null).increment());
    }

    Counter finished(Status status) {
        return Counter.builder("freehub.jobs.finished")
                .description("Scheduled jobs that this replica ended")
                .tag("result", status.wireName())
                .register(registry);
    }

    void devices(long succeeded, long failed) {
        devices("success").increment(succeeded);
        devices("failure").increment(failed);
    }

    private Counter devices(String result) {
        return Counter.builder("freehub.jobs.devices")
                .description("Devices that scheduled jobs have done with")
                .tag("result", result)
                .register(registry);
    }

    private Counter operations(String operation, boolean success) {
        return Counter.builder("freehub.jobs.operations")
                .description("Requests of back ends about scheduled jobs")
                .tag("op", operation)
                .tag("result", success ? "success" : "failure")
                .register(registry);
    }
}
