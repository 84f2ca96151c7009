package io.freehub.gateway;

import io.freehub.model.Downlink;
import io.freehub.model.Topic;
import io.freehub.model.TwinRequest;
import io.freehub.service.json.HubJson;
import io.freehub.testing.TopicReader;
import java.util.List;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Twin-service as a gateway sees it: reads requests, and answers when and what the test says. */
final class FakeTwins implements AutoCloseable {

    private final TopicReader requests = TopicReader.fromNow(Topic.TWIN_REQUESTS.name());
    private final Downlinks downlinks = new Downlinks();

    /** The requests of a device and its modules, once there are as many. */
    List<TwinRequest> await(String device, int count) {
        return requests.awaitCount(count, isOf(device), TopicReader.PATIENCE).stream()
                .map(FakeTwins::read)
                .toList();
    }

    /** The first request of this kind. */
    <R extends TwinRequest> R await(String device, Class<R> kind) {
        return kind.cast(read(requests.await(isOf(device).and(record -> kind.isInstance(read(record))))));
    }

    /** The request of this id for the twin. */
    TwinRequest.Get awaitGet(String device, String requestId) {
        return (TwinRequest.Get) read(requests.await(isOf(device)
                .and(record -> read(record) instanceof TwinRequest.Get get
                        && get.requestId().equals(requestId))));
    }

    /** The requests of a device by now. */
    List<TwinRequest> received(String device) {
        return requests.readToEnd().stream()
                .filter(isOf(device))
                .map(FakeTwins::read)
                .toList();
    }

    void send(Downlink downlink) {
        downlinks.send(downlink);
    }

    private static Predicate<ConsumerRecord<String, byte[]>> isOf(String device) {
        return record -> record.key().equals(device);
    }

    private static TwinRequest read(ConsumerRecord<String, byte[]> record) {
        return HubJson.read(record.value(), TwinRequest.class);
    }

    @Override
    public void close() {
        downlinks.close();
        requests.close();
    }
}
