package io.freehub.twin.job;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.twin.TwinConfig;
import io.freehub.twin.command.Commands;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Calls a method of many devices, so many at a time over all jobs of this replica. */
@ApplicationScoped
class MethodCalls {

    private final Commands commands;
    private final Clock clock;
    private final Semaphore places;

    MethodCalls(Commands commands, TwinConfig config, Clock clock) {
        this.commands = commands;
        this.clock = clock;
        this.places = new Semaphore(config.commands().connections());
    }

    /** The calls of a step; for one thread. Closing it hangs up on devices that have not answered. */
    Round round(JobWork.CallMethod work, List<IdentityId> devices) {
        return new Round(work, devices);
    }

    final class Round implements AutoCloseable {

        private final JobWork.CallMethod work;
        private final Queue<IdentityId> waiting;
        private final Map<IdentityId, Commands.Call> underWay = new HashMap<>();
        private final BlockingQueue<DeviceOutcome> done = new LinkedBlockingQueue<>();

        private Round(JobWork.CallMethod work, List<IdentityId> devices) {
            this.work = work;
            this.waiting = new ArrayDeque<>(devices);
        }

        /** What became of devices meanwhile; waits for as long, or until all is done. */
        List<DeviceOutcome> await(Duration time) throws InterruptedException {
            long end = System.nanoTime() + time.toNanos();
            var outcomes = new ArrayList<DeviceOutcome>();
            while (!isOver() && System.nanoTime() < end) {
                while (!waiting.isEmpty() && places.tryAcquire()) {
                    call(waiting.remove());
                }
                // Another job may have given a place back.
                long patience =
                        Math.min(end - System.nanoTime(), TimeUnit.MILLISECONDS.toNanos(waiting.isEmpty() ? 1000 : 50));
                Optional.ofNullable(done.poll(patience, TimeUnit.NANOSECONDS)).ifPresent(outcome -> {
                    underWay.remove(outcome.device());
                    outcomes.add(outcome);
                });
            }
            return outcomes;
        }

        /** Whether every device has been told of. */
        boolean isOver() {
            return waiting.isEmpty() && underWay.isEmpty();
        }

        private void call(IdentityId device) {
            var begun = clock.instant();
            var call = commands.call(
                    device,
                    work.json(),
                    work.call().responseTimeout().plus(work.call().connectTimeout()));
            underWay.put(device, call);
            call.answer().onComplete(answer -> {
                places.release();
                done.add(
                        answer.succeeded()
                                ? new DeviceOutcome.Answered(device, begun, answer.result())
                                : failed(device, begun, answer.cause()));
            });
        }

        private static DeviceOutcome failed(IdentityId device, Instant begun, Throwable why) {
            return why instanceof HubException known && known.error() != HubError.SERVICE_UNAVAILABLE
                    ? new DeviceOutcome.Failed(device, begun, known)
                    : new DeviceOutcome.Postponed(device, begun);
        }

        @Override
        public void close() {
            waiting.clear();
            underWay.values().forEach(call -> call.hangUp().run());
        }
    }
}
