package io.freehub.gateway;

import io.freehub.gateway.amqp.AmqpListener;
import io.freehub.gateway.events.EventEndpoint;
import io.freehub.gateway.https.HttpsListener;
import io.freehub.gateway.mqtt.MqttListener;
import io.freehub.gateway.session.Sessions;
import io.freehub.model.Topic;
import io.freehub.service.authority.TrustedAuthorities;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Future;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Starts the parts of the gateway in the order they need each other, and stops them in the opposite one. */
@ApplicationScoped
class GatewayLifecycle {

    private static final Duration OPENING = Duration.ofSeconds(30);
    private static final Duration CLOSING = Duration.ofSeconds(10);

    private final GatewayProducer producer;
    private final Sessions sessions;
    private final MqttListener mqtt;
    private final AmqpListener amqp;
    private final HttpsListener https;
    private final TrustedAuthorities authorities;
    private final EventEndpoint events;
    private volatile boolean open;

    GatewayLifecycle(
            GatewayProducer producer,
            Sessions sessions,
            MqttListener mqtt,
            AmqpListener amqp,
            HttpsListener https,
            TrustedAuthorities authorities,
            EventEndpoint events) {
        this.producer = producer;
        this.sessions = sessions;
        this.mqtt = mqtt;
        this.amqp = amqp;
        this.https = https;
        this.authorities = authorities;
        this.events = events;
    }

    void start(@Observes @Priority(Interceptor.Priority.LIBRARY_AFTER) StartupEvent event) {
        producer.warmUp(
                Topic.TELEMETRY,
                Topic.CONNECTIONS,
                Topic.TWIN_REQUESTS,
                Topic.RECEIVERS,
                Topic.METHOD_REPLIES,
                Topic.EVENT_CLAIMS);
        sessions.start();
        events.start();
        // Begins to read them, which may take until Kafka answers.
        authorities.areKnown();
        await(Future.all(mqtt.start(), amqp.start(), https.start()), OPENING);
        open = true;
    }

    void stop(@Observes ShutdownEvent event) {
        open = false;
        sessions.stop();
        events.stop();
        await(Future.join(mqtt.stop(), amqp.stop(), https.stop()), CLOSING);
        producer.close(CLOSING);
    }

    private static void await(Future<?> future, Duration atMost) {
        try {
            future.toCompletionStage().toCompletableFuture().get(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the doors do not open: " + e.getMessage(), e);
        }
    }

    /** Whether the logs are still being read, once they are. */
    boolean isAlive() {
        return !open || sessions.isAlive() && events.isAlive() && authorities.areFollowed();
    }

    /** Whether the doors are open, the logs are read, and Kafka takes messages. */
    boolean isReady() {
        return open && sessions.isAlive() && authorities.areKnown() && !producer.isFull();
    }
}
