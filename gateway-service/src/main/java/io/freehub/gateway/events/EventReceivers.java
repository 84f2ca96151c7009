package io.freehub.gateway.events;

import io.freehub.gateway.GatewayConfig;
import io.freehub.gateway.GatewayProducer;
import io.freehub.gateway.Resender;
import io.freehub.gateway.session.Sessions;
import io.freehub.model.ConsumerGroup;
import io.freehub.model.EventClaim;
import io.freehub.model.GatewayInstance;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.Topic;
import io.freehub.service.json.HubJson;
import io.freehub.service.kafka.HubKafka;
import io.freehub.service.kafka.TopicReader;
import io.quarkus.logging.Log;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * The receivers of this gateway, and whether they may read, which all gateways decide together: each writes the claims of its
 * receivers into one log, reads that log, and believes its order. A claim counts when it was read back. Claims of a gateway
 * that is gone stand in nobody's way: those of an earlier incarnation are over when the next one says that it lives, and those
 * of one that has fallen silent are ended by whoever meets them.
 */
@ApplicationScoped
public class EventReceivers {

    private static final Duration BEAT = Duration.ofSeconds(10);

    /** A claim that was not read back by then is given up. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final HubKafka kafka;
    private final GatewayProducer producer;
    private final Resender resender;
    private final Vertx vertx;
    private final GatewayInstance gateway;
    private final Duration silence;
    private final Sessions sessions;
    private final Clock clock = Clock.systemUTC();

    private final Map<String, Receiver> receivers = new ConcurrentHashMap<>();
    private final ClaimBook book = new ClaimBook();
    private final Map<Integer, Long> heard = new HashMap<>();
    private Optional<TopicReader<EventClaim>> reader = Optional.empty();
    private long beat;

    /** The right of one receiver to read, until it is closed. */
    public interface Claim extends AutoCloseable {

        /** The receiver is gone. Does not wait. */
        @Override
        void close();
    }

    private final class Receiver implements Claim {

        private final EventClaim.Made made;
        private final Consumer<HubException> lost;
        private final CompletableFuture<Claim> granted = new CompletableFuture<>();

        private Receiver(EventClaim.Made made, Consumer<HubException> lost) {
            this.made = made;
            this.lost = lost;
        }

        @Override
        public void close() {
            if (receivers.remove(made.key(), this)) {
                end(made.key());
            }
        }

        private void lose(HubException why) {
            if (receivers.remove(made.key(), this) && !granted.completeExceptionally(why)) {
                lost.accept(why);
            }
        }
    }

    EventReceivers(
            HubKafka kafka,
            GatewayProducer producer,
            Resender resender,
            Vertx vertx,
            Sessions sessions,
            ConsumerGroups groups,
            GatewayConfig config) {
        this.kafka = kafka;
        this.producer = producer;
        this.resender = resender;
        this.vertx = vertx;
        this.sessions = sessions;
        this.gateway = sessions.gateway();
        this.silence = config.events().gatewayTimeout();
        groups.whenDeleted(this::groupDeleted);
    }

    /** Begins to hear of the others. Waits for Kafka. */
    void start() {
        reader = Optional.of(TopicReader.start(kafka, Topic.EVENT_CLAIMS, TopicReader.From.BEGINNING, this::read));
        beat();
        beat = vertx.setPeriodic(BEAT.toMillis(), _ -> beat());
    }

    void stop() {
        vertx.cancelTimer(beat);
        reader.ifPresent(TopicReader::close);
    }

    /** Whether claims are still heard of. */
    boolean areFollowed() {
        return reader.map(TopicReader::isAlive).orElse(false);
    }

    private void beat() {
        var alive = new EventClaim.Alive(gateway, clock.instant());
        resender.send(record(alive.key(), HubJson.write(alive)), Resender.ONCE, _ -> {});
    }

