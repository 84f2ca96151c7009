package io.freehub.standalone;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What clients and tests need to know of a running hub.
 *
 * @param mqttPorts by gateway: {@code gateway-0} …
 * @param amqpPorts by gateway
 * @param plainAmqpPort of the first gateway, without TLS; empty when there is none
 * @param httpsPorts by gateway
 * @param kafkaForReaders where Kafka clients read the events with TLS and a connection string
 * @param certificateAuthority PEM file that clients trust
 * @param connectionString of the policy iothubowner or, if it was deleted, of another that manages the hub; empty without
 *     registry-service
 * @param environment what stands in {@code hub.env}
 * @param internalPorts of each service's internal API, health and metrics on 127.0.0.1
 */
public record HubFacts(
        String host,
        Map<String, Integer> mqttPorts,
        Map<String, Integer> amqpPorts,
        OptionalInt plainAmqpPort,
        Map<String, Integer> httpsPorts,
        String kafka,
        String kafkaForReaders,
        Path certificateAuthority,
        Optional<String> connectionString,
        Map<String, String> environment,
        Path environmentFile,
        Map<String, Integer> internalPorts) {

    public HubFacts {
        mqttPorts = Map.copyOf(mqttPorts);
        amqpPorts = Map.copyOf(amqpPorts);
        httpsPorts = Map.copyOf(httpsPorts);
        environment = Map.copyOf(environment);
        internalPorts = Map.copyOf(internalPorts);
    }
}
