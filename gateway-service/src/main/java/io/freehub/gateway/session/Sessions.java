package io.freehub.gateway.session;

import io.freehub.gateway.GatewayConfig;
import io.freehub.gateway.command.CommandLog;
import io.freehub.gateway.identity.DeviceRegistry;
import io.freehub.model.ConnectionEvent;
import io.freehub.model.DeviceId;
import io.freehub.model.Downlink;
import io.freehub.model.GatewayInstance;
import io.freehub.model.HubError;
import io.freehub.model.IdentityId;
import io.freehub.model.KeptSubscriptions;
import io.freehub.model.RegistryEvent;
import io.freehub.model.Topic;
import io.freehub.service.kafka.HubKafka;
import io.freehub.service.kafka.TopicReader;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The sessions of this gateway. Of one identity the newest wins: here at once, between gateways by the order of the
 * {@code Opened} events in the log, which all gateways read. A session closes when it sees a later one of its identity.
 */
@ApplicationScoped
public class Sessions {

    /** A device that moved from here keeps its older connection that much longer; a rush of connects costs much less. */
    private static final Duration GATHER = Duration.ofMillis(20);

    private final HubKafka kafka;
    private final DeviceRegistry registry;
    private final SessionLog log;
    private final CommandLog commands;
    private final Clock clock = Clock.systemUTC();
    private final GatewayInstance gateway;
    private final SessionIds ids;
    /** Those of a device and of its modules together, since what happens to a device happens to its modules. */
    private final Map<DeviceId, List<Entry>> byDevice = new ConcurrentHashMap<>();

    private final RecentlyKept recentlyKept = new RecentlyKept();

    private final Counter changes;
    private final Counter undeliverable;
    private final Counter opened;
    private final Counter closed;
    private final AtomicInteger open = new AtomicInteger();
    private final List<TopicReader<?>> readers = new ArrayList<>();

    private enum State {
        /** Being admitted: told of changes in the registry, but no session yet. */
        JOINING,
        /** Open; its event has not come back from the log. */
        OPEN,
        /** Its event stands in the log, so that any other that follows is newer. */
        ANNOUNCED
    }

    private record Entry(Session session, State state) {
        boolean isOf(IdentityId identity) {
            return session.identity().equals(identity);
        }

        boolean isOpen() {
            return state != State.JOINING;
        }
    }

    Sessions(
            HubKafka kafka,
            DeviceRegistry registry,
            SessionLog log,
            CommandLog commands,
            GatewayConfig config,
            MeterRegistry metrics) {
        this.kafka = kafka;
        this.registry = registry;
        this.log = log;
        this.commands = commands;
        this.gateway = new GatewayInstance(config.ordinal(), clock.millis());
        this.ids = new SessionIds(gateway, clock);
        metrics.gauge("freehub.sessions", open);
        this.opened = Counter.builder("freehub.sessions.opened")
                .description("Sessions of devices and modules that were opened")
                .register(metrics);
        this.closed = Counter.builder("freehub.sessions.closed")
                .description("Sessions of devices and modules that ended")
                .register(metrics);
        this.undeliverable = Counter.builder("freehub.downlink.undeliverable")
                .description("Messages, calls, answers and notifications for sessions that are gone")
                .register(metrics);
        this.changes = Counter.builder("freehub.registry.changes")
                .description("Changes of identities that this gateway has heard of")
                .register(metrics);
    }

    /** Begins to hear of the other gateways and of the registry; no connection may be admitted before. */
    public void start() {
        readers.add(TopicReader.start(
                kafka, Topic.REGISTRY, TopicReader.From.END, (event, _) -> event.ifPresent(this::registryChanged)));
        readers.add(TopicReader.start(
                kafka,
                Topic.CONNECTIONS,
                TopicReader.From.END,
                GATHER,
                (event, _) -> event.ifPresent(this::connectionChanged)));
        readers.add(TopicReader.start(
                kafka, Topic.DOWNLINK, gateway.ordinal(), (downlink, _) -> downlink.ifPresent(this::deliver)));
        log.start(gateway);
    }

    /** Ends every session, telling the log of each, and stops reading. */
    public void stop() {
        byDevice.values().stream().flatMap(List::stream).forEach(entry -> entry.session()
                .close(HubError.SERVICE_UNAVAILABLE, "the gateway stops"));
        readers.forEach(TopicReader::close);
        log.stop();
    }

    /** Whether the logs are still being read. */
    public boolean isAlive() {
        return !readers.isEmpty() && readers.stream().allMatch(TopicReader::isAlive);
    }

    /** How many sessions are open. */
    public int count() {
        return open.get();
    }

    /** This life of the gateway. */
    public GatewayInstance gateway() {
        return gateway;
    }

    /** An id for a session to come. */
    public String newId() {
        return ids.next();
    }

