package io.freehub.command.queue;

import io.freehub.model.Downlink;
import io.freehub.model.Downlink.MessageDelivered;
import io.freehub.model.SessionAddress;
import io.freehub.model.Topic;
import io.freehub.service.json.HubJson;
import io.freehub.testing.TestKafka;
import io.freehub.testing.TopicReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What gateways are told to give to sessions. */
final class Downlinks implements AutoCloseable {

    private final TopicReader reader;

    Downlinks() {
        this(TestKafka.bootstrapServers());
    }

    Downlinks(String bootstrapServers) {
        this.reader = TopicReader.fromNow(bootstrapServers, Topic.DOWNLINK.name());
    }

    /** Waits for so many messages for a session; all there are for it. */
    List<MessageDelivered> await(SessionAddress session, int count) {
        return await(session, count, TopicReader.PATIENCE);
    }

    List<MessageDelivered> await(SessionAddress session, int count, Duration patience) {
        return reader.awaitCount(count, record -> isFor(session, record), patience).stream()
                .map(Downlinks::message)
                .toList();
    }

    /** Those that there are by now. */
    List<MessageDelivered> of(SessionAddress session) {
        return reader.readToEnd().stream()
                .filter(record -> isFor(session, record))
                .map(Downlinks::message)
                .toList();
    }

    /** Text of a message. */
    static String text(MessageDelivered delivered) {
        return new String(delivered.message().body(), StandardCharsets.UTF_8);
    }

    private static boolean isFor(SessionAddress session, ConsumerRecord<String, byte[]> record) {
        return record.partition() == session.gateway()
                && record.key().equals(session.identity().device().value())
                && HubJson.read(record.value(), Downlink.class) instanceof MessageDelivered delivered
                && delivered.to().equals(session);
    }

    private static MessageDelivered message(ConsumerRecord<String, byte[]> record) {
        return (MessageDelivered) HubJson.read(record.value(), Downlink.class);
    }

    @Override
    public void close() {
        reader.close();
    }
}
