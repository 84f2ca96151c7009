package io.freehub.gateway.telemetry;

/** Learns, on its event loop and in the order of sending, what became of messages. */
public interface Receipts {

    /** Kafka has the message for good. */
    void confirmed(int packetId);

    /** Kafka did not take the message in time. */
    void failed(int packetId, Exception reason);

    /** No further receipt is at hand: what was gathered can go out. */
    void endOfBatch();
}