    /** From now on the session hears of changes in the registry; what was asked of the registry before does not count. */
    public void join(Session session) {
        byDevice.merge(session.identity().device(), List.of(new Entry(session, State.JOINING)), Sessions::both);
    }

    /** The session was not admitted. */
    public void leave(Session session) {
        remove(session);
    }

    /**
     * The session, which had joined, is open: any other of its identity ends.
     *
     * @param generationId which life of the identity it is
     * @param modelId that the client announced
     */
    public void opened(Session session, String generationId, Optional<String> modelId) {
        var displaced = new ArrayList<Session>();
        byDevice.computeIfPresent(session.identity().device(), (_, entries) -> entries.stream()
                .map(entry -> {
                    if (entry.session() == session) {
                        return new Entry(session, State.OPEN);
                    }
                    if (entry.isOpen() && entry.isOf(session.identity())) {
                        displaced.add(entry.session());
                    }
                    return entry;
                })
                .toList());
        open.incrementAndGet();
        opened.increment();
        displaced.forEach(Sessions::displace);
        log.append(
                new ConnectionEvent.Opened(
                        session.identity(), session.id(), Optional.of(generationId), modelId, gateway, clock.instant()),
                () -> session.close(HubError.SERVICE_UNAVAILABLE, "the session could not be announced"));
    }

    /** The open session has ended. */
    public void closed(Session session, String reason) {
        remove(session);
        open.decrementAndGet();
        closed.increment();
        log.appendUntilTaken(
                new ConnectionEvent.Closed(session.identity(), session.id(), gateway, reason, clock.instant()));
    }

    /** A client that keeps its session has other subscriptions than are remembered of it. */
    public void keep(Session session, KeptSubscriptions subscriptions) {
        recentlyKept.put(session.identity(), subscriptions);
        log.append(
                new ConnectionEvent.SubscriptionsKept(
                        session.identity(), session.id(), subscriptions, gateway, clock.instant()),
                // Most clients subscribe again.
                () -> {});
    }

    /**
     * What the client of the identity hears when it comes back.
     *
     * @param registered what the registry remembers
     */
    public KeptSubscriptions kept(IdentityId identity, KeptSubscriptions registered) {
        return recentlyKept.find(identity).orElse(registered);
    }

    private void remove(Session session) {
        byDevice.computeIfPresent(session.identity().device(), (_, entries) -> {
            var rest =
                    entries.stream().filter(entry -> entry.session() != session).toList();
            return rest.isEmpty() ? null : rest;
        });
    }

    private void deliver(Downlink downlink) {
        var to = downlink.to();
        byDevice.getOrDefault(to.identity().device(), List.of()).stream()
                .filter(entry -> entry.isOpen() && entry.session().id().equals(to.session()))
                .findFirst()
                .ifPresentOrElse(entry -> entry.session().deliver(downlink), () -> {
                    undeliverable.increment();
                    commands.undeliverable(downlink);
                });
    }

    private void registryChanged(RegistryEvent event) {
        var changed = event.identity();
        registry.forget(changed);
        if (event instanceof RegistryEvent.Deleted) {
            recentlyKept.forget(changed);
        }
        byDevice.getOrDefault(changed.device(), List.of()).stream()
                .filter(entry -> !changed.isModule() || entry.isOf(changed))
                .forEach(entry -> entry.session().registryChanged(event));
        changes.increment();
    }

    private void connectionChanged(ConnectionEvent event) {
        switch (event) {
            case ConnectionEvent.Opened opened ->
                byDevice.computeIfPresent(opened.identity().device(), (_, entries) -> entries.stream()
                        .map(entry -> entry.isOf(opened.identity()) ? seen(opened, entry) : entry)
                        .toList());
            case ConnectionEvent.SubscriptionsKept kept -> {
                // Its own word is known here before it stands in the log.
                if (!kept.gateway().equals(gateway)) {
                    recentlyKept.put(kept.identity(), kept.subscriptions());
                }
            }
            case ConnectionEvent.Closed _, ConnectionEvent.Refused _, ConnectionEvent.GatewayAlive _ -> {}
        }
    }

    private Entry seen(ConnectionEvent.Opened opened, Entry entry) {
        if (opened.session().equals(entry.session().id())) {
            return new Entry(entry.session(), State.ANNOUNCED);
        }
        if (entry.state() == State.ANNOUNCED) {
            displace(entry.session());
        }
        return entry;
    }

    private static void displace(Session session) {
        session.close(HubError.DISPLACED_BY_NEW_CONNECTION, "it opened a newer connection");
    }

    private static List<Entry> both(List<Entry> first, List<Entry> second) {
        var all = new ArrayList<>(first);
        all.addAll(second);
        return List.copyOf(all);
    }
}
