package io.freehub.command.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.agroal.api.AgroalDataSource;
import io.freehub.command.BackEnd;
import io.freehub.command.CommandConfig;
import io.freehub.command.CommandServiceTest;
import io.freehub.command.Gateways;
import io.freehub.command.receiver.ReceiverLog;
import io.freehub.command.receiver.ReceiverTable;
import io.freehub.model.ConnectionEvent;
import io.freehub.model.Downlink;
import io.freehub.model.GatewayInstance;
import io.freehub.model.IdentityId;
import io.freehub.model.ReceiverEvent.Link;
import io.freehub.model.SessionAddress;
import io.freehub.model.Topic;
import io.freehub.service.json.HubJson;
import io.freehub.service.kafka.HubKafka;
import io.freehub.store.OutboxRelay;
import io.freehub.testing.RestCaller.Answer;
import io.freehub.testing.TopicReader;
import io.smallrye.config.SmallRyeConfigBuilder;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who is connected where, as gateways tell it and operators read it. */
@CommandServiceTest
class SessionDirectoryIT {

    private static final long GENERATION = 638_575_123_456_789_000L;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    @Inject
    HubKafka kafka;

    @Inject
    SessionStore store;

    @Inject
    ReceiverLog receivers;

    @Inject
    OutboxRelay relay;

    @Inject
    AgroalDataSource dataSource;

    private final Gateways gateways = new Gateways();
    private final String device = BackEnd.newId();
    private final IdentityId identity = IdentityId.parse(device);
    /** One that no other test has, without a partition of its own. */
    private final int ordinal = ThreadLocalRandom.current().nextInt(1_000, 1_000_000);

    private final long incarnation = System.currentTimeMillis();
    private BackEnd operator;

    @BeforeEach
    void connect() {
        operator = BackEnd.of(port, "operator");
    }

    @AfterEach
    void close() {
        gateways.close();
    }

    @Test
    void openSessionIsListedWithAllThatIsKnownOfIt() {
        // It is told that it is attached, by way of this partition.
        int ordinal = 3;
        var session = new SessionAddress(identity, "001", ordinal);
        var module = new SessionAddress(IdentityId.parse(device + "/m"), "002", ordinal);
        gateways.attach(session, GENERATION, incarnation, Link.METHODS, 4);
        gateways.attach(session, GENERATION, incarnation, Link.MESSAGES, 4);
        gateways.tell(
                device,
                new ConnectionEvent.Opened(
                        module.identity(),
                        "002",
                        Optional.of("7"),
                        Optional.of("dtmi:com:example;1"),
                        new GatewayInstance(ordinal, incarnation),
                        Instant.parse("2026-08-20T10:00:00.123456Z")));
        gateways.tell(
                device,
                new ConnectionEvent.Opened(
                        identity,
                        "001",
                        Optional.of(Long.toString(GENERATION)),
                        Optional.empty(),
                        new GatewayInstance(ordinal, incarnation),
                        Instant.parse("2026-08-20T10:00:00Z")));

        await().untilAsserted(() -> assertThat(list("?deviceId=" + device).body())
                .isEqualTo("[{\"deviceId\":\"" + device + "\",\"sessionId\":\"001\",\"gateway\":" + ordinal
                        + ",\"connectedTime\":\"2026-08-20T10:00:00Z\",\"generationId\":\"" + GENERATION
                        + "\",\"receives\":[\"messages\",\"methods\"]},{\"deviceId\":\"" + device
                        + "\",\"moduleId\":\"m\",\"sessionId\":\"002\",\"gateway\":" + ordinal
                        + ",\"connectedTime\":\"2026-08-20T10:00:00.123Z\",\"generationId\":\"7\","
                        + "\"modelId\":\"dtmi:com:example;1\",\"receives\":[]}]"));
    }

    @Test
    void newestSessionByTheLogCountsAndItsEndAlone() {
        var older = new SessionAddress(identity, "009", ordinal);
        var newer = new SessionAddress(identity, "001", ordinal + 1);
        gateways.open(older, GENERATION, incarnation);
        awaitSessions("009");
        gateways.open(newer, GENERATION, incarnation);
        gateways.close(older, incarnation);
        awaitSessions("001");
        gateways.close(older, incarnation);
        gateways.close(newer, incarnation);
        awaitSessions();
    }

