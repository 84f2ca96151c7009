package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.standalone.StandaloneHub;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is killed while devices report: each report counts once, in its order, and is answered. */
class NoReportIsLostOrDoubledIT {

    private static final int DEVICES = 50;
    private static final int WINDOW = 8;
    private static final int BEFORE = 40;
    private static final int AFTER = 100;
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @ParameterizedTest
    @ValueSource(strings = {"twin", StandaloneHub.POSTGRES})
    void killedWhileDevicesReport(String victim) throws Exception {
        int port = TheHub.facts().mqttPorts().get(TheHub.FIRST_GATEWAY);
        var devices = BackEnd.create(IntStream.range(0, DEVICES)
                        .mapToObj(number -> victim + "-while-reporting-" + number)
                        .toList())
                .stream()
                .map(identity -> new Reporter(identity, port))
                .toList();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> reported =
                    devices.stream().map(threads::submit).toList();
            try {
                awaitAnswers(devices, BEFORE, new int[DEVICES]);
                TheHub.hub().kill(victim);
                awaitAnswers(devices, AFTER, answered(devices));
                TheHub.hub().awaitReady(PATIENCE);
            } finally {
                devices.forEach(Reporter::stop);
            }
            for (int i = 0; i < DEVICES; i++) {
                int count = reported.get(i).get();
                var twin =
                        BackEnd.call("GET", "/twins/" + devices.get(i).identity.id(), "");
                assertThat(twin.at("/properties/reported/$version").asInt()).isEqualTo(1 + count);
                assertThat(twin.at("/version").asInt()).isEqualTo(2 + count);
                assertThat(twin.at("/properties/reported/last").asInt()).isEqualTo(count - 1);
                for (int key = 0; key < Reporter.KEYS; key++) {
                    assertThat(twin.at("/properties/reported/k" + key).asInt() % Reporter.KEYS)
                            .isEqualTo(key);
                }
            }
            System.out.printf(
                    "%s killed: %,d reports of %d devices, each counted once%n",
                    victim, Arrays.stream(answered(devices)).sum(), DEVICES);
        }
    }

    private static void awaitAnswers(List<Reporter> devices, int more, int[] than) {
        Awaitility.await("each device has " + more + " more answers")
                .atMost(PATIENCE)
                .until(() -> IntStream.range(0, devices.size())
                        .allMatch(i ->
                                devices.get(i).isOver || devices.get(i).answered.get() >= than[i] + more));
    }

    private static int[] answered(List<Reporter> devices) {
        return devices.stream().mapToInt(device -> device.answered.get()).toArray();
    }

    /** A device that keeps some reports under way on one connection and insists on the answer to each; how many it made. */
    private static final class Reporter implements Callable<Integer> {

        private static final int KEYS = 10;

        private final BackEnd.Device identity;
        private final int port;
        private final AtomicInteger answered = new AtomicInteger();
        private volatile boolean stopping;

        /** Its result tells how. */
        private volatile boolean isOver;

        private Reporter(BackEnd.Device identity, int port) {
            this.identity = identity;
            this.port = port;
        }

        private void stop() {
            stopping = true;
        }

        @Override
        public Integer call() throws IOException {
            try (var connection = DeviceConnection.open(identity, port)) {
                connection.listen();
                int sent = 0;
                while (!stopping || answered.get() < sent) {
                    while (!stopping && sent < answered.get() + WINDOW) {
                        connection.report(sent, "{\"k" + sent % KEYS + "\":" + sent + ",\"last\":" + sent + "}");
                        sent++;
                    }
                    if (answered.get() < sent) {
                        int number = answered.get();
                        assertThat(connection.answer())
                                .isEqualTo("$iothub/twin/res/204/?$rid=" + number + "&$version=" + (number + 2));
                        answered.incrementAndGet();
                    }
                }
                return sent;
            } finally {
                isOver = true;
            }
        }
    }
}
