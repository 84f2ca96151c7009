package io.freehub.command.method;

import io.freehub.model.Downlink;
import io.freehub.model.Topic;
import io.freehub.service.json.HubJson;
import io.freehub.service.kafka.HubKafka;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Writes calls to the partitions of their gateways, past the outbox: a call is worth nothing once its caller has gone. Every
 * call is taken or refused within twice the time that Kafka has.
 */
final class CallSender implements AutoCloseable {

    private static final long BUFFER = 32L << 20;
    private static final Duration TO_STOP = Duration.ofSeconds(1);

    private final KafkaProducer<byte[], byte[]> producer;
    private final Duration timeout;
    /** The producer's own call may wait for partitions to become known. */
    private final ThreadPoolExecutor thread;

    /**
     * @param timeout that Kafka has to take a call
     * @param atMost calls that wait for the producer
     */
    CallSender(HubKafka kafka, String clientId, Duration timeout, int atMost) {
        int millis = (int) timeout.toMillis();
        this.timeout = timeout;
        this.producer = kafka.producer(
                clientId,
                Map.of(
                        ProducerConfig.LINGER_MS_CONFIG,
                        0,
                        ProducerConfig.BUFFER_MEMORY_CONFIG,
                        BUFFER,
                        ProducerConfig.MAX_BLOCK_MS_CONFIG,
                        millis,
                        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                        millis,
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                        millis));
        this.thread = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(atMost),
                Thread.ofPlatform().daemon().name("send-method-calls").factory());
    }

    /** Completes when Kafka has the call. */
    CompletionStage<Void> send(Downlink.MethodCalled call) {
        var taken = new CompletableFuture<Void>();
        long since = System.nanoTime();
        try {
            thread.execute(() -> {
                if (System.nanoTime() - since > timeout.toNanos()) {
                    taken.completeExceptionally(new TimeoutException("Kafka takes no calls"));
                } else {
                    write(call, taken);
                }
            });
        } catch (RejectedExecutionException e) {
            taken.completeExceptionally(e);
        }
        return taken;
    }

    private void write(Downlink.MethodCalled call, CompletableFuture<Void> taken) {
        try {
            var to = call.to();
            var key = to.identity().device().value().getBytes(StandardCharsets.UTF_8);
            producer.send(
                    new ProducerRecord<>(Topic.DOWNLINK.name(), to.gateway(), key, HubJson.write(call)),
                    (_, failure) -> {
                        if (failure == null) {
                            taken.complete(null);
                        } else {
                            taken.completeExceptionally(failure);
                        }
                    });
        } catch (RuntimeException e) {
            taken.completeExceptionally(e);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
        producer.close(TO_STOP);
    }
}