    @Test
    void listHasPagesAndFilters() {
        var all = IntStream.range(0, 5)
                .mapToObj(i -> new SessionAddress(
                        IdentityId.parse(device + (i % 2 == 0 ? "/m" + i : "x" + i)), "s" + i, ordinal + i / 4))
                .toList();
        gateways.openAll(all, GENERATION, incarnation);
        await().untilAsserted(
                        () -> assertThat(list("?gateway=" + ordinal).json()).hasSize(4));

        var first = list("?top=3&gateway=" + ordinal);
        var last = operator.send(
                "GET",
                "/hub/sessions?top=3&gateway=" + ordinal,
                null,
                "x-ms-continuation",
                first.header("x-ms-continuation"));

        assertThat(ids(first)).containsExactly("s0", "s2", "s1");
        assertThat(ids(last)).containsExactly("s3");
        assertThat(last.header("x-ms-continuation")).isEmpty();
        await().untilAsserted(() -> assertThat(sessions()).containsExactly("s0", "s2", "s4"));
        assertThat(list("?deviceId=" + device + "&gateway=" + ordinal).json()).hasSize(2);
        assertThat(list("?top=1000").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({"?top=0,top", "?top=1001,top", "?top=x,top", "?gateway=-1,gateway", "?deviceId=a%2Fb,device"})
    void parameterThatIsWrongIsNamed(String query, String name) {
        var answer = list(query);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text("/Message")).contains(name);
    }

    @Test
    void continuationThatIsNoneIsRefused() {
        assertThat(operator.send("GET", "/hub/sessions", null, "x-ms-continuation", "bm9uZQ")
                        .status())
                .isEqualTo(400);
    }

    @Test
    void onlyOperatorsMayList() {
        assertThat(BackEnd.of(port, "service").get("/hub/sessions").status()).isEqualTo(401);
    }

    @Test
    void sessionsOfAGatewayThatRestartedAreClosedAndToldOf() throws SQLException {
        var lost = new SessionAddress(identity, "001", ordinal);
        var back = new SessionAddress(IdentityId.parse(device + "/m"), "002", ordinal);
        gateways.attach(lost, GENERATION, incarnation, Link.MESSAGES, 1);
        gateways.open(lost, GENERATION, incarnation);
        awaitSessions("001");
        awaitReceiver(true);
        try (var log = TopicReader.fromNow(Topic.CONNECTIONS.name())) {
            gateways.open(back, GENERATION, incarnation + 1);
            awaitSessions("001", "002");

            // The service's own watch is at it too.
            watch("1h").look(false);

            var closed = (ConnectionEvent.Closed) HubJson.read(
                    log.await(record -> record.key().equals(device) && isClosed(record.value()))
                            .value(),
                    ConnectionEvent.class);
            assertThat(closed.session()).isEqualTo("001");
            assertThat(closed.reason()).isEqualTo("the gateway restarted");
            assertThat(closed.gateway()).isEqualTo(new GatewayInstance(ordinal, incarnation));
            awaitSessions("002");
            awaitReceiver(false);
        }
    }

    @Test
    void sessionsOfASilentGatewayArePutAsideUntilItIsHeardAgain() throws Exception {
        var gateway = new GatewayInstance(ordinal, incarnation);
        var kept = new SessionAddress(identity, "001", ordinal);
        var ended = new SessionAddress(IdentityId.parse(device + "/ended"), "002", ordinal);
        var moved = new SessionAddress(IdentityId.parse(device + "/moved"), "003", ordinal);
        gateways.attach(kept, GENERATION, incarnation, Link.MESSAGES, 3);
        gateways.openAll(List.of(kept, ended, moved), GENERATION, incarnation);
        awaitSessions("001", "002", "003");
        awaitReceiver(true);
        var watch = watch("1ms");
        try (var log = TopicReader.fromNow(Topic.CONNECTIONS.name())) {
            watch.look(false);
            assertThat(sessions()).containsExactly("001", "002", "003");
            watch.look(true);

            assertThat(sessions()).isEmpty();
            assertThat(list("?gateway=" + ordinal).body()).isEqualTo("[]");
            awaitReceiver(false);
            var closed = log.awaitCount(3, record -> record.key().equals(device), PATIENCE).stream()
                    .map(record -> (ConnectionEvent.Closed) HubJson.read(record.value(), ConnectionEvent.class))
                    .toList();
            assertThat(closed)
                    .extracting(ConnectionEvent.Closed::session)
                    .containsExactlyInAnyOrder("001", "002", "003");
            assertThat(closed).allSatisfy(event -> {
                assertThat(event.gateway()).isEqualTo(gateway);
                assertThat(event.reason()).isEqualTo("the gateway is gone");
            });
            // What follows comes behind those in the log: they have been read again by then, and changed nothing.
            var elsewhere = new SessionAddress(moved.identity(), "004", ordinal + 1);
            gateways.close(ended, incarnation);
            gateways.open(elsewhere, GENERATION, incarnation);
            awaitSessions("004");
            awaitExpired(1);
            watch("1h").look(true);
            assertThat(sessions()).containsExactly("004");

            gateways.alive(gateway, Instant.now());
            // The watch of the service does it, some time or other.
            awaitSessions("001", "004");

            awaitReceiver(true);
            var opened = (ConnectionEvent.Opened) HubJson.read(
                    log.await(record -> record.key().equals(device)
                                    && HubJson.read(record.value(), ConnectionEvent.class)
                                            instanceof ConnectionEvent.Opened again
                                    && again.session().equals("001"))
                            .value(),
                    ConnectionEvent.class);
            assertThat(opened.gateway()).isEqualTo(gateway);
            gateways.close(kept, incarnation);
            awaitSessions("004");
        }
    }

    @Test
    void receiverOfASilentGatewayIsThereAgainWhenItAttaches() throws SQLException {
        var session = new SessionAddress(identity, "001", 0);
        var gateway = new GatewayInstance(0, incarnation);
        try (var downlink = TopicReader.fromNow(Topic.DOWNLINK.name())) {
            gateways.attach(session, GENERATION, incarnation, Link.METHODS, 3);
            awaitReceiver(Link.METHODS, true);
            receivers.suspend(gateway);
            assertThat(receiver(Link.METHODS)).isEmpty();
            gateways.attach(session, GENERATION, incarnation, Link.METHODS, 3);
            awaitReceiver(Link.METHODS, true);
            receivers.suspend(gateway);
            receivers.resume(gateway);
            assertThat(receiver(Link.METHODS)).isPresent();
            assertThat(downlink.awaitCount(
                            3,
                            record -> HubJson.read(record.value(), Downlink.class)
                                    .equals(new Downlink.MethodsAttached(session)),
                            PATIENCE))
                    .hasSizeGreaterThanOrEqualTo(3);
        }
    }

    @Test
    void replicasCloseEachSessionOnce() throws Exception {
        int many = 5_000;
        var all = IntStream.range(0, many)
                .mapToObj(i -> new SessionAddress(IdentityId.parse(device + "-" + i), "001", ordinal))
                .toList();
        gateways.openAll(all, GENERATION, incarnation);
        awaitOpen(many);
        try (var log = TopicReader.fromNow(Topic.CONNECTIONS.name())) {
            gateways.alive(new GatewayInstance(ordinal, incarnation + 1), Instant.now());
            var threads = new ArrayList<Thread>();
            for (int n = 0; n < 3; n++) {
                threads.add(Thread.startVirtualThread(() -> {
                    try {
                        watch("1h").look(false);
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                }));
            }
            for (var thread : threads) {
                thread.join();
            }
            awaitOpen(0);
            var closed = log.awaitCount(
                    many, record -> record.key().startsWith(device) && isClosed(record.value()), PATIENCE);
            assertThat(closed.stream().map(record -> record.key()).distinct()).hasSize(many);
            assertThat(log.readToEnd().stream().filter(record -> record.key().startsWith(device)))
                    .hasSize(many);
        }
    }

    @Test
    void sessionsOfAGatewayThatRestartedAreStoredAsFastAsTheyCome() throws Exception {
        int many = 20_000;
        gateways.openAll(addresses(many, "001"), GENERATION, incarnation);
        awaitOpen(many);

        gateways.openAll(addresses(many, "002"), GENERATION, incarnation + 1);

        var stored = "session = '002' and closed_at is null and ordinal = " + ordinal;
        await().atMost(PATIENCE).until(() -> count(stored) == many);
    }

    private List<SessionAddress> addresses(int many, String session) {
        return IntStream.range(0, many)
                .mapToObj(i -> new SessionAddress(IdentityId.parse(device + "-" + i), session, ordinal))
                .toList();
    }

    private GatewayWatch watch(String timeout) {
        var config = new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(CommandConfig.class)
                .withDefaultValue("freehub.command.sessions.gateway-timeout", timeout)
                .build()
                .getConfigMapping(CommandConfig.class);
        return new GatewayWatch(kafka, store, receivers, relay, config, Clock.systemUTC());
    }

    private static boolean isClosed(byte[] event) {
        return HubJson.read(event, ConnectionEvent.class) instanceof ConnectionEvent.Closed;
    }

    private void awaitOpen(int count) {
        await().atMost(PATIENCE.multipliedBy(2))
                .until(() -> count("closed_at is null and ordinal = " + ordinal) == count);
    }

    private void awaitExpired(int count) {
        await().until(() -> count("expired and ordinal = " + ordinal) == count);
    }

    private int count(String condition) throws SQLException {
        try (var connection = dataSource.getConnection();
                var query = connection.prepareStatement("select count(*) from session where " + condition);
                var rows = query.executeQuery()) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private void awaitReceiver(boolean there) {
        awaitReceiver(Link.MESSAGES, there);
    }

    private void awaitReceiver(Link link, boolean there) {
        await().untilAsserted(() -> assertThat(receiver(link).isPresent()).isEqualTo(there));
    }

    private Optional<?> receiver(Link link) throws SQLException {
        try (var connection = dataSource.getConnection()) {
            return Optional.ofNullable(
                    ReceiverTable.newest(connection, link, List.of(identity)).get(identity));
        }
    }

    private void awaitSessions(String... expected) {
        await().untilAsserted(() -> assertThat(sessions()).containsExactly(expected));
    }

    /** Of the device and its modules. */
    private List<String> sessions() {
        return ids(list("?deviceId=" + device));
    }

    private static List<String> ids(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return StreamSupport.stream(answer.json().spliterator(), false)
                .map(session -> session.get("sessionId").asText())
                .toList();
    }

    private Answer list(String query) {
        return operator.get("/hub/sessions" + query);
    }
}
