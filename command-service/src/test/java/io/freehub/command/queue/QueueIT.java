package io.freehub.command.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.agroal.api.AgroalDataSource;
import io.freehub.command.BackEnd;
import io.freehub.command.CommandConfig;
import io.freehub.command.CommandServiceTest;
import io.freehub.command.FakeRegistry;
import io.freehub.command.Gateways;
import io.freehub.command.Transactions;
import io.freehub.command.feedback.FeedbackReader;
import io.freehub.command.receiver.ReceiverLog;
import io.freehub.model.Disposition;
import io.freehub.model.Downlink.MessageDelivered;
import io.freehub.model.IdentityId;
import io.freehub.model.ReceiverEvent;
import io.freehub.model.ReceiverEvent.Link;
import io.freehub.model.SessionAddress;
import io.freehub.model.SystemProperty;
import io.freehub.store.Outbox;
import io.freehub.testing.RestCaller.Answer;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages from back ends to sessions, by way of the database and Kafka. */
@CommandServiceTest
class QueueIT {

    private static final int WINDOW = 16;

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    @Inject
    AgroalDataSource dataSource;

    @Inject
    Transactions transactions;

    @Inject
    ReceiverLog receivers;

    @Inject
    Outbox outbox;

    @Inject
    MessageMetrics metrics;

    @Inject
    CommandConfig config;

    private final FakeRegistry registry = FakeRegistry.shared();
    private final Gateways gateways = new Gateways();
    private final Downlinks downlinks = new Downlinks();
    private final IdentityId device = IdentityId.parse(BackEnd.newId());
    private final SessionAddress first = new SessionAddress(device, "001-" + device, 0);
    private final SessionAddress second = new SessionAddress(device, "002-" + device, 1);
    private BackEnd service;
    private FeedbackReader feedback;
    private long generation;

    @BeforeEach
    void connect() {
        service = BackEnd.of(port, "service");
        feedback = new FeedbackReader(service, transactions, config);
        generation = registry.add(device);
    }

    @AfterEach
    void close() {
        gateways.close();
        downlinks.close();
    }

    @Test
    void givenReceiver_whenMessageSent_thenItIsDeliveredAsItWasSent() {
        attach(first, WINDOW);
        var before = Instant.now().minusMillis(1);
        var sent = service.post(
                path(),
                "hello",
                "iothub-messageid",
                "m1",
                "iothub-ack",
                "none",
                "iothub-app-Color",
                "red",
                "Content-Type",
                "text/plain",
                "Content-Encoding",
                "utf-8");

        assertThat(sent.status()).as(sent.body()).isEqualTo(204);
        var message = downlinks.await(first, 1).getFirst().message();
        assertThat(message.body()).asString().isEqualTo("hello");
        assertThat(message.sequenceNumber()).isEqualTo(1);
        assertThat(message.deliveryCount()).isZero();
        assertThat(message.enqueuedAt()).isBetween(before, Instant.now());
        assertThat(message.expiresAt()).isEqualTo(message.enqueuedAt().plus(Duration.ofHours(1)));
        assertThat(message.properties().system())
                .containsOnlyKeys(SystemProperty.MESSAGE_ID, SystemProperty.ACK)
                .containsEntry(SystemProperty.MESSAGE_ID, "m1");
        assertThat(message.properties().application()).singleElement().satisfies(property -> assertThat(property.name())
                .isEqualTo("Color"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/devices/%s/messages/deviceBound",
                "/devices/%s/messages/devicebound",
                "/devices/%s/Messages/DeviceBound/",
                "/devices%%2F%s%%2Fmessages%%2FdeviceBound",
                "/hub/devices/%s/messages"
            })
    void allSpellingsOfThePathSend(String path) {
        attach(first, WINDOW);
        assertThat(service.post(path.formatted(device), "x").status()).isEqualTo(204);
        assertThat(downlinks.await(first, 1)).hasSize(1);
    }

    @Test
    void anEmptyBodyIsAMessage() {
        attach(first, WINDOW);
        assertThat(service.send("POST", path(), null).status()).isEqualTo(204);
        assertThat(downlinks.await(first, 1).getFirst().message().body()).isEmpty();
    }

    @Test
    void givenMessagesThatWait_whenReceiverAttaches_thenItGetsThemInOrderUpToItsWindow() {
        send("1", "2", "3", "4", "5");
        attach(first, 2);

        assertThat(texts(downlinks.await(first, 2))).containsExactly("1", "2");
        settle(downlinks.await(first, 2).get(1), Disposition.COMPLETED);
        assertThat(texts(downlinks.await(first, 3))).containsExactly("1", "2", "3");
        settle(downlinks.await(first, 3).get(0), Disposition.COMPLETED);
        settle(downlinks.await(first, 3).get(2), Disposition.COMPLETED);
        assertThat(texts(downlinks.await(first, 5))).containsExactly("1", "2", "3", "4", "5");
    }

    @Test
    void aWiderWindowLetsMoreThrough() {
        send("1", "2", "3");
        attach(first, 1);
        downlinks.await(first, 1);
        attach(first, 3);
        assertThat(texts(downlinks.await(first, 3))).containsExactly("1", "2", "3");
    }

    @Test
    void aQueueHasItsGreatestDepthWithWhatIsDelivered() {
        attach(first, 2);
        send(IntStream.rangeClosed(1, 50).mapToObj(Integer::toString).toArray(String[]::new));

        var refused = service.post(path(), "51");
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.header("iothub-errorcode")).isEqualTo("DeviceMaximumQueueDepthExceeded");

        settle(downlinks.await(first, 2).getFirst(), Disposition.COMPLETED);
        downlinks.await(first, 3);
        assertThat(service.post(path(), "52").status()).isEqualTo(204);
    }

