package io.freehub.gateway;

import io.freehub.model.Downlink;
import io.freehub.model.MethodReply;
import io.freehub.model.ReceiverEvent;
import io.freehub.model.Topic;
import io.freehub.service.json.HubJson;
import io.freehub.testing.TestKafka;
import io.freehub.testing.TopicReader;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.InvalidPartitionsException;

/** Reads what sessions receive and answer as command-service does, and delivers and calls when and what the test says. */
final class FakeCommands implements AutoCloseable {

    /** Partition of replies that the topic does not have at first. */
    static final int LATE_ORDINAL = 6;

    private final TopicReader receivers;
    private final TopicReader replies;
    private final Downlinks downlinks = new Downlinks();

    FakeCommands() {
        try (var admin = Admin.create(Map.of("bootstrap.servers", TestKafka.bootstrapServers()))) {
            admin.createPartitions(Map.of(Topic.METHOD_REPLIES.name(), NewPartitions.increaseTo(LATE_ORDINAL + 1)))
                    .all()
                    .get();
        } catch (ExecutionException e) {
            // Another test may have had it made.
            if (!(e.getCause() instanceof InvalidPartitionsException)) {
                throw new IllegalStateException("no partition for a late ordinal", e);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("no partition for a late ordinal", e);
        }
        receivers = TopicReader.fromNow(Topic.RECEIVERS.name());
        replies = TopicReader.fromNow(Topic.METHOD_REPLIES.name());
    }

    /** The events of a device and its modules, once there are as many. */
    List<ReceiverEvent> await(String device, int count) {
        return receivers.awaitCount(count, isOf(device), TopicReader.PATIENCE).stream()
                .map(FakeCommands::event)
                .toList();
    }

    /** The first event of this kind. */
    <E extends ReceiverEvent> E await(String device, Class<E> kind) {
        return await(device, kind, 1).getFirst();
    }

    /** The events of this kind, once there are as many. */
    <E extends ReceiverEvent> List<E> await(String device, Class<E> kind, int count) {
        return receivers
                .awaitCount(count, isOf(device).and(record -> kind.isInstance(event(record))), TopicReader.PATIENCE)
                .stream()
                .map(record -> kind.cast(event(record)))
                .toList();
    }

    /** The events of a device by now. */
    List<ReceiverEvent> received(String device) {
        return receivers.readToEnd().stream()
                .filter(isOf(device))
                .map(FakeCommands::event)
                .toList();
    }

    /** What became of a call, read where its caller waits. */
    MethodReply reply(Downlink.MethodCalled called) {
        return reply(replies.await(record ->
                record.partition() == called.replyTo() && reply(record).call().equals(called.call())));
    }

    /** All replies by now for sessions of the device. */
    List<MethodReply> replies(String device) {
        return replies.readToEnd().stream()
                .filter(isOf(device))
                .map(FakeCommands::reply)
                .toList();
    }

    void send(Downlink downlink) {
        downlinks.send(downlink);
    }

    private static Predicate<ConsumerRecord<String, byte[]>> isOf(String device) {
        return record -> record.key().equals(device);
    }

    private static ReceiverEvent event(ConsumerRecord<String, byte[]> record) {
        return HubJson.read(record.value(), ReceiverEvent.class);
    }

    private static MethodReply reply(ConsumerRecord<String, byte[]> record) {
        return HubJson.read(record.value(), MethodReply.class);
    }

    @Override
    public void close() {
        downlinks.close();
        replies.close();
        receivers.close();
    }
}
