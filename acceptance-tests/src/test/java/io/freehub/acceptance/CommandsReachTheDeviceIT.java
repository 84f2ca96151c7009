package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.standalone.StandaloneHub;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is killed while back ends send: each message that they were told to be taken reaches its device, in order. */
class CommandsReachTheDeviceIT {

    private static final int DEVICES = 20;
    private static final int BEFORE = 10;
    private static final int AFTER = 20;
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final Duration PAUSE = Duration.ofMillis(200);

    @ParameterizedTest
    @ValueSource(strings = {TheHub.SECOND_GATEWAY, "command", StandaloneHub.POSTGRES, StandaloneHub.KAFKA})
    void killedWhileBackEndsSend(String victim) throws Exception {
        var ports = List.of(
                TheHub.facts().mqttPorts().get(TheHub.FIRST_GATEWAY),
                TheHub.facts().mqttPorts().get(TheHub.SECOND_GATEWAY));
        var identities = BackEnd.create(IntStream.range(0, DEVICES)
                .mapToObj(number -> victim + "-while-commanded-" + number)
                .toList());
        var receivers = new ArrayList<Receiver>();
        var senders = new ArrayList<Sender>();
        for (var identity : identities) {
            receivers.add(new Receiver(identity, receivers.size() % 2 == 0 ? ports : ports.reversed()));
            senders.add(new Sender(identity));
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Set<Integer>>> received =
                    receivers.stream().map(threads::submit).toList();
            var sent = senders.stream().map(threads::submit).toList();
            try {
                awaitTaken(senders, BEFORE, new int[DEVICES]);
                TheHub.hub().kill(victim);
                awaitTaken(senders, AFTER, taken(senders));
                senders.forEach(sender -> sender.resting = true);
                TheHub.hub().awaitReady(PATIENCE);
                senders.forEach(sender -> sender.stopping = true);
                for (int i = 0; i < DEVICES; i++) {
                    int last = sent.get(i).get() - 1;
                    var receiver = receivers.get(i);
                    Awaitility.await("the last message of " + receiver.identity.id())
                            .atMost(PATIENCE)
                            .until(() -> receiver.received.get() > last);
                }
            } finally {
                senders.forEach(sender -> sender.stopping = true);
                receivers.forEach(receiver -> receiver.stopping = true);
                // Each waits for a message.
                for (var identity : identities) {
                    BackEnd.trySend(identity, "-1", Map.of());
                }
            }
            for (int i = 0; i < DEVICES; i++) {
                assertThat(received.get(i).get())
                        .as("what %s got first, in its order", identities.get(i).id())
                        .containsExactlyElementsOf(
                                IntStream.range(0, sent.get(i).get()).boxed().toList());
            }
            System.out.printf(
                    "%s killed: %,d messages reached %d devices, %d of them again%n",
                    victim,
                    IntStream.of(taken(senders)).sum(),
                    DEVICES,
                    receivers.stream().mapToInt(receiver -> receiver.again).sum());
        }
    }

    private static void awaitTaken(List<Sender> senders, int more, int[] than) {
        Awaitility.await("each back end has " + more + " more messages taken")
                .atMost(PATIENCE)
                .until(() -> IntStream.range(0, senders.size())
                        .allMatch(i -> senders.get(i).taken.get() >= than[i] + more));
    }

    private static int[] taken(List<Sender> senders) {
        return senders.stream().mapToInt(sender -> sender.taken.get()).toArray();
    }

    /** Whoever fails tries again, but not in a circle that takes the processors from what is coming back. */
    private static void pause() {
        LockSupport.parkNanos(PAUSE.toNanos());
    }

    /** Sends numbers, each again and again until it is taken: how many. */
    private static final class Sender implements Callable<Integer> {

        private final BackEnd.Device identity;
        private final AtomicInteger taken = new AtomicInteger();

        /** Sends a few messages a second only, and leaves the processors to what is coming back. */
        private volatile boolean resting;

        private volatile boolean stopping;

        private Sender(BackEnd.Device identity) {
            this.identity = identity;
        }

        @Override
        public Integer call() {
            while (!stopping) {
                try {
                    if (BackEnd.trySend(identity, Integer.toString(taken.get()), Map.of()) == 204) {
                        taken.incrementAndGet();
                        if (resting) {
                            pause();
                        }
                    } else {
                        pause();
                    }
                } catch (IOException e) {
                    // Whether it was taken nobody knows; once more then.
                    pause();
                }
            }
            return taken.get();
        }
    }

    /** Takes messages, at the next gateway when a connection fails: the numbers as they came first. */
    private static final class Receiver implements Callable<Set<Integer>> {

        private final BackEnd.Device identity;
        private final List<Integer> ports;
        private final Set<Integer> numbers = new LinkedHashSet<>();

        /** How many different ones came. */
        private final AtomicInteger received = new AtomicInteger();

        private volatile boolean stopping;
        private volatile int again;
        private int connects;

        private Receiver(BackEnd.Device identity, List<Integer> ports) {
            this.identity = identity;
            this.ports = ports;
        }

        @Override
        public Set<Integer> call() {
            while (!stopping) {
                try (var connection = DeviceConnection.open(identity, ports.get(connects++ % ports.size()))) {
                    connection.receive();
                    while (!stopping) {
                        take(connection);
                    }
                } catch (IOException e) {
                    pause();
                }
            }
            return numbers;
        }

        private void take(DeviceConnection connection) throws IOException {
            var message = connection.received();
            int number = Integer.parseInt(new String(message.body(), StandardCharsets.US_ASCII));
            if (number >= 0 && numbers.add(number)) {
                received.incrementAndGet();
            } else if (number >= 0) {
                again++;
            }
            connection.acknowledge(message);
        }
    }
}
