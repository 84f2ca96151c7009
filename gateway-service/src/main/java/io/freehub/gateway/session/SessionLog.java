package io.freehub.gateway.session;

import io.freehub.gateway.GatewayProducer;
import io.freehub.gateway.Resender;
import io.freehub.model.ConnectionEvent;
import io.freehub.model.GatewayInstance;
import io.freehub.model.Topic;
import io.freehub.service.json.HubJson;
import io.quarkus.logging.Log;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Writes what happens to the sessions of this gateway, and that it lives. */
@ApplicationScoped
public class SessionLog {

    private static final Duration HEARTBEAT = Duration.ofSeconds(10);

    private final GatewayProducer producer;
    private final Resender resender;
    private final Vertx vertx;
    private final Clock clock = Clock.systemUTC();
    private volatile long heartbeat;

    SessionLog(GatewayProducer producer, Resender resender, Vertx vertx) {
        this.producer = producer;
        this.resender = resender;
        this.vertx = vertx;
    }

    void start(GatewayInstance gateway) {
        append(new ConnectionEvent.GatewayAlive(gateway, clock.instant()), () -> {});
        heartbeat = vertx.setPeriodic(
                HEARTBEAT.toMillis(),
                _ -> append(new ConnectionEvent.GatewayAlive(gateway, clock.instant()), () -> {}));
    }

    void stop() {
        vertx.cancelTimer(heartbeat);
    }

    /** Writes the event; tells when Kafka did not take it. */
    void append(ConnectionEvent event, Runnable onFailure) {
        resender.send(record(event), Resender.ONCE, failure -> failure.ifPresent(_ -> onFailure.run()));
    }

    /** Writes the event, again and again while Kafka is away: nothing else would tell that the session is over. */
    void appendUntilTaken(ConnectionEvent.Closed event) {
        resender.send(
                record(event),
                Resender.UNTIL_TAKEN,
                failure -> failure.ifPresent(reason -> Log.warnf(
                        "end of a session not announced identity=%s session=%s reason=%s",
                        event.identity(), event.session(), reason)));
    }

    private ProducerRecord<byte[], byte[]> record(ConnectionEvent event) {
        var key = key(event).getBytes(StandardCharsets.UTF_8);
        return new ProducerRecord<>(
                Topic.CONNECTIONS.name(), producer.partition(Topic.CONNECTIONS, key), key, HubJson.write(event));
    }

    private static String key(ConnectionEvent event) {
        return switch (event) {
            case ConnectionEvent.Opened opened -> opened.identity().device().value();
            case ConnectionEvent.Closed closed -> closed.identity().device().value();
            case ConnectionEvent.SubscriptionsKept kept ->
                kept.identity().device().value();
            case ConnectionEvent.Refused refused -> refused.identity().device().value();
            case ConnectionEvent.GatewayAlive alive ->
                "gateway-" + alive.gateway().ordinal();
        };
    }
}
