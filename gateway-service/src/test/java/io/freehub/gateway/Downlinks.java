package io.freehub.gateway;

import io.freehub.model.Downlink;
import io.freehub.model.Topic;
import io.freehub.service.json.HubJson;
import io.freehub.testing.TestKafka;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Writes to sessions what services write. */
final class Downlinks implements AutoCloseable {

    private final KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
            Map.<String, Object>of("bootstrap.servers", TestKafka.bootstrapServers()),
            new StringSerializer(),
            new ByteArraySerializer());

    void send(Downlink downlink) {
        producer.send(new ProducerRecord<>(
                Topic.DOWNLINK.name(),
                downlink.to().gateway(),
                downlink.to().identity().device().value(),
                HubJson.write(downlink)));
    }

    @Override
    public void close() {
        producer.close();
    }
}
