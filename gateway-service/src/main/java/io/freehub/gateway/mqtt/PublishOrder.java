package io.freehub.gateway.mqtt;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.IntConsumer;

/**
 * Keeps PUBACKs in the order of the PUBLISHes (MQTT 3.1.1, section 4.6) when requests go another way than telemetry.
 * Telemetry is confirmed in its own order; so it is enough to know how many messages came before a request.
 */
final class PublishOrder {

    /** A request that has no PUBACK yet. */
    static final class Request {
        private final int packetId;
        private final long telemetryBefore;
        private boolean done;

        private Request(int packetId, long telemetryBefore) {
            this.packetId = packetId;
            this.telemetryBefore = telemetryBefore;
        }
    }

    private record Telemetry(int packetId, long number) {}

    private final IntConsumer acknowledge;
    private final Deque<Request> requests = new ArrayDeque<>();
    private final Deque<Telemetry> held = new ArrayDeque<>();

    /** @param acknowledge takes the packet ids whose turn it is */
    PublishOrder(IntConsumer acknowledge) {
        this.acknowledge = acknowledge;
    }

    /** Whether telemetry needs no order. */
    boolean isEmpty() {
        return requests.isEmpty();
    }

    /** Packets that wait for their turn. */
    int size() {
        return requests.size() + held.size();
    }

    /**
     * A request came.
     *
     * @param telemetryBefore how many messages came before it
     */
    Request add(int packetId, long telemetryBefore) {
        var request = new Request(packetId, telemetryBefore);
        requests.add(request);
        return request;
    }

    /**
     * The request can be acknowledged as soon as it is its turn.
     *
     * @param telemetryDone how many messages are confirmed
     */
    void done(Request request, long telemetryDone) {
        request.done = true;
        drain(telemetryDone);
    }

    /**
     * A message is confirmed.
     *
     * @param packetId 0 at QoS 0
     * @param telemetryDone how many messages are confirmed with this one
     */
    void telemetryDone(int packetId, long telemetryDone) {
        if (packetId != 0) {
            held.add(new Telemetry(packetId, telemetryDone));
        }
        drain(telemetryDone);
    }

    private void drain(long telemetryDone) {
        for (var next = requests.peek(); next != null; next = requests.peek()) {
            release(next.telemetryBefore);
            if (!next.done || telemetryDone < next.telemetryBefore) {
                return;
            }
            requests.remove();
            acknowledge.accept(next.packetId);
        }
        release(Long.MAX_VALUE);
    }

    private void release(long upTo) {
        for (var next = held.peek(); next != null && next.number() <= upTo; next = held.peek()) {
            held.remove();
            acknowledge.accept(next.packetId());
        }
    }
}
