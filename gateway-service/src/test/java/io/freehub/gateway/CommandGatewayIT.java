package io.freehub.gateway;

import static io.freehub.gateway.GatewayResource.HOST;
import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.ConnectionEvent;
import io.freehub.model.ConnectionEvent.SubscriptionsKept;
import io.freehub.model.DeviceBoundMessage;
import io.freehub.model.Disposition;
import io.freehub.model.Downlink.DesiredChanged;
import io.freehub.model.Downlink.MessageDelivered;
import io.freehub.model.Downlink.MethodCalled;
import io.freehub.model.Downlink.MethodsAttached;
import io.freehub.model.Downlink.ObserveAnswered;
import io.freehub.model.Downlink.TwinAnswered;
import io.freehub.model.HubError;
import io.freehub.model.IdentityId;
import io.freehub.model.KeptSubscriptions;
import io.freehub.model.KeptSubscriptions.Feed;
import io.freehub.model.MessageProperties;
import io.freehub.model.MessageProperties.Application;
import io.freehub.model.MethodReply;
import io.freehub.model.ReceiverEvent.Attached;
import io.freehub.model.ReceiverEvent.Detached;
import io.freehub.model.ReceiverEvent.Link;
import io.freehub.model.ReceiverEvent.Settled;
import io.freehub.model.SasToken;
import io.freehub.model.SessionAddress;
import io.freehub.model.SymmetricKeys;
import io.freehub.model.SystemProperty;
import io.freehub.model.Topic;
import io.freehub.model.TwinRequest;
import io.freehub.service.json.HubJson;
import io.freehub.testing.KafkaResource;
import io.freehub.testing.MqttPacket;
import io.freehub.testing.TestKafka;
import io.freehub.testing.TopicReader;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a device receives over MQTT: messages of back ends, and calls of its methods. */
@QuarkusTest
@QuarkusTestResource(KafkaResource.class)
@QuarkusTestResource(GatewayResource.class)
class CommandGatewayIT {

    private static final String CALLS = "$iothub/methods/POST/#";
    private static final String ANSWER = "$iothub/methods/res/";
    private static final String TWIN_ANSWERS = "$iothub/twin/res/#";
    private static final String DESIRED = "$iothub/twin/PATCH/properties/desired/#";

    private static final int PUBLISH_QOS_0 = 0x30;
    private static final int PUBLISH_QOS_1 = 0x32;
    private static final int SUBACK = 0x90;
    private static final int UNSUBACK = 0xb0;
    private static final int PINGRESP = 0xd0;

    private static final int MESSAGE_WINDOW = 16;
    private static final int METHOD_WINDOW = 10;

    private static FakeRegistry registry;
    private static FakeTwins twins;
    private static FakeCommands commands;

    private final String device = "d-" + UUID.randomUUID();
    private SymmetricKeys keys;

    @BeforeAll
    static void start() {
        registry = new FakeRegistry(
                URI.create(config("freehub.gateway.registry.url")).getPort());
        twins = new FakeTwins();
        commands = new FakeCommands();
    }

    @AfterAll
    static void stop() {
        commands.close();
        twins.close();
        registry.stop();
    }

    @BeforeEach
    void register() {
        keys = registry.add(device);
    }

    // Messages

    @Test
    void messageIsDeliveredAndCompletedByItsAcknowledgement() throws IOException {
        try (var client = connected()) {
            client.subscribe(7, Map.of(messages(), 2));
            assertThat(client.packet().body()).containsExactly(0, 7, 1);
            var attached = commands.await(device, Attached.class);
            assertThat(attached.link()).isEqualTo(Link.MESSAGES);
            assertThat(attached.window()).isEqualTo(MESSAGE_WINDOW);
            assertThat(attached.generationId()).isEqualTo("g-" + device);
            assertThat(attached.incarnation()).isPositive();
            assertThat(attached.from().identity()).hasToString(device);
            assertThat(attached.from().gateway()).isEqualTo(GatewayResource.ORDINAL);

            commands.send(new MessageDelivered(
                    attached.from(),
                    message(
                            "lock-1",
                            0,
                            "häl\0lo",
                            new MessageProperties(
                                    Map.of(SystemProperty.MESSAGE_ID, "m1"),
                                    List.of(
                                            new Application("a", Optional.of("1+1")),
                                            new Application("none", Optional.of("")))))));

            var publish = client.packet();
            assertThat(publish.type()).isEqualTo(PUBLISH_QOS_1);
            assertThat(publish.topic())
                    .isEqualTo("devices/" + device + "/messages/devicebound/%24.mid=m1&%24.to=%2Fdevices%2F" + device
                            + "%2Fmessages%2FdeviceBound&a=1%2B1");
            assertThat(publish.payload()).isEqualTo("häl\0lo");
            assertThat(publish.packetId()).isPositive();
            assertThat(commands.received(device))
                    .as("before it is acknowledged")
                    .containsExactly(attached);
            client.acknowledge(publish.packetId());
            var settled = commands.await(device, Settled.class);
            assertThat(settled.lockToken()).isEqualTo("lock-1");
            assertThat(settled.disposition()).isEqualTo(Disposition.COMPLETED);
            assertThat(settled.from()).isEqualTo(attached.from());
        }
    }

