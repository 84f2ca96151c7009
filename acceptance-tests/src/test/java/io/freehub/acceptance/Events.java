package io.freehub.acceptance;

import io.freehub.model.EventHeaders;
import io.freehub.model.MessageProperties;
import io.freehub.model.Topic;
import io.freehub.testing.TopicReader;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** The built-in events endpoint as a Kafka client reads it, from now on. */
final class Events implements AutoCloseable {

    private final TopicReader reader = TopicReader.fromNow(TheHub.facts().kafka(), Topic.EVENTS.name());

    /** The next so many events of the device, in their order. */
    List<ConsumerRecord<String, byte[]>> of(String device, int count) {
        return reader.awaitCount(count, event -> event.key().equals(device), TopicReader.PATIENCE);
    }

    static MessageProperties properties(ConsumerRecord<String, byte[]> event) {
        return EventHeaders.read(StreamSupport.stream(event.headers().spliterator(), false)
                .map(header -> Map.entry(header.key(), Optional.ofNullable(header.value())))
                .toList());
    }

    @Override
    public void close() {
        reader.close();
    }
}
