package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.Topic;
import io.freehub.standalone.StandaloneHub;
import io.freehub.testing.TopicReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is killed under load: each message that a device was told to be safe is among the events. */
class NothingAcknowledgedIsLostIT {

    private static final int DEVICES = 200;
    private static final int BEFORE = 20;
    private static final int AFTER = 50;
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @ParameterizedTest
    @ValueSource(strings = {TheHub.SECOND_GATEWAY, "router", StandaloneHub.POSTGRES, StandaloneHub.KAFKA})
    void killedUnderLoad(String victim) throws InterruptedException {
        var ports = List.of(
                TheHub.facts().mqttPorts().get(TheHub.FIRST_GATEWAY),
                TheHub.facts().mqttPorts().get(TheHub.SECOND_GATEWAY));
        var ids = IntStream.range(0, DEVICES)
                .mapToObj(number -> victim + "-under-load-" + number)
                .toList();
        var devices = new ArrayList<PersistentDevice>();
        for (var identity : BackEnd.create(ids)) {
            devices.add(new PersistentDevice(identity, devices.size() % 2 == 0 ? ports : ports.reversed()));
        }
        try (var events = TopicReader.fromNow(TheHub.facts().kafka(), Topic.EVENTS.name())) {
            var threads = devices.stream().map(Thread::startVirtualThread).toList();
            awaitAcknowledged(devices, BEFORE, new int[DEVICES]);

            TheHub.hub().kill(victim);
            int[] atTheKill = acknowledged(devices);
            awaitAcknowledged(devices, AFTER, atTheKill);
            devices.forEach(PersistentDevice::rest);
            TheHub.hub().awaitReady(PATIENCE);
            awaitAcknowledged(devices, BEFORE, acknowledged(devices));

            devices.forEach(PersistentDevice::stop);
            for (var thread : threads) {
                thread.join(PATIENCE);
                assertThat(thread.isAlive()).isFalse();
            }
            var check = new Check(devices);
            Awaitility.await("events of all that was acknowledged")
                    .atMost(PATIENCE)
                    .untilAsserted(() -> {
                        check.take(events.readToEnd());
                        assertThat(check.missing()).isEmpty();
                    });
            assertThat(check.outOfOrder)
                    .as("a message came before one that was sent earlier")
                    .isEmpty();
            System.out.printf(
                    "%s killed: %,d acknowledged by %d devices, all among the events; %d came again%n",
                    victim, Arrays.stream(acknowledged(devices)).sum(), DEVICES, check.again);
        }
    }

    private static void awaitAcknowledged(List<PersistentDevice> devices, int more, int[] than) {
        Awaitility.await("each device has " + more + " more messages acknowledged")
                .atMost(PATIENCE)
                .until(() -> IntStream.range(0, devices.size())
                        .allMatch(i -> devices.get(i).acknowledged() >= than[i] + more));
    }

    private static int[] acknowledged(List<PersistentDevice> devices) {
        return devices.stream().mapToInt(PersistentDevice::acknowledged).toArray();
    }

    /** What of each device has been seen. */
    private static final class Check {

        private final Map<String, PersistentDevice> devices = new HashMap<>();
        private final Map<String, BitSet> seen = new HashMap<>();
        private final List<String> outOfOrder = new ArrayList<>();
        private int taken;
        private int again;

        private Check(List<PersistentDevice> devices) {
            devices.forEach(device -> {
                this.devices.put(device.id(), device);
                seen.put(device.id(), new BitSet());
            });
        }

        /** @param records all that were read, those of the last call among them */
        private void take(List<ConsumerRecord<String, byte[]>> records) {
            records.subList(taken, records.size()).forEach(this::take);
            taken = records.size();
        }

        private void take(ConsumerRecord<String, byte[]> event) {
            var numbers = seen.get(event.key());
            if (numbers == null) {
                return;
            }
            int number = Integer.parseInt(TopicReader.text(event));
            if (numbers.get(number)) {
                again++;
            } else if (number != numbers.length()) {
                // A device sends a message only after the one before was acknowledged.
                outOfOrder.add(event.key() + ": " + number + " after " + (numbers.length() - 1));
            }
            numbers.set(number);
        }

        private List<String> missing() {
            return devices.values().stream()
                    .filter(device -> seen.get(device.id()).nextClearBit(0) < device.acknowledged())
                    .map(device -> device.id() + ": " + seen.get(device.id()).nextClearBit(0))
                    .toList();
        }
    }
}