    @Test
    void givenAbandonedOrRejected_thenDeliveredAgainOrDeadLettered() {
        attach(first, WINDOW);
        sendWithId("a", "full");
        sendWithId("r", "full");
        var delivered = downlinks.await(first, 2);
        settle(delivered.get(0), Disposition.ABANDONED);
        settle(delivered.get(1), Disposition.REJECTED);

        var again = downlinks.await(first, 3).get(2);
        assertThat(Downlinks.text(again)).isEqualTo("a");
        assertThat(again.message().deliveryCount()).isEqualTo(1);
        assertThat(again.message().lockToken())
                .isNotEqualTo(delivered.get(0).message().lockToken());
        assertThat(outcomes(1)).containsExactly("r Rejected");
    }

    @Test
    void givenSessionThatEndsWithoutSettling_whenAnotherComes_thenDeliveredWithOneMore() {
        attach(first, WINDOW);
        send("1", "2");
        downlinks.await(first, 2);
        gateways.detach(first, Link.MESSAGES);
        attach(second, WINDOW);

        var again = downlinks.await(second, 2);
        assertThat(texts(again)).containsExactly("1", "2");
        assertThat(again).allSatisfy(delivered -> assertThat(delivered.message().deliveryCount())
                .isEqualTo(1));
    }

    @Test
    void givenDeviceThatMovesToAnotherGateway_thenTheOldLockSettlesNothing() {
        attach(first, WINDOW);
        sendWithId("1", "full");
        var old = downlinks.await(first, 1).getFirst();
        attach(second, WINDOW);
        var moved = downlinks.await(second, 1).getFirst();
        assertThat(moved.message().deliveryCount()).isEqualTo(1);

        settle(old, Disposition.REJECTED);
        gateways.settle(second, old.message().lockToken(), Disposition.REJECTED);
        gateways.settle(first, moved.message().lockToken(), Disposition.REJECTED);
        gateways.settle(second, "no-token", Disposition.REJECTED);
        gateways.detach(first, Link.MESSAGES);
        settle(moved, Disposition.COMPLETED);

        assertThat(outcomes(1)).containsExactly("1 Success");
        assertThat(downlinks.of(first)).hasSize(1);
        assertThat(downlinks.of(second)).hasSize(1);
    }

