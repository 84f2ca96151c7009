package io.freehub.gateway.telemetry;

import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/** One message on its way to Kafka. */
final class Delivery implements Callback {

    private final ReceiptQueue queue;
    private final Receipts receipts;
    private final int packetId;
    private @Nullable Exception failure;

    Delivery(ReceiptQueue queue, Receipts receipts, int packetId) {
        this.queue = queue;
        this.receipts = receipts;
        this.packetId = packetId;
    }

    @Override
    public void onCompletion(@Nullable RecordMetadata metadata, @Nullable Exception exception) {
        failure = exception;
        queue.add(this);
    }

    Receipts receipts() {
        return receipts;
    }

    void tell() {
        if (failure == null) {
            receipts.confirmed(packetId);
        } else {
            receipts.failed(packetId, failure);
        }
    }
}
