package io.freehub.twin.job;

import io.freehub.store.Worker;
import io.freehub.twin.TwinConfig;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** Does the steps of jobs, as they become due. */
@ApplicationScoped
class JobWorker {

    private static final Duration CLEANING = Duration.ofHours(1);

    private final JobSteps steps;
    private final Duration poll;
    private final Clock clock;
    private final Worker worker = new Worker("scheduled-jobs", this::step);

    private Instant cleaned = Instant.EPOCH;

    JobWorker(JobSteps steps, TwinConfig config, Clock clock) {
        this.steps = steps;
        this.poll = config.jobs().pollInterval();
        this.clock = clock;
    }

    void start(@Observes StartupEvent event) {
        start();
    }

    void stop(@Observes ShutdownEvent event) throws InterruptedException {
        stop();
    }

    void start() {
        steps.begin(worker::kick);
        worker.start();
    }

    /** Ends between two steps. */
    void stop() throws InterruptedException {
        worker.stop();
        steps.stop();
    }

    /** Says that there is a job. */
    void kick() {
        worker.kick();
    }

    boolean isAlive() {
        return worker.isAlive();
    }

    private Duration step() {
        var wait = steps.next();
        if (wait.compareTo(poll) >= 0) {
            clean();
        }
        return wait;
    }

    private void clean() {
        var now = clock.instant();
        if (cleaned.plus(CLEANING).isBefore(now)) {
            steps.forget();
            cleaned = now;
        }
    }
}