    @Test
    void givenNewestSessionEnds_whenAnOlderStillReceives_thenItGetsWhatIsLeft() {
        attach(first, WINDOW);
        attach(second, WINDOW);
        send("1");
        // The older may have had it before the newer came.
        int count = downlinks.await(second, 1).getFirst().message().deliveryCount();
        gateways.detach(second, Link.MESSAGES);
        Awaitility.await().untilAsserted(() -> assertThat(downlinks.of(first))
                .extracting(delivered -> delivered.message().deliveryCount())
                .endsWith(count + 1));
    }

    @Test
    void givenGatewayThatDied_thenWhatItHadGoesToTheNextSession() throws SQLException {
        var lost = new SessionAddress(device, "001-" + device, 3);
        gateways.attach(lost, generation, 1, Link.MESSAGES, WINDOW);
        send("1");
        downlinks.await(lost, 1);
        receivers.outlived(3, 2);
        attach(second, WINDOW);
        assertThat(downlinks.await(second, 1).getFirst().message().deliveryCount())
                .isEqualTo(1);
    }

    @Test
    void aSessionThatSubscribesAgainGetsAgainWhatItHasNotSettled() {
        attach(first, WINDOW);
        send("1");
        downlinks.await(first, 1);
        gateways.detach(first, Link.MESSAGES);
        attach(first, WINDOW);
        assertThat(downlinks.await(first, 2))
                .extracting(delivered -> delivered.message().deliveryCount())
                .containsExactly(0, 1);
    }

    /** More than are in memory at a time, though perhaps in one transaction. */
    @Test
    void givenManyDevicesThatComeTogether_thenEachGetsAllThatWaits() {
        int each = 40;
        var sessions = Stream.of(0, 1, 2, 3)
                .map(gateway -> new SessionAddress(IdentityId.parse(BackEnd.newId()), BackEnd.newId(), gateway))
                .toList();
        var texts = IntStream.range(0, each).mapToObj(Integer::toString).toList();
        var generations = new HashMap<SessionAddress, Long>();
        for (var session : sessions) {
            generations.put(session, registry.add(session.identity()));
            for (var text : texts) {
                assertThat(service.post("/devices/" + session.identity() + "/messages/deviceBound", text)
                                .status())
                        .isEqualTo(204);
            }
        }
        sessions.forEach(session -> gateways.attach(session, generations.get(session), 1, Link.MESSAGES, each));
        sessions.forEach(
                session -> assertThat(texts(downlinks.await(session, each))).containsExactlyElementsOf(texts));
    }

    @Test
    void eventsThatComeTwiceChangeNothing() {
        attach(first, 1);
        attach(first, 1);
        sendWithId("1", "full");
        sendWithId("2", "full");
        var delivered = downlinks.await(first, 1).getFirst();
        settle(delivered, Disposition.COMPLETED);
        settle(delivered, Disposition.COMPLETED);
        settle(delivered, Disposition.REJECTED);
        attach(first, 1);
        var next = downlinks.await(first, 2).get(1);
        settle(next, Disposition.COMPLETED);
        settle(delivered, Disposition.COMPLETED);

        assertThat(outcomes(2)).containsExactly("1 Success", "2 Success");
        assertThat(next.message().deliveryCount()).isZero();
        assertThat(downlinks.of(first)).hasSize(2);
    }

    @Test
    void aMessageThatIsDeliveredTooOftenIsDeadLettered() {
        sendWithId("1", "negative");
        for (int n = 0; n <= 10; n++) {
            var session = new SessionAddress(device, "%03d-%s".formatted(n, device), 0);
            attach(session, WINDOW);
            assertThat(downlinks.await(session, 1).getFirst().message().deliveryCount())
                    .isEqualTo(n);
            gateways.detach(session, Link.MESSAGES);
        }
        assertThat(outcomes(1)).containsExactly("1 DeliveryCountExceeded");
    }

