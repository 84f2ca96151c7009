package io.freehub.store;

import io.freehub.model.Topic;
import io.freehub.service.kafka.HubKafka;
import io.freehub.service.kafka.TopicReader;
import io.quarkus.logging.Log;
import io.quarkus.vertx.VertxContextSupport;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Makes a compacted topic hold what the database holds: publishes, at a service's start, whatever the topic lacks or has
 * otherwise. So a topic that was lost is whole again after a restart.
 */
@ApplicationScoped
public class TopicMender {

    private final HubKafka kafka;
    private final Database database;
    private final Outbox outbox;

    TopicMender(HubKafka kafka, Database database, Outbox outbox) {
        this.kafka = kafka;
        this.database = database;
        this.outbox = outbox;
    }

    /**
     * Reads the topic, then the database, and has the difference written. Returns when that is certain to happen. Not for
     * an event loop.
     *
     * @param lock of everything that changes what the topic tells, see {@link Database#writeAlone}: so what is published
     *     here is older than no record that is on its way
     * @param stored what the topic is to hold, by key; called in a transaction
     * @param atMost longest wait for the end of the topic
     */
    public <V> void mend(Topic<V> topic, long lock, Supplier<Uni<Map<String, V>>> stored, Duration atMost) {
        try {
            var published = published(topic, atMost);
            int count = VertxContextSupport.subscribeAndAwait(() -> database.writeAlone(lock, () -> stored.get()
                    .map(wanted -> missing(topic, wanted, published))
                    .call(outbox::add)
                    .map(List::size)));
            if (count > 0) {
                Log.infof("topic mended name=%s records=%d", topic, count);
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + topic + " was read", e);
        } catch (Throwable e) {
            throw new IllegalStateException("cannot compare " + topic + " with the database", e);
        }
    }

    /** What must be written so that the topic holds exactly what is wanted. */
    static <V> List<OutboxRecord> missing(Topic<V> topic, Map<String, V> wanted, Map<String, V> published) {
        var records = new ArrayList<OutboxRecord>();
        wanted.forEach((key, value) -> {
            if (!value.equals(published.get(key))) {
                records.add(OutboxRecord.of(topic, key, value));
            }
        });
        published.keySet().stream()
                .filter(key -> !wanted.containsKey(key))
                .forEach(key -> records.add(OutboxRecord.gone(topic, key)));
        return records;
    }

    private <V> Map<String, V> published(Topic<V> topic, Duration atMost) throws InterruptedException {
        var published = new HashMap<String, V>();
        // Only the reader's thread touches the map until close() has joined it.
        try (var reader = TopicReader.start(
                kafka,
                topic,
                TopicReader.From.BEGINNING,
                (value, record) -> value.ifPresentOrElse(
                        known -> published.put(record.key(), known), () -> published.remove(record.key())))) {
            if (!reader.awaitCaughtUp(atMost)) {
                throw new IllegalStateException("cannot read " + topic + " to its end");
            }
        }
        return published;
    }
}