    /**
     * Asks for the right to read a partition. Done when it is had; fails with a {@link HubException}: {@link
     * HubError#DISPLACED_BY_NEW_CONNECTION} when somebody of a higher epoch has it, {@link HubError#QUOTA_EXCEEDED} when too
     * many have.
     *
     * @param lost told once, on any thread, when the right is lost again before it was given up
     */
    public CompletableFuture<Claim> claim(
            String group, int partition, String name, Optional<Long> epoch, Consumer<HubException> lost) {
        var made = new EventClaim.Made(sessions.newId(), group, partition, name, epoch, gateway, clock.instant());
        var receiver = new Receiver(made, lost);
        receivers.put(made.key(), receiver);
        endSilent(made);
        resender.send(
                record(made.key(), HubJson.write(made)),
                Resender.ONCE,
                failure -> failure.ifPresent(reason -> receiver.granted.completeExceptionally(
                        new HubException(HubError.SERVICE_UNAVAILABLE, "Kafka did not take the claim: " + reason))));
        return receiver.granted
                .orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        receiver.close();
                    }
                });
    }

    private void endSilent(EventClaim.Made made) {
        List<EventClaim.Made> silent;
        synchronized (this) {
            silent = book.beside(made).stream()
                    .filter(other -> isSilent(other.gateway()))
                    .toList();
        }
        silent.forEach(other -> {
            Log.infof(
                    "claim of a silent gateway ended claim=%s ordinal=%d",
                    other.key(), other.gateway().ordinal());
            end(other.key());
        });
    }

    /** Measured from this gateway's own last beat: while nothing is read at all, nobody is silent. */
    private boolean isSilent(GatewayInstance other) {
        var own = heard.get(gateway.ordinal());
        var last = heard.get(other.ordinal());
        return own != null && last != null && own - last > silence.toNanos();
    }

    private void read(Optional<EventClaim> claim, ConsumerRecord<String, byte[]> record) {
        if (claim.isEmpty()) {
            ended(record.key());
            return;
        }
        switch (claim.get()) {
            case EventClaim.Made made -> made(made);
            case EventClaim.Alive alive -> alive(alive);
        }
    }

    private void ended(String key) {
        synchronized (this) {
            book.ended(key);
        }
        var receiver = receivers.get(key);
        if (receiver != null) {
            receiver.lose(new HubException(
                    HubError.SERVICE_UNAVAILABLE, "another gateway took this one for gone, as it was silent"));
        }
    }

    private void made(EventClaim.Made made) {
        ClaimBook.Verdict verdict;
        synchronized (this) {
            heard.put(made.gateway().ordinal(), System.nanoTime());
            verdict = book.made(made);
        }
        var receiver = receivers.get(made.key());
        switch (verdict) {
            case ClaimBook.Verdict.Granted granted -> {
                granted.displaced().forEach(old -> displaced(old, made));
                grant(made, receiver);
            }
            case ClaimBook.Verdict.Refused refused -> {
                if (receiver != null) {
                    receiver.granted.completeExceptionally(refused.why());
                }
            }
        }
    }

    private void grant(EventClaim.Made made, @Nullable Receiver receiver) {
        if (receiver != null) {
            receiver.granted.complete(receiver);
        } else if (made.gateway().equals(gateway)) {
            // Nobody waited as long, and the end may have gone before it.
            end(made.key());
        }
    }

    private void displaced(EventClaim.Made old, EventClaim.Made by) {
        var receiver = receivers.get(old.key());
        if (receiver != null) {
            receiver.lose(ClaimBook.displaced(old, by));
            end(old.key());
        }
    }

    private void alive(EventClaim.Alive alive) {
        List<EventClaim.Made> over;
        synchronized (this) {
            heard.put(alive.gateway().ordinal(), System.nanoTime());
            over = book.alive(alive.gateway());
        }
        if (alive.gateway().equals(gateway)) {
            // It counts for nobody, but would stay in the topic for ever.
            over.forEach(old -> end(old.key()));
        }
    }

    private void groupDeleted(String group) {
        receivers.values().stream()
                .filter(receiver -> ConsumerGroup.key(receiver.made.group()).equals(group))
                .forEach(receiver -> {
                    receiver.lose(new HubException(
                            HubError.NOT_FOUND,
                            "The messaging entity of consumer group '" + receiver.made.group()
                                    + "' could not be found: it was deleted."));
                    end(receiver.made.key());
                });
    }

    /** Nothing else would tell that the claim is over, as long as this gateway lives. */
    private void end(String key) {
        resender.send(
                record(key, null),
                Resender.UNTIL_TAKEN,
                failure -> failure.ifPresent(
                        reason -> Log.warnf("end of a claim not announced claim=%s reason=%s", key, reason)));
    }

    private ProducerRecord<byte[], byte[]> record(String key, byte @Nullable [] value) {
        return new ProducerRecord<>(Topic.EVENT_CLAIMS.name(), 0, key.getBytes(StandardCharsets.UTF_8), value);
    }
}