    @Test
    void aMessageThatWaitsTooLongIsDeadLettered() throws SQLException {
        sendWithId("default", "full");
        send("of no interest");
        service.post(
                path(),
                "",
                "iothub-messageid",
                "own",
                "iothub-ack",
                "negative",
                "iothub-expiry",
                Instant.now().plusSeconds(60).toString());

        ahead(Duration.ofSeconds(61)).runUntilNothingIsDue();
        assertThat(outcomes(1)).containsExactly("own Expired");
        ahead(Duration.ofMinutes(61)).runUntilNothingIsDue();
        assertThat(outcomes(2)).containsExactly("own Expired", "default Expired");
        attach(first, WINDOW);
        send("fresh");
        assertThat(texts(downlinks.await(first, 1))).containsExactly("fresh");
    }

    @Test
    void aMessageThatIsDeliveredDoesNotExpire() throws SQLException {
        attach(first, WINDOW);
        sendWithId("1", "full");
        var delivered = downlinks.await(first, 1).getFirst();
        ahead(Duration.ofHours(2)).runUntilNothingIsDue();
        settle(delivered, Disposition.COMPLETED);
        assertThat(outcomes(1)).containsExactly("1 Success");
    }

    @Test
    void aMessageThatComesBackTooLateExpires() throws SQLException {
        attach(first, WINDOW);
        sendWithId("1", "full");
        var delivered = downlinks.await(first, 1).getFirst();
        var replica = new QueueObserver(
                dispatch(Duration.ofHours(2)), metrics, Clock.offset(Clock.systemUTC(), Duration.ofHours(2)));
        transactions.run(connection -> {
            replica.changed(
                    connection,
                    List.of(new ReceiverEvent.Settled(
                            first, delivered.message().lockToken(), Disposition.ABANDONED, Instant.now())));
            return true;
        });
        assertThat(outcomes(1)).containsExactly("1 Expired");
    }

    @Test
    void onlyThoseAreToldOfWhoAsk() {
        attach(first, WINDOW);
        for (var ack : List.of("none", "positive", "negative", "full")) {
            sendWithId(ack, ack);
        }
        downlinks.await(first, 4).forEach(delivered -> settle(delivered, Disposition.COMPLETED));
        assertThat(outcomes(2)).containsExactly("positive Success", "full Success");
        for (var ack : List.of("none", "positive", "negative", "full")) {
            sendWithId(ack, ack);
        }
        downlinks.await(first, 8).subList(4, 8).forEach(delivered -> settle(delivered, Disposition.REJECTED));
        assertThat(outcomes(4))
                .containsExactly("positive Success", "full Success", "negative Rejected", "full Rejected");
    }

    @Test
    void whatWaitsIsPurged() {
        attach(first, 1);
        sendWithId("1", "full");
        sendWithId("2", "full");
        sendWithId("3", "positive");
        var delivered = downlinks.await(first, 1).getFirst();

        var purged = service.delete("/devices/" + device + "/commands");
        assertThat(purged.status()).as(purged.body()).isEqualTo(200);
        assertThat(purged.body())
                .isEqualTo("{\"deviceId\":\"" + device + "\",\"moduleId\":null,\"totalMessagesPurged\":2}");
        settle(delivered, Disposition.COMPLETED);
        assertThat(outcomes(2)).containsExactly("2 Purged", "1 Success");
        assertThat(service.delete("/devices/" + device + "/commands").text("/totalMessagesPurged"))
                .isEqualTo("0");
    }

