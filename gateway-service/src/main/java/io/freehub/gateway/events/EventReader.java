package io.freehub.gateway.events;

import io.quarkus.logging.Log;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

/**
 * Reads one partition for one client, as fast as that client asks for events: a slow one slows nobody but itself. What is
 * read ahead is one fetch, of bounded size.
 */
public final class EventReader implements AutoCloseable {

    private static final Duration POLL = Duration.ofSeconds(1);

    /** Events that are handed over at once. */
    private static final int MANY = 500;

    private final TopicPartition partition;
    private final EventPosition position;
    private final KafkaConsumer<String, byte[]> consumer;
    private final EventSink sink;
    private final Consumer<EventReader> whenOver;
    private final Semaphore credit = new Semaphore(0);
    private final Deque<ConsumerRecord<String, byte[]>> ahead = new ArrayDeque<>();
    private final CompletableFuture<EventReader> positioned = new CompletableFuture<>();
    private final Thread thread;
    private volatile boolean closing;

    /** Events before this one are passed over. */
    private long first;

    EventReader(
            TopicPartition partition,
            EventPosition position,
            KafkaConsumer<String, byte[]> consumer,
            EventSink sink,
            Consumer<EventReader> whenOver) {
        this.partition = partition;
        this.position = position;
        this.consumer = consumer;
        this.sink = sink;
        this.whenOver = whenOver;
        this.thread = Thread.ofVirtual().name("events-" + partition.partition()).unstarted(this::run);
    }

    /** Begins; done when it is certain where, so that no later event is missed. */
    CompletableFuture<EventReader> start() {
        thread.start();
        return positioned;
    }

    /** The client takes so many more events. Does not wait. */
    public void request(int events) {
        credit.release(events);
    }

    /** Ends reading, soon. Does not wait. */
    @Override
    public void close() {
        closing = true;
        consumer.wakeup();
        credit.release();
    }

    private void run() {
        try (consumer) {
            consumer.assign(List.of(partition));
            seek();
            positioned.complete(this);
            while (!closing) {
                credit.acquire();
                int asked = 1 + credit.drainPermits();
                credit.release(asked - give(Math.min(asked, MANY)));
            }
        } catch (InterruptedException | WakeupException e) {
            Log.debugf("reading ended partition=%s", partition);
        } catch (RuntimeException e) {
            if (!positioned.completeExceptionally(e) && !closing) {
                Log.warnf("events not read on partition=%s reason=%s", partition, e);
                sink.failed(e);
            }
        } finally {
            positioned.cancel(false);
            whenOver.accept(this);
        }
    }

    /** Hands over as many as there are; waits for one. */
    private int give(int most) throws InterruptedException {
        while (ahead.isEmpty() && !closing) {
            poll();
        }
        var events = new ArrayList<ConsumerRecord<String, byte[]>>();
        while (events.size() < most && !ahead.isEmpty()) {
            events.add(ahead.poll());
        }
        if (!events.isEmpty()) {
            sink.accept(events);
        }
        return events.size();
    }

    private void poll() {
        try {
            for (var event : consumer.poll(POLL)) {
                if (event.offset() >= first) {
                    ahead.add(event);
                }
            }
        } catch (OffsetOutOfRangeException e) {
            // What the client would read next was kept no longer.
            consumer.seek(partition, beginning());
        }
    }

    private void seek() {
        switch (position) {
            case EventPosition.Offset(long wanted) -> {
                first = wanted;
                // One that is yet to come is waited for at the end: Kafka would not know it.
                consumer.seek(partition, Math.min(Math.max(wanted, beginning()), end()));
            }
            case EventPosition.EnqueuedTime(var wanted) ->
                Optional.ofNullable(consumer.offsetsForTimes(Map.of(partition, wanted.toEpochMilli()))
                                .get(partition))
                        .ifPresentOrElse(found -> consumer.seek(partition, found.offset()), this::seekToEnd);
            case EventPosition.Latest() -> seekToEnd();
        }
    }

    private void seekToEnd() {
        // At once: the lazy seek would pass over what comes before the first poll.
        consumer.seek(partition, end());
    }

    private long beginning() {
        return consumer.beginningOffsets(List.of(partition)).get(partition);
    }

    private long end() {
        return consumer.endOffsets(List.of(partition)).get(partition);
    }
}