    @Test
    void messageOfQosZeroIsCompletedWhenItIsWritten() throws IOException {
        try (var client = connected()) {
            var session = receiving(client, 0);
            commands.send(new MessageDelivered(session, message("lock-1", "x")));

            var publish = client.packet();
            assertThat(publish.type()).isEqualTo(PUBLISH_QOS_0);
            assertThat(publish.topic())
                    .isEqualTo("devices/" + device + "/messages/devicebound/%24.to=%2Fdevices%2F" + device
                            + "%2Fmessages%2FdeviceBound");
            assertThat(publish.payload()).isEqualTo("x");
            assertThat(commands.await(device, Settled.class).disposition()).isEqualTo(Disposition.COMPLETED);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void messageComesOverWebSocketsToo(int qos) throws Exception {
        var port = Integer.parseInt(config("freehub.gateway.https.port"));
        try (var client = RawWebSocket.open(port, "/$iothub/websocket", "mqtt").mqtt()) {
            assertThat(client.connect(device, token(device, keys))).isZero();
            var session = receiving(client, qos);
            var body = "x".repeat(60_000);
            commands.send(new MessageDelivered(session, message("lock-1", body)));

            var publish = client.packet();
            assertThat(publish.payload()).isEqualTo(body);
            if (qos == 1) {
                client.acknowledge(publish.packetId());
            }
            assertThat(commands.await(device, Settled.class).disposition()).isEqualTo(Disposition.COMPLETED);
        }
    }

    @Test
    void messagesAreAcknowledgedInAnyOrder() throws IOException {
        try (var client = connected()) {
            var session = receiving(client, 1);
            for (int i = 0; i < 3; i++) {
                commands.send(new MessageDelivered(session, message("lock-" + i, "x")));
            }
            int first = client.packet().packetId();
            int second = client.packet().packetId();
            int third = client.packet().packetId();
            for (int id : new int[] {third, 60_000, first, first, second}) {
                client.acknowledge(id);
            }

            assertThat(commands.await(device, Settled.class, 3))
                    .extracting(Settled::lockToken)
                    .containsExactly("lock-2", "lock-0", "lock-1");
            client.sendHex("c000");
            assertThat(client.packet().type()).isEqualTo(PINGRESP);
        }
    }

    @Test
    void deliveryThatComesAgainIsPassedOver() throws IOException {
        try (var client = connected()) {
            var session = receiving(client, 1);
            commands.send(new MessageDelivered(session, message("lock-1", "1")));
            commands.send(new MessageDelivered(session, message("lock-1", "1")));
            commands.send(new MessageDelivered(session, message("lock-2", "2")));
            var first = client.packet();
            assertThat(first.payload()).isEqualTo("1");
            assertThat(client.packet().payload()).isEqualTo("2");
            client.acknowledge(first.packetId());
            commands.await(device, Settled.class);
            commands.send(new MessageDelivered(session, message("lock-1", "1")));
            commands.send(new MessageDelivered(session, message("lock-3", "3")));

            assertThat(client.packet().payload()).isEqualTo("3");
        }
    }

    @Test
    void manyMessagesComeInTheirOrderWithIdsOfTheirOwn() throws IOException {
        int count = 100;
        try (var client = connected()) {
            var session = receiving(client, 1);
            for (int i = 0; i < MESSAGE_WINDOW; i++) {
                commands.send(new MessageDelivered(session, message("lock-" + i, "n" + i)));
            }
            var ids = new HashSet<Integer>();
            for (int i = 0; i < count; i++) {
                var publish = client.packet();
                assertThat(publish.payload()).isEqualTo("n" + i);
                assertThat(ids.add(publish.packetId())).isTrue();
                client.acknowledge(publish.packetId());
                commands.await(device, Settled.class, i + 1);
                if (i + MESSAGE_WINDOW < count) {
                    int next = i + MESSAGE_WINDOW;
                    commands.send(new MessageDelivered(session, message("lock-" + next, "n" + next)));
                }
            }
            assertThat(ids).doesNotContain(0);
        }
    }

    @Test
    void messageBeyondTheWindowIsGivenBack() throws IOException {
        try (var client = connected()) {
            var session = receiving(client, 1);
            for (int i = 0; i <= MESSAGE_WINDOW; i++) {
                commands.send(new MessageDelivered(session, message("lock-" + i, "x")));
            }

            var settled = commands.await(device, Settled.class);
            assertThat(settled.lockToken()).isEqualTo("lock-" + MESSAGE_WINDOW);
            assertThat(settled.disposition()).isEqualTo(Disposition.ABANDONED);
        }
    }

    @Test
    void messageThatFitsIntoNoTopicIsRejected() throws IOException {
        try (var client = connected()) {
            var session = receiving(client, 1);
            commands.send(new MessageDelivered(
                    session,
                    message(
                            "lock-1",
                            0,
                            "",
                            new MessageProperties(
                                    Map.of(), List.of(new Application("k", Optional.of("/".repeat(30_000))))))));

            assertThat(commands.await(device, Settled.class).disposition()).isEqualTo(Disposition.REJECTED);
        }
    }

    @Test
    void connectionThatBreaksGivesBackWhatItHasNotAcknowledged() throws IOException {
        var client = connected();
        var session = receiving(client, 1);
        commands.send(new MessageDelivered(session, message("lock-1", "x")));
        assertThat(client.packet().type()).isEqualTo(PUBLISH_QOS_1);
        client.reset();
        var detached = commands.await(device, Detached.class);
        assertThat(detached.from()).isEqualTo(session);
        assertThat(detached.link()).isEqualTo(Link.MESSAGES);

        try (var again = connected()) {
            var later = receiving(again, 1, 2);
            commands.send(new MessageDelivered(later, message("lock-2", 1, "x", MessageProperties.NONE)));

            var publish = again.packet();
            assertThat(publish.type())
                    .as("a packet id of its own, so no duplicate")
                    .isEqualTo(PUBLISH_QOS_1);
            again.acknowledge(publish.packetId());
            assertThat(commands.await(device, Settled.class).lockToken()).isEqualTo("lock-2");
        }
    }

    @Test
    void deviceThatKeepsItsSessionReceivesWithoutAnotherSubscribe() throws IOException {
        try (var log = TopicReader.fromNow(Topic.CONNECTIONS.name())) {
            try (var client = RawClient.to(port())) {
                assertThat(client.connectAgain(device, token(device, keys), false))
                        .isFalse();
                receiving(client, 1);
                assertThat(kept(log, 1)).isEqualTo(atQos(1));
            }
            commands.await(device, Detached.class);

            // The registry has not heard of it yet.
            try (var client = RawClient.to(port())) {
                assertThat(client.connectAgain(device, token(device, keys), false))
                        .isTrue();
                var again = commands.await(device, Attached.class, 2).getLast().from();
                commands.send(new MessageDelivered(again, message("lock-1", "1")));
                assertThat(client.packet().type()).isEqualTo(PUBLISH_QOS_1);
                client.subscribe(2, Map.of(messages(), 0));
                assertThat(client.packet().type()).isEqualTo(SUBACK);
                assertThat(kept(log, 2)).isEqualTo(atQos(0));
                client.unsubscribe(3, messages());
                assertThat(client.packet().type()).isEqualTo(UNSUBACK);
                assertThat(kept(log, 3)).isEqualTo(KeptSubscriptions.NONE);
                receiving(client, 1, 3);
                assertThat(kept(log, 4)).isEqualTo(atQos(1));
            }

            try (var client = RawClient.to(port())) {
                assertThat(client.connectAgain(device, token(device, keys), true))
                        .isFalse();
                assertThat(kept(log, 5)).isEqualTo(KeptSubscriptions.NONE);
                receiving(client, 1, 4);
                client.unsubscribe(3, messages());
                assertThat(client.packet().type()).isEqualTo(UNSUBACK);
            }
            commands.await(device, Detached.class, 4);
            assertThat(log.readToEnd())
                    .filteredOn(record -> event(record) instanceof SubscriptionsKept)
                    .as("a clean session keeps nothing")
                    .hasSize(5);
        }
    }

    @Test
    void deviceThatKeepsItsSessionIsCalledAndToldOfItsTwinWithoutAnotherSubscribe() throws IOException {
        try (var client = RawClient.to(port())) {
            assertThat(client.connectAgain(device, token(device, keys), false)).isFalse();
            client.subscribe(1, Map.of(CALLS, 0));
            client.subscribe(2, Map.of(TWIN_ANSWERS, 0));
            assertThat(client.packet().body()).as("it waits for nobody").containsExactly(0, 2, 0);
            var session = commands.await(device, Attached.class).from();
            commands.send(new MethodsAttached(session));
            assertThat(client.packet().body()).containsExactly(0, 1, 0);
        }
        commands.await(device, Detached.class);

        // As the SDK for Node.js does with a fresh token: it was called before, so it is called again.
        try (var client = RawClient.to(port())) {
            assertThat(client.connectAgain(device, token(device, keys), false)).isTrue();
            var session = commands.await(device, Attached.class, 2).getLast().from();
            commands.send(call(session, "m", "1"));
            assertThat(client.packet().topic()).startsWith("$iothub/methods/POST/m/");
            client.publish("$iothub/twin/GET/?$rid=7", 1, "");
            assertThat(client.puback()).isEqualTo(1);
            twins.await(device, TwinRequest.Get.class);
            twins.send(new TwinAnswered(session, "7", 200, Optional.empty(), "{}"));
            assertThat(client.packet().topic()).isEqualTo("$iothub/twin/res/200/?$rid=7");
        }
    }

    @Test
    void subscriptionsThatTheRegistryKeepsCountUntilTheyAreTakenBack() throws IOException {
        registry.keep(device, new KeptSubscriptions(Optional.empty(), Set.of(Feed.METHODS, Feed.DESIRED_PROPERTIES)));
        try (var log = TopicReader.fromNow(Topic.CONNECTIONS.name());
                var client = RawClient.to(port())) {
            assertThat(client.connectAgain(device, token(device, keys), false)).isTrue();
            var session = commands.await(device, Attached.class).from();
            var observe = twins.await(device, TwinRequest.Observe.class);
            twins.send(new ObserveAnswered(session, observe.number(), 200));
            twins.send(new DesiredChanged(session, 2, "{\"$version\":2}"));
            assertThat(client.packet().topic()).isEqualTo("$iothub/twin/PATCH/properties/desired/?$version=2");

            client.unsubscribe(1, CALLS);
            assertThat(client.packet().type()).isEqualTo(UNSUBACK);
            assertThat(kept(log, 1)).isEqualTo(KeptSubscriptions.NONE.with(Feed.DESIRED_PROPERTIES));
            client.unsubscribe(2, DESIRED);
            assertThat(client.packet().type()).isEqualTo(UNSUBACK);
            assertThat(kept(log, 2)).isEqualTo(KeptSubscriptions.NONE);
        }
    }

    private static KeptSubscriptions atQos(int qos) {
        return KeptSubscriptions.NONE.withMessages(Optional.of(qos));
    }

    /** What was said last of the subscriptions that the device keeps, once so much was said. */
    private KeptSubscriptions kept(TopicReader log, int count) {
        var last = log.awaitCount(count, record -> event(record) instanceof SubscriptionsKept, TopicReader.PATIENCE)
                .getLast();
        return ((SubscriptionsKept) event(last)).subscriptions();
    }

    private ConnectionEvent event(ConsumerRecord<String, byte[]> record) {
        var event = HubJson.read(record.value(), ConnectionEvent.class);
        return event instanceof SubscriptionsKept kept
                        && !kept.identity().toString().equals(device)
                ? new ConnectionEvent.GatewayAlive(kept.gateway(), kept.at())
                : event;
    }

    @Test
    void sessionThatUnsubscribedReceivesNoMoreUntilItSubscribesAgain() throws IOException {
        try (var client = connected()) {
            var session = receiving(client, 1);
            client.unsubscribe(5, messages());
            assertThat(client.packet().type()).isEqualTo(UNSUBACK);
            commands.await(device, Detached.class);
            commands.send(new MessageDelivered(session, message("lock-1", "1")));
            assertThat(commands.await(device, Detached.class, 2).getLast().from())
                    .as("nothing stays locked for it")
                    .isEqualTo(session);

            receiving(client, 1, 2);
            commands.send(new MessageDelivered(session, message("lock-2", "2")));
            assertThat(client.packet().payload()).isEqualTo("2");
        }
        assertThat(commands.await(device, Detached.class, 3)).hasSize(3);
        assertThat(commands.received(device))
                .hasExactlyElementsOfTypes(
                        Attached.class, Detached.class, Detached.class, Attached.class, Detached.class);
    }

    @Test
    void whatIsForASessionThatIsGoneIsAnsweredForIt() {
        var gone = new SessionAddress(IdentityId.parse(device), "0123", GatewayResource.ORDINAL);
        commands.send(new MessageDelivered(gone, message("lock-1", "x")));
        var call = call(gone, "reboot", "{}");
        commands.send(call);

        var detached = commands.await(device, Detached.class);
        assertThat(detached.from()).isEqualTo(gone);
        assertThat(detached.link()).isEqualTo(Link.MESSAGES);
        assertThat(commands.reply(call))
                .isEqualTo(new MethodReply.Undelivered(call.call(), HubError.DEVICE_NOT_ONLINE));
    }

    @Test
    void clientThatDoesNotReadItsMessagesLosesItsSession() throws IOException {
        try (var client = connected()) {
            var session = receiving(client, 0);
            for (int i = 0; i < 200; i++) {
                commands.send(new MessageDelivered(session, message("lock-" + i, "x".repeat(60_000))));
            }

            commands.await(device, Detached.class);
        }
    }

    @Test
    void endOfAReceiverIsToldHoweverLongKafkaDoesNotTakeIt() throws Exception {
        var other = "o-" + UUID.randomUUID();
        try (var client = connected();
                var late = connected(other, registry.add(other))) {
            receiving(client, 1);
            largestReceiverEvent("10");
            try {
                client.unsubscribe(2, messages());
                assertThat(client.packet().type()).isEqualTo(UNSUBACK);
                late.subscribe(1, Map.of(CALLS, 0));
                assertThat(late.isClosed()).as("Kafka takes no subscription").isTrue();
                assertThat(commands.received(device)).hasOnlyElementsOfType(Attached.class);
            } finally {
                largestReceiverEvent(Integer.toString(1 << 20));
            }
        }

        assertThat(commands.await(device, Detached.class).link()).isEqualTo(Link.MESSAGES);
        assertThat(commands.await(other, Detached.class).link()).isEqualTo(Link.METHODS);
    }

    @Test
    void subscriptionOfAModuleToMessagesIsGrantedForNothing() throws IOException {
        var module = device + "/m";
        try (var client = connected(module, registry.add(module))) {
            client.subscribe(3, Map.of("devices/" + device + "/modules/m/messages/devicebound/#", 1));
            assertThat(client.packet().body()).containsExactly(0, 3, 1);
            client.unsubscribe(4, "devices/" + device + "/modules/m/messages/devicebound/#");
            assertThat(client.packet().type()).isEqualTo(UNSUBACK);
            client.publish("devices/" + device + "/modules/m/messages/events/", 5, "x");
            assertThat(client.puback()).isEqualTo(5);
        }
        assertThat(commands.received(device)).isEmpty();
    }

    // Methods

    @Test
    void methodIsCalledAndAnswered() throws IOException {
        try (var client = connected()) {
            var session = callable(client);
            var call = call(session, "reboot", "{\"delay\":\"ü\"}");
            commands.send(call);

            var publish = client.packet();
            assertThat(publish.type()).isEqualTo(PUBLISH_QOS_0);
            assertThat(publish.topic()).isEqualTo("$iothub/methods/POST/reboot/?$rid=" + call.call());
            assertThat(publish.payload()).isEqualTo("{\"delay\":\"ü\"}");
            client.publish(ANSWER + "200/?$rid=" + call.call(), 4, "{\"ok\":\"ü\"}");
            assertThat(client.puback()).isEqualTo(4);
            var answered = (MethodReply.Answered) commands.reply(call);
            assertThat(answered.status()).isEqualTo(200);
            assertThat(new String(answered.payload(), StandardCharsets.UTF_8)).isEqualTo("{\"ok\":\"ü\"}");

            var other = call(session, "stop", "");
            commands.send(other);
            assertThat(client.packet().payload()).isEmpty();
            client.publish(ANSWER + "-7/?$rid=" + other.call(), 0, "");
            var nothing = (MethodReply.Answered) commands.reply(other);
            assertThat(nothing.status()).isEqualTo(-7);
            assertThat(nothing.payload()).isEmpty();
        }
    }

    @Test
    void answerGoesToAServiceThatHasComeLately() throws IOException {
        try (var client = connected()) {
            var session = callable(client);
            var call = new MethodCalled(session, "late1", FakeCommands.LATE_ORDINAL, "m", "", inAMinute());
            commands.send(call);
            client.packet();
            client.publish(ANSWER + "200/?$rid=late1", 1, "1");

            assertThat(client.puback()).isEqualTo(1);
            assertThat(commands.reply(call)).isInstanceOf(MethodReply.Answered.class);
        }
    }

    @Test
    void subscriptionIsConfirmedOnceAllThatItAsksForIs() throws IOException {
        try (var client = connected()) {
            var filters = new LinkedHashMap<String, Integer>();
            filters.put(CALLS, 0);
            filters.put("devices/x/messages/devicebound/#", 1);
            filters.put(messages(), 1);
            filters.put(DESIRED, 0);
            filters.put("$iothub/twin/res/#", 2);
            client.subscribe(9, filters);
            var observe = twins.await(device, TwinRequest.Observe.class);
            var attached = commands.await(device, Attached.class, 2);
            assertThat(attached).extracting(Attached::link).containsExactly(Link.METHODS, Link.MESSAGES);
            assertThat(attached.getFirst().window()).isEqualTo(METHOD_WINDOW);
            twins.send(new ObserveAnswered(observe.from(), observe.number(), 200));
            commands.send(new MessageDelivered(observe.from(), message("lock-1", "x")));
            assertThat(client.packet().payload()).as("messages need not wait").isEqualTo("x");
            client.sendHex("c000");
            assertThat(client.packet().type()).isEqualTo(PINGRESP);

            commands.send(new MethodsAttached(observe.from()));

            var suback = client.packet();
            assertThat(suback.type()).isEqualTo(SUBACK);
            assertThat(suback.body()).containsExactly(0, 9, 0, (byte) 0x80, 1, 0, 1);
            client.subscribe(10, Map.of(CALLS, 1));
            assertThat(client.packet().body()).as("again").containsExactly(0, 10, 1);
        }
        assertThat(commands.await(device, Detached.class, 2))
                .extracting(Detached::link)
                .containsExactlyInAnyOrder(Link.MESSAGES, Link.METHODS);
    }

    @Test
    void subscriptionThatIsTakenBackIsAnsweredAtOnce() throws IOException {
        try (var client = connected()) {
            client.subscribe(1, Map.of(CALLS, 0));
            client.unsubscribe(2, CALLS);

            assertThat(client.packet().type()).isEqualTo(SUBACK);
            assertThat(client.packet().type()).isEqualTo(UNSUBACK);
            var session = commands.await(device, Detached.class).from();
            var call = call(session, "m", "");
            commands.send(call);
            assertThat(commands.reply(call))
                    .isEqualTo(new MethodReply.Undelivered(call.call(), HubError.DEVICE_NOT_ONLINE));
        }
    }

    @Test
    void tooManySubscriptionsThatWaitEndTheConnection() throws IOException {
        try (var client = connected()) {
            for (int id = 1; id <= 11; id++) {
                client.subscribe(id, Map.of(CALLS, 1));
            }

            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void answerToNothingIsAcknowledgedAndIgnored() throws IOException {
        try (var client = connected()) {
            client.publish(ANSWER + "200/?$rid=none", 1, "{}");
            client.publish(ANSWER + "200/", 2, "{}");
            assertThat(client.puback()).isEqualTo(1);
            assertThat(client.puback()).isEqualTo(2);
            var session = callable(client);
            var call = call(session, "m", "");
            commands.send(call);
            client.packet();
            client.publish(ANSWER + "1/?$rid=" + call.call(), 3, "1");
            client.publish(ANSWER + "2/?$rid=" + call.call(), 4, "2");
            client.publish(ANSWER + "3/?$rid=" + call.call().toUpperCase(Locale.ROOT) + "x", 5, "3");

            assertThat(client.puback()).isEqualTo(3);
            assertThat(client.puback()).isEqualTo(4);
            assertThat(client.puback()).isEqualTo(5);
        }
        assertThat(commands.replies(device))
                .singleElement()
                .isInstanceOfSatisfying(MethodReply.Answered.class, answered -> assertThat(answered.status())
                        .isEqualTo(1));
    }

    @Test
    void callIsForgottenWhenNobodyWaitsForItAnyMore() throws IOException {
        try (var client = connected()) {
            var session = callable(client);
            commands.send(new MethodCalled(
                    session, "past", 2, "past", "", Instant.now().minusSeconds(1)));
            var until = Instant.now().plusSeconds(2);
            var short1 = new MethodCalled(session, "short", 2, "short", "", until);
            commands.send(short1);
            assertThat(client.packet().topic()).endsWith("$rid=short");
            Awaitility.await().until(() -> Instant.now().isAfter(until));
            client.publish(ANSWER + "200/?$rid=short", 1, "{}");
            assertThat(client.puback()).isEqualTo(1);
        }
        assertThat(commands.replies(device)).isEmpty();
    }

    @Test
    void callBeyondTheWindowIsRefusedUntilOneIsAnswered() throws IOException {
        try (var client = connected()) {
            var session = callable(client);
            String first = "";
            for (int i = 0; i < METHOD_WINDOW; i++) {
                var call = call(session, "m", "");
                first = i == 0 ? call.call() : first;
                commands.send(call);
                client.packet();
            }
            var refused = call(session, "m", "");
            commands.send(refused);
            assertThat(commands.reply(refused))
                    .isEqualTo(new MethodReply.Undelivered(refused.call(), HubError.TOO_MANY_METHOD_CALLS));
            client.publish(ANSWER + "200/?$rid=" + first, 1, "");
            assertThat(client.puback()).isEqualTo(1);

            var next = call(session, "m", "");
            commands.send(next);
            assertThat(client.packet().topic()).endsWith("$rid=" + next.call());
        }
    }

    @Test
    void answerThatIsTooLargeIsSaidToBeSo() throws IOException {
        try (var client = connected()) {
            var session = callable(client);
            var call = call(session, "m", "");
            commands.send(call);
            client.packet();
            client.send(MqttPacket.publish(
                    ANSWER + "200/?$rid=" + call.call(), 1, new byte[MethodReply.MAX_PAYLOAD + 1], false));
            assertThat(client.puback()).isEqualTo(1);
            assertThat(commands.reply(call))
                    .isEqualTo(new MethodReply.Undelivered(call.call(), HubError.MESSAGE_TOO_LARGE));

            var next = call(session, "m", "");
            commands.send(next);
            client.packet();
            client.send(MqttPacket.publish(
                    ANSWER + "200/?$rid=" + next.call(), 2, new byte[MethodReply.MAX_PAYLOAD], false));
            assertThat(client.puback()).isEqualTo(2);
            assertThat(((MethodReply.Answered) commands.reply(next)).payload()).hasSize(MethodReply.MAX_PAYLOAD);
        }
    }

    @Test
    void methodOfAModuleIsItsOwn() throws IOException {
        var module = device + "/m";
        try (var client = connected(module, registry.add(module))) {
            var session = callable(client);
            assertThat(session.identity()).hasToString(module);
            var call = call(session, "m", "1");
            commands.send(call);
            client.packet();
            client.publish(ANSWER + "200/?$rid=" + call.call(), 1, "1");

            assertThat(client.puback()).isEqualTo(1);
            assertThat(commands.reply(call)).isInstanceOf(MethodReply.Answered.class);
        }
    }

    @Test
    void acknowledgementsOfAnswersComeInTheirOrder() throws IOException {
        try (var client = connected()) {
            var session = callable(client);
            int id = 0;
            for (int i = 0; i < METHOD_WINDOW; i++) {
                var call = call(session, "m", "");
                commands.send(call);
                client.packet();
                client.publish("devices/" + device + "/messages/events/", ++id, "x");
                client.publish(ANSWER + "200/?$rid=" + call.call(), ++id, "x");
                client.publish(ANSWER + "200/?$rid=none", ++id, "x");
                client.publish("devices/" + device + "/messages/events/", ++id, "x");
                for (int expected = id - 3; expected <= id; expected++) {
                    assertThat(client.puback()).isEqualTo(expected);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc/?$rid=1", "200", "/?$rid=1", "99999999999/?$rid=1", "200/x?$rid=1"})
    void otherTopicOfMethodsEndsTheConnection(String rest) throws IOException {
        try (var client = connected()) {
            client.publish(ANSWER + rest, 1, "{}");

            assertThat(client.isClosed()).isTrue();
        }
        assertThat(commands.replies(device)).isEmpty();
    }

    private SessionAddress receiving(RawClient client, int qos) throws IOException {
        return receiving(client, qos, 1);
    }

    /** @param time how often the device has begun to receive */
    private SessionAddress receiving(RawClient client, int qos, int time) throws IOException {
        client.subscribe(1, Map.of(messages(), qos));
        assertThat(client.packet().body()).containsExactly(0, 1, qos);
        return commands.await(device, Attached.class, time).getLast().from();
    }

    private SessionAddress callable(RawClient client) throws IOException {
        client.subscribe(1, Map.of(CALLS, 0));
        var session = commands.await(device, Attached.class).from();
        commands.send(new MethodsAttached(session));
        assertThat(client.packet().type()).isEqualTo(SUBACK);
        return session;
    }

    private static MethodCalled call(SessionAddress session, String method, String payload) {
        var id = UUID.randomUUID().toString().replace("-", "");
        return new MethodCalled(session, id, 2, method, payload, inAMinute());
    }

    private static DeviceBoundMessage message(String lockToken, String body) {
        return message(lockToken, 0, body, MessageProperties.NONE);
    }

    private static DeviceBoundMessage message(
            String lockToken, int deliveries, String body, MessageProperties properties) {
        var now = Instant.now();
        return new DeviceBoundMessage(
                lockToken,
                1,
                deliveries,
                now,
                now.plusSeconds(3600),
                properties,
                body.getBytes(StandardCharsets.UTF_8));
    }

    private static void largestReceiverEvent(String bytes) throws Exception {
        try (var admin = Admin.create(Map.of("bootstrap.servers", TestKafka.bootstrapServers()))) {
            var topic = new ConfigResource(ConfigResource.Type.TOPIC, Topic.RECEIVERS.name());
            admin.incrementalAlterConfigs(Map.of(
                            topic,
                            List.of(new AlterConfigOp(
                                    new ConfigEntry("max.message.bytes", bytes), AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
            Awaitility.await().until(() -> admin.describeConfigs(List.of(topic))
                    .all()
                    .get()
                    .get(topic)
                    .get("max.message.bytes")
                    .value()
                    .equals(bytes));
        }
    }

    private String messages() {
        return "devices/" + device + "/messages/devicebound/#";
    }

    private RawClient connected() throws IOException {
        return connected(device, keys);
    }

    private static RawClient connected(String id, SymmetricKeys keys) throws IOException {
        var client = RawClient.to(port());
        assertThat(client.connect(id, token(id, keys))).isZero();
        return client;
    }

    private static String token(String id, SymmetricKeys keys) {
        var resource = HOST + "/devices/" + id.replace("/", "/modules/");
        return SasToken.create(resource, keys.primary(), inAMinute(), Optional.empty());
    }

    private static Instant inAMinute() {
        return Instant.now().plusSeconds(60);
    }

    private static int port() {
        return Integer.parseInt(config("freehub.gateway.mqtt.plain-port"));
    }

    private static String config(String key) {
        return ConfigProvider.getConfig().getValue(key, String.class);
    }
}
