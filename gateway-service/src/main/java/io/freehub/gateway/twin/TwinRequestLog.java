package io.freehub.gateway.twin;

import io.freehub.gateway.GatewayProducer;
import io.freehub.model.Topic;
import io.freehub.model.TwinRequest;
import io.freehub.service.json.HubJson;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Where requests about twins go. */
@ApplicationScoped
public class TwinRequestLog {

    private final GatewayProducer producer;

    TwinRequestLog(GatewayProducer producer) {
        this.producer = producer;
    }

    /**
     * Sends a request; does not wait.
     *
     * @param sent told, on the producer's thread, that Kafka has the request for good, or why it has not
     */
    public void send(TwinRequest request, Consumer<Optional<Exception>> sent) {
        var key = request.from().identity().device().value().getBytes(StandardCharsets.UTF_8);
        var value = HubJson.write(request);
        producer.send(
                new ProducerRecord<>(
                        Topic.TWIN_REQUESTS.name(), producer.partition(Topic.TWIN_REQUESTS, key), key, value),
                key.length + value.length,
                (_, failure) -> sent.accept(Optional.ofNullable(failure)));
    }
}
