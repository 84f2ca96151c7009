package io.freehub.gateway.command;

import io.freehub.gateway.GatewayProducer;
import io.freehub.gateway.Resender;
import io.freehub.model.Disposition;
import io.freehub.model.Downlink;
import io.freehub.model.HubError;
import io.freehub.model.IdentityId;
import io.freehub.model.MethodReply;
import io.freehub.model.ReceiverEvent;
import io.freehub.model.ReceiverEvent.Link;
import io.freehub.model.SessionAddress;
import io.freehub.model.Topic;
import io.freehub.service.json.HubJson;
import io.quarkus.logging.Log;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Where sessions say what they receive and what became of it. Nothing here waits; who asked is told on any thread. */
@ApplicationScoped
public class CommandLog {

    /** For what need not be sent for ever: a partition that is new to the producer fails the first time. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final GatewayProducer producer;
    private final Resender resender;
    private final Clock clock = Clock.systemUTC();

    CommandLog(GatewayProducer producer, Resender resender) {
        this.producer = producer;
        this.resender = resender;
    }

    /**
     * The session receives from now on.
     *
     * @param sent told whether Kafka has taken it
     */
    void attached(
            SessionAddress from,
            String generationId,
            long incarnation,
            Link link,
            int window,
            Consumer<Optional<Exception>> sent) {
        var event = new ReceiverEvent.Attached(from, generationId, incarnation, link, window, clock.instant());
        resender.send(record(event), Resender.ONCE, sent);
    }

    /**
     * The session receives no more. Sent until Kafka has it: nothing else would tell, as long as the gateway lives.
     *
     * @param sent told when that is done
     */
    void detached(SessionAddress from, Link link, Runnable sent) {
        resender.send(
                record(new ReceiverEvent.Detached(from, link, clock.instant())), Resender.UNTIL_TAKEN, failure -> {
                    failure.ifPresent(reason -> Log.warnf(
                            "end of a receiver not announced identity=%s session=%s link=%s reason=%s",
                            from.identity(), from.session(), link, reason));
                    sent.run();
                });
    }

    /**
     * The session has settled a message. Should it get lost, the message is delivered again after the session.
     *
     * @param sent told whether Kafka has taken it
     */
    void settled(SessionAddress from, String lockToken, Disposition disposition, Consumer<Optional<Exception>> sent) {
        resender.send(
                record(new ReceiverEvent.Settled(from, lockToken, disposition, clock.instant())), PATIENCE, failure -> {
                    failure.ifPresent(reason -> Log.warnf(
                            "settlement lost identity=%s session=%s reason=%s",
                            from.identity(), from.session(), reason));
                    sent.accept(failure);
                });
    }

    /**
     * A call was answered, or cannot be.
     *
     * @param from who was called
     * @param replyTo as the call says
     * @param sent told whether Kafka has taken it
     */
    void reply(IdentityId from, int replyTo, MethodReply reply, Consumer<Optional<Exception>> sent) {
        resender.send(
                new ProducerRecord<>(Topic.METHOD_REPLIES.name(), replyTo, key(from), HubJson.write(reply)),
                PATIENCE,
                sent);
    }

    /** What came is for a session that is gone, or that does not take it: says so, that nothing waits for it in vain. */
    public void undeliverable(Downlink downlink) {
        switch (downlink) {
            case Downlink.MessageDelivered delivered -> detached(delivered.to(), Link.MESSAGES, () -> {});
            case Downlink.MethodCalled called -> undelivered(called, HubError.DEVICE_NOT_ONLINE);
            case Downlink.MethodsAttached _,
                    Downlink.TwinAnswered _,
                    Downlink.ObserveAnswered _,
                    Downlink.DesiredChanged _ -> {
                // Nobody waits for more than the session itself did.
            }
        }
    }

    /** The device does not get the call. */
    void undelivered(Downlink.MethodCalled called, HubError error) {
        reply(
                called.to().identity(),
                called.replyTo(),
                new MethodReply.Undelivered(called.call(), error),
                // Its caller waits no longer than it said it would.
                _ -> {});
    }

    private ProducerRecord<byte[], byte[]> record(ReceiverEvent event) {
        var key = key(event.from().identity());
        return new ProducerRecord<>(
                Topic.RECEIVERS.name(), producer.partition(Topic.RECEIVERS, key), key, HubJson.write(event));
    }

    private static byte[] key(IdentityId identity) {
        return identity.device().value().getBytes(StandardCharsets.UTF_8);
    }
}
