package io.freehub.gateway.amqp;

import io.freehub.gateway.events.ConsumerGroups;
import io.freehub.gateway.events.EventEndpoint;
import io.freehub.gateway.events.EventReader;
import io.freehub.gateway.events.EventReceivers;
import io.freehub.gateway.events.EventSink;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.quarkus.logging.Log;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.jspecify.annotations.Nullable;

/**
 * The events of one partition on one link. The client gets its link when it is certain that it may read, and from where. Events
 * are read as it gives credit, and no further ones before it has taken those that were read at once: what waits for it is bounded,
 * and waits on its account alone. All are settled as they go; a client that wants one again begins there again.
 */
final class EventOutlet implements Outlet, EventSink {

    /** Events that are asked for ahead of the client, whatever its credit. */
    private static final int MOST_ASKED = 2000;

    /** Bytes that the engine is given before it is looked whether the client reads them. */
    private static final int AT_ONCE = 64 << 10;

    /** Long enough to read what is there. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final OutgoingLink link;
    private final EventAddress.Partition address;
    private final EventRequest request;
    private final ConsumerGroups groups;
    private final EventReceivers receivers;
    private final EventEndpoint endpoint;

    private final Queue<byte[]> waiting = new ArrayDeque<>();

    /** Of the reader's thread, for the next events. */
    private final Semaphore turn = new Semaphore(1);

    private @Nullable Opened opened;
    private boolean taking;
    private boolean writing;
    private int asked;
    private int tags;
    private volatile boolean over;

    private record Opened(EventReceivers.Claim claim, EventReader reader) {

        private void close() {
            reader.close();
            claim.close();
        }
    }

    EventOutlet(
            OutgoingLink link,
            EventAddress.Partition address,
            EventRequest request,
            ConsumerGroups groups,
            EventReceivers receivers,
            EventEndpoint endpoint) {
        this.link = link;
        this.address = address;
        this.request = request;
        this.groups = groups;
        this.receivers = receivers;
        this.endpoint = endpoint;
    }

    /** Finds out whether the client may have the link, and opens or refuses it. */
    void prepare() {
        groups.existsSoon(address.group())
                .thenCompose(exists -> exists
                        ? endpoint.partitions().thenApply(address::number)
                        : CompletableFuture.failedFuture(address.unknownGroup()))
                .thenCompose(this::open)
                .whenComplete((result, failure) -> link.executor().execute(() -> {
                    if (failure == null) {
                        prepared(result);
                    } else {
                        link.detach(refused(refusal(failure)));
                    }
                }));
    }

    private CompletableFuture<Opened> open(int partition) {
        return receivers
                .claim(address.group(), partition, request.name(), request.epoch(), this::lost)
                .thenCompose(claim -> endpoint.read(partition, request.position(), this)
                        .thenApply(reader -> new Opened(claim, reader))
                        .whenComplete((_, failure) -> {
                            if (failure != null) {
                                claim.close();
                            }
                        }));
    }

    private void prepared(Opened result) {
        if (link.isEnded()) {
            result.close();
            return;
        }
        opened = result;
        link.openSettled(request.tracked() ? List.of(EventRequest.TRACKING) : List.of());
    }

    private static ErrorCondition refused(HubException why) {
        return AmqpErrors.ofRefusal(why.error(), why.getMessage());
    }

    private static HubException refusal(Throwable failure) {
        return switch (failure) {
            case CompletionException wrapper when wrapper.getCause() != null -> refusal(wrapper.getCause());
            case HubException refused -> refused;
            case TimeoutException _ -> new HubException(HubError.SERVICE_UNAVAILABLE, "Kafka did not answer in time");
            default -> {
                Log.warnf("a reader of events cannot begin: %s", failure);
                yield new HubException(HubError.SERVICE_UNAVAILABLE, "events cannot be read now");
            }
        };
    }

    @Override
    public boolean isLate() {
        return true;
    }

    @Override
    public void begun() {
        ask();
    }

    @Override
    public void credited() {
        if (opened != null) {
            send();
        }
    }

    @Override
    public Duration grace() {
        return GRACE;
    }

    /** On the reader's thread, which does the encoding and waits until the client has taken what came before. */
    @Override
    public void accept(List<ConsumerRecord<String, byte[]>> events) throws InterruptedException {
        turn.acquire();
        if (over) {
            return;
        }
        var newest = request.tracked() ? newest(events.getFirst().partition()) : Optional.<EventMessage.Newest>empty();
        var encoded =
                events.stream().map(event -> EventMessage.encode(event, newest)).toList();
        link.executor().execute(() -> take(encoded));
    }

    private Optional<EventMessage.Newest> newest(int partition) throws InterruptedException {
        try {
            var state = endpoint.recentState(partition).get();
            return Optional.of(new EventMessage.Newest(state, Instant.now()));
        } catch (ExecutionException e) {
            // The event itself does not hang on it.
            Log.debugf("state of a partition not known partition=%d reason=%s", partition, e.getCause());
            return Optional.empty();
        }
    }

    private void take(List<byte[]> encoded) {
        if (!link.isEnded()) {
            taking = true;
            waiting.addAll(encoded);
            send();
        }
    }

    private void send() {
        while (!writing && isSendable()) {
            for (int bytes = 0; bytes < AT_ONCE && isSendable(); asked--) {
                var next = waiting.remove();
                bytes += next.length;
                link.send(tag(), next, true);
            }
            link.connection().flush();
            awaitWritten();
        }
        if (taking && !writing && waiting.isEmpty()) {
            taking = false;
            turn.release();
        }
        ask();
    }

    private boolean isSendable() {
        return !waiting.isEmpty() && link.credit() > 0;
    }

    private void awaitWritten() {
        writing = !link.isWritten();
        if (writing) {
            link.connection().whenFlushed(() -> {
                if (!link.isEnded()) {
                    awaitWritten();
                    if (!writing) {
                        send();
                    }
                }
            });
        }
    }

    private void ask() {
        int more = Math.min(link.credit(), MOST_ASKED) - asked;
        if (opened != null && more > 0) {
            asked += more;
            opened.reader().request(more);
        }
    }

    private byte[] tag() {
        return ByteBuffer.allocate(Integer.BYTES).putInt(tags++).array();
    }

    @Override
    public void failed(Exception reason) {
        lost(new HubException(HubError.SERVER_ERROR, "events cannot be read now, attach again"));
    }

    /** The client may not read any longer. May be called on any thread. */
    private void lost(HubException why) {
        link.executor().execute(() -> link.detach(AmqpErrors.ofEnd(why.error(), why.getMessage())));
    }

    @Override
    public void ended() {
        over = true;
        waiting.clear();
        if (opened != null) {
            opened.close();
        }
        turn.release();
    }
}