    @Test
    void thereIsNoQueueOfAnUnknownDevice() {
        var unknown = BackEnd.newId();
        for (var answer : List.of(
                service.post("/devices/" + unknown + "/messages/deviceBound", "x"),
                service.delete("/devices/" + unknown + "/commands"))) {
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.header("iothub-errorcode")).isEqualTo("DeviceNotFound");
        }
    }

    @Test
    void aQueueEndsWithItsDevice() throws SQLException {
        sendWithId("1", "full");
        registry.tellRemoved(device);
        assertThat(service.post(path(), "2").status()).isEqualTo(404);
        Awaitility.await().until(() -> count("queue") == 0 && count("message") == 0);

        generation = registry.add(device);
        send("3");
        attach(first, WINDOW);
        assertThat(texts(downlinks.await(first, 1))).containsExactly("3");
        assertThat(feedback.of(device)).isEmpty();
    }

    @Test
    void aLaterLifeOfADeviceHasNothingOfAnEarlierOne() {
        attach(first, WINDOW);
        sendWithId("1", "full");
        var old = downlinks.await(first, 1).getFirst();
        long earlier = generation;
        generation = registry.add(device);
        send("2");
        // The session of the earlier life receives still, but not this.
        gateways.attach(first, earlier, 1, Link.MESSAGES, WINDOW);
        settle(old, Disposition.COMPLETED);
        attach(second, WINDOW);

        assertThat(texts(downlinks.await(second, 1))).containsExactly("2");
        assertThat(downlinks.of(first)).hasSize(1);
        assertThat(feedback.of(device)).isEmpty();
    }

    @Test
    void aSessionOfALaterLifeEmptiesTheQueue() {
        send("1");
        generation = registry.add(device);
        attach(first, WINDOW);
        send("2");
        assertThat(texts(downlinks.await(first, 1))).containsExactly("2");
    }

    @Test
    void givenDeletedLate_whenDeviceIsThereAgain_thenItsQueueStays() {
        long earlier = generation;
        generation = registry.add(device);
        send("1");
        registry.tellRemoved(device, earlier);
        attach(first, WINDOW);
        send("2");
        assertThat(texts(downlinks.await(first, 2))).containsExactly("1", "2");
    }

    @Test
    void badMessagesAreRefusedWithWhatIsWrong() {
        assertRefused(400, "ArgumentInvalid", "iothub-ack", "iothub-ack", "perhaps");
        assertRefused(400, "ArgumentInvalid", "iothub-expiry", "iothub-expiry", "soon");
        assertRefused(400, "ArgumentInvalid", "iothub-to", "iothub-app-iothub-to", "x");
        assertRefused(403, "InvalidMessageExpiryTime", "2 days", "iothub-expiry", "2020-01-01T00:00:00Z");
        assertRefused(
                403,
                "InvalidMessageExpiryTime",
                "2 days",
                "iothub-expiry",
                Instant.now().plus(Duration.ofDays(2)).plusSeconds(60).toString());
        var large = service.post(path(), "x".repeat(64 * 1024 + 1));
        assertThat(large.status()).isEqualTo(413);
        assertThat(large.header("iothub-errorcode")).isEqualTo("MessageTooLarge");
        assertThat(service.post(path(), "x".repeat(64 * 1024)).status()).isEqualTo(204);
    }

    @Test
    void onlyWhoMayConnectAsAServiceMaySendAndPurge() {
        var stranger = BackEnd.of(port, "registryReadWrite");
        assertThat(stranger.post(path(), "x").status()).isEqualTo(401);
        assertThat(stranger.post("/hub/devices/" + device + "/messages", "x").status())
                .isEqualTo(401);
        assertThat(stranger.delete("/devices/" + device + "/commands").status()).isEqualTo(401);
    }

    @Test
    void givenRegistryAway_whenMessageSent_then503() {
        registry.beAway(true);
        try {
            assertThat(service.post(path(), "x").status()).isEqualTo(503);
        } finally {
            registry.beAway(false);
        }
    }

    /** Several send, others look after queues, and the session settles and moves: each message ends once. */
    @Test
    void givenManyAtOnce_thenEachMessageIsCompletedOnceAndTheWindowHolds() throws Exception {
        int senders = 4;
        int each = 10;
        attach(first, 3);
        var seen = new ArrayList<MessageDelivered>();
        try (var threads = Executors.newCachedThreadPool()) {
            var sending = threads.invokeAll(Stream.concat(
                            IntStream.range(0, senders).mapToObj(sender -> sending(sender, each)),
                            Collections.nCopies(3, lookingAfter()).stream())
                    .toList());
            for (var statuses : sending) {
                assertThat(statuses.get()).allMatch(status -> status == 204);
            }
        }
        while (seen.size() < senders * each) {
            var delivered = downlinks.await(first, seen.size() + 1);
            assertThat(delivered.size() - seen.size()).isLessThanOrEqualTo(3);
            var next = delivered.get(seen.size());
            seen.add(next);
            settle(next, Disposition.COMPLETED);
        }
        assertThat(seen.stream().map(delivered -> delivered.message().sequenceNumber()))
                .isSorted()
                .doesNotHaveDuplicates();
        assertThat(outcomes(senders * each)).hasSize(senders * each).allMatch(outcome -> outcome.endsWith("Success"));
        assertThat(count("message")).isZero();
    }

    private Callable<List<Integer>> sending(int sender, int count) {
        return () -> IntStream.range(0, count)
                .map(n -> sendWithId(sender + "-" + n, "full").status())
                .boxed()
                .toList();
    }

    /** What replicas do meanwhile, ahead of every lock of a time. */
    private Callable<List<Integer>> lookingAfter() {
        return () -> {
            for (int n = 0; n < 20; n++) {
                ahead(Duration.ofSeconds(61)).run();
            }
            return List.of();
        };
    }

    private void assertRefused(int status, String code, String said, String... headers) {
        var refused = service.post(path(), "x", headers);
        assertThat(refused.status()).as(refused.body()).isEqualTo(status);
        assertThat(refused.header("iothub-errorcode")).isEqualTo(code);
        assertThat(refused.text("/Message")).contains(said);
    }

    private String path() {
        return "/devices/" + device + "/messages/deviceBound";
    }

    private void send(String... bodies) {
        for (var body : bodies) {
            var sent = service.post(path(), body);
            assertThat(sent.status()).as(sent.body()).isEqualTo(204);
        }
    }

    /** Sends a message whose text is its id. */
    private Answer sendWithId(String id, String ack) {
        var sent = service.post(path(), id, "iothub-messageid", id, "iothub-ack", ack);
        assertThat(sent.status()).as(sent.body()).isEqualTo(204);
        return sent;
    }

    private void attach(SessionAddress session, int window) {
        gateways.attach(session, generation, 1, Link.MESSAGES, window);
    }

    private void settle(MessageDelivered delivered, Disposition disposition) {
        gateways.settle(delivered.to(), delivered.message().lockToken(), disposition);
    }

    private static List<String> texts(List<MessageDelivered> delivered) {
        return delivered.stream().map(Downlinks::text).toList();
    }

    /** Waits for so many; which message ended how. */
    private List<String> outcomes(int count) {
        return feedback.await(device, count).stream()
                .map(record -> record.get("originalMessageId").asText() + " "
                        + record.get("statusCode").asText())
                .toList();
    }

    private long count(String table) throws SQLException {
        try (var connection = dataSource.getConnection();
                var query = connection.prepareStatement("select count(*) from " + table + " where device = ?")) {
            query.setString(1, device.toString());
            try (var rows = query.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        }
    }

    private Dispatch dispatch(Duration ahead) {
        return new Dispatch(outbox, metrics, config, Clock.offset(Clock.systemUTC(), ahead));
    }

    /** What a replica does whose clock is ahead. */
    private Replica ahead(Duration time) {
        return new Replica(new Expiry(transactions, dispatch(time), config, Clock.offset(Clock.systemUTC(), time)));
    }

    private record Replica(Expiry expiry) {

        boolean run() throws SQLException {
            return expiry.run();
        }

        void runUntilNothingIsDue() throws SQLException {
            boolean more;
            do {
                more = run();
            } while (more);
        }
    }
}
