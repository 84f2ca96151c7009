package io.freehub.gateway;

import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Sends again what Kafka did not take and nobody else would send again. A record may overtake another one thereby. */
@ApplicationScoped
public class Resender {

    /** Patience for what is sent once. */
    public static final Duration ONCE = Duration.ZERO;

    /** Patience for what is sent until Kafka has it. */
    public static final Duration UNTIL_TAKEN = Duration.ofDays(10_000);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    /** Records that wait to be sent again; further ones are given up. */
    private static final int MAX_WAITING = 100_000;

    private final GatewayProducer producer;
    private final Vertx vertx;
    private final AtomicInteger waiting = new AtomicInteger();

    /** @param end when it is sent no more, as {@link System#nanoTime()} has it */
    private record Sending(ProducerRecord<byte[], byte[]> record, long end, Consumer<Optional<Exception>> sent) {}

    Resender(GatewayProducer producer, Vertx vertx) {
        this.producer = producer;
        this.vertx = vertx;
    }

    /**
     * Sends a record; does not wait.
     *
     * @param patience how long it is sent again, if need be; one that is under way then may still take the delivery timeout
     * @param sent told once, on any thread, that Kafka has the record for good, or why it was given up
     */
    public void send(ProducerRecord<byte[], byte[]> record, Duration patience, Consumer<Optional<Exception>> sent) {
        send(new Sending(record, System.nanoTime() + patience.toNanos(), sent), FIRST_PAUSE);
    }

    private void send(Sending sending, Duration pause) {
        var record = sending.record();
        int bytes = record.key().length + (record.value() == null ? 0 : record.value().length);
        producer.send(record, bytes, (_, failure) -> {
            if (failure == null) {
                sending.sent().accept(Optional.empty());
            } else if (!sendLater(sending, pause)) {
                sending.sent().accept(Optional.of(failure));
            }
        });
    }

    private boolean sendLater(Sending sending, Duration pause) {
        if (System.nanoTime() - sending.end() >= 0) {
            return false;
        }
        try {
            if (waiting.incrementAndGet() <= MAX_WAITING) {
                var next = pause.multipliedBy(2);
                vertx.setTimer(pause.toMillis(), _ -> {
                    waiting.decrementAndGet();
                    send(sending, next.compareTo(LONGEST_PAUSE) < 0 ? next : LONGEST_PAUSE);
                });
                return true;
            }
        } catch (RejectedExecutionException e) {
            // The gateway stops.
        }
        waiting.decrementAndGet();
        return false;
    }
}
