package io.freehub.store;

import io.freehub.model.Topic;
import io.freehub.service.json.HubJson;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A record for Kafka as it waits in the outbox.
 *
 * @param value JSON; null tells a compacted topic to forget the key
 */
public record OutboxRecord(
        String topic, String key, @Nullable String value) {

    /** A record with a value. */
    public static <V> OutboxRecord of(Topic<V> topic, String key, V value) {
        return new OutboxRecord(topic.name(), key, new String(HubJson.write(value), StandardCharsets.UTF_8));
    }

    /** A record that says that the key is gone. */
    public static OutboxRecord gone(Topic<?> topic, String key) {
        return new OutboxRecord(topic.name(), key, null);
    }
}
