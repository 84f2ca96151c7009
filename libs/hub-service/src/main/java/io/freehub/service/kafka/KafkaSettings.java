package io.freehub.service.kafka;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Map;

/** How the hub's topics are made. Read when a topic is created; later changes are made with Kafka's own tools. */
@ConfigMapping(prefix = "freehub.kafka")
public interface KafkaSettings {

    /** Copies of each partition. With three or more, a write is acknowledged when two brokers have it. */
    @WithDefault("3")
    short replicationFactor();

    /** Partitions by topic name, where the catalogue's number does not fit: {@code freehub.kafka.partitions."hub.events"=32}. */
    Map<String, Integer> partitions();

    /** Retention by topic name, where the catalogue's does not fit: {@code freehub.kafka.retention."hub.events"=7d}. */
    Map<String, Duration> retention();
}
