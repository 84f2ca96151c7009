package io.freehub.store;

import io.freehub.model.Downlink;
import io.freehub.model.Topic;
import io.freehub.service.json.HubJson;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A record for Kafka as it waits in the outbox.
 *
 * @param value JSON; null tells a compacted topic to forget the key
 * @param partition null when the key decides
 */
public record OutboxRecord(
        String topic,
        String key,
        @Nullable String value,
        @Nullable Integer partition) {

    /** A record with a value. */
    public static <V> OutboxRecord of(Topic<V> topic, String key, V value) {
        return new OutboxRecord(topic.name(), key, json(value), null);
    }

    /** A record for the session's gateway. */
    public static OutboxRecord of(Downlink downlink) {
        var to = downlink.to();
        return new OutboxRecord(Topic.DOWNLINK.name(), to.identity().device().value(), json(downlink), to.gateway());
    }

    /** A record that says that the key is gone. */
    public static OutboxRecord gone(Topic<?> topic, String key) {
        return new OutboxRecord(topic.name(), key, null, null);
    }

    private static String json(Object value) {
        return new String(HubJson.write(value), StandardCharsets.UTF_8);
    }
}
