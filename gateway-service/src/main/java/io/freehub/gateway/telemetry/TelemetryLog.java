package io.freehub.gateway.telemetry;

import io.freehub.gateway.GatewayProducer;
import io.freehub.gateway.identity.Admission;
import io.freehub.model.DeviceId;
import io.freehub.model.MessageProperties;
import io.freehub.model.SystemProperty;
import io.freehub.model.TelemetryHeaders;
import io.freehub.model.Topic;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.util.concurrent.EventExecutor;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/** Where the messages of devices go. */
@ApplicationScoped
public class TelemetryLog {

    /** What a record weighs beside its parts, roughly. */
    private static final int RECORD_OVERHEAD = 100;

    private final GatewayProducer producer;
    private final Map<EventExecutor, ReceiptQueue> queues = new ConcurrentHashMap<>();
    private final Counter messages;
    private final Counter bytes;

    TelemetryLog(GatewayProducer producer, MeterRegistry metrics) {
        this.producer = producer;
        this.messages = Counter.builder("freehub.telemetry.messages")
                .description("Messages taken from devices")
                .register(metrics);
        this.bytes = Counter.builder("freehub.telemetry.bytes")
                .description("Bodies of messages taken from devices")
                .baseUnit("bytes")
                .register(metrics);
    }

    /**
     * The way of the messages of one session or request, used on its event loop.
     *
     * @param admitted who sends them; the hub stamps that on every one
     * @param modelId the model that the device announced
     */
    public Sender sender(Admission.Admitted admitted, Optional<String> modelId, EventExecutor loop, Receipts receipts) {
        return new Sender(
                admitted.credentials().identity().device(),
                stamp(admitted, modelId),
                queues.computeIfAbsent(loop, ReceiptQueue::new),
                receipts);
    }

    private static MessageProperties stamp(Admission.Admitted admitted, Optional<String> modelId) {
        var credentials = admitted.credentials();
        var stamped = new EnumMap<SystemProperty, String>(SystemProperty.class);
        stamped.put(SystemProperty.CONNECTION_AUTH_METHOD, admitted.method().json());
        stamped.put(SystemProperty.CONNECTION_AUTH_GENERATION_ID, credentials.generationId());
        credentials
                .identity()
                .module()
                .ifPresent(module -> stamped.put(SystemProperty.CONNECTION_MODULE_ID, module.value()));
        modelId.ifPresent(model -> stamped.put(SystemProperty.DATA_SCHEMA, model));
        return new MessageProperties(stamped, List.of());
    }

    /** Whether so much waits for Kafka that nobody should read more. */
    public boolean isFull() {
        return producer.isFull();
    }

    /** Runs the task, on any thread, when there is room again. */
    public void whenRoom(Runnable task) {
        producer.whenRoom(task);
    }

    /** Sends the messages of one session or request. */
    public final class Sender {

        private final byte[] key;
        private final Integer partition;
        private final byte[] stamped;
        private final List<Header> onlyStamped;
        private final ReceiptQueue queue;
        private final Receipts receipts;

        private Sender(DeviceId device, MessageProperties stamped, ReceiptQueue queue, Receipts receipts) {
            this.key = device.value().getBytes(StandardCharsets.UTF_8);
            this.partition = producer.partition(Topic.TELEMETRY, key);
            this.stamped = TelemetryHeaders.encode(stamped);
            this.onlyStamped = header(this.stamped);
            this.queue = queue;
            this.receipts = receipts;
        }

        /** The headers of messages with these properties; can be kept for further messages with the same. */
        public List<Header> headers(MessageProperties properties) {
            return properties.equals(MessageProperties.NONE)
                    ? onlyStamped
                    : header(TelemetryHeaders.join(stamped, TelemetryHeaders.encode(properties)));
        }

        /**
         * Sends a message.
         *
         * @param enqueuedAt when the hub took it, in milliseconds since the epoch
         * @param packetId comes back with the receipt
         */
        public void send(List<Header> headers, byte[] payload, long enqueuedAt, int packetId) {
            messages.increment();
            bytes.increment(payload.length);
            producer.send(
                    new ProducerRecord<>(Topic.TELEMETRY.name(), partition, enqueuedAt, key, payload, headers),
                    payload.length + RECORD_OVERHEAD,
                    new Delivery(queue, receipts, packetId));
        }

        private static List<Header> header(byte[] value) {
            return List.of(new RecordHeader(TelemetryHeaders.PROPERTIES, value));
        }
    }
}
