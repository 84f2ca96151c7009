package io.freehub.gateway.mqtt;

import io.freehub.gateway.fault.Fault;
import io.freehub.gateway.identity.Admission;
import io.freehub.gateway.identity.DeviceLog;
import io.freehub.gateway.session.Session;
import io.freehub.gateway.telemetry.Receipts;
import io.freehub.gateway.telemetry.TelemetryLog;
import io.freehub.model.DeviceStatus;
import io.freehub.model.Downlink;
import io.freehub.model.HubError;
import io.freehub.model.IdentityId;
import io.freehub.model.KeptSubscriptions;
import io.freehub.model.MessageProperties;
import io.freehub.model.RegistryEvent;
import io.freehub.model.SessionAddress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * The session of a device or module over MQTT. What authorised it stays with it: a message is looked up nowhere, it goes from the
 * socket to Kafka in one go, and its PUBACK back when Kafka has it. The registry pushes what ends it.
 */
final class MqttSession implements MqttChannel.Phase, Session, Receipts, SessionLine.Owner {

    /** Greatest packet: a message of the greatest size, and its topic. */
    static final int MAX_PACKET = MessageProperties.MAX_MESSAGE_SIZE + 0xffff + 16;

    /** A client is given one and a half times its keep-alive (MQTT 3.1.1, section 3.1.2.10), and never more than this. */
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(1767);

    private static final String RETAIN = "mqtt-retain";
    private static final String MESSAGE_TYPE = "iothub-MessageType";
    private static final int MAX_BAG_REMEMBERED = 1024;

    private final MqttChannel channel;
    private final MqttEnvironment hub;
    private final IdentityId identity;
    private final String id;
    private final Optional<String> modelId;
    private final String clientType;
    private final IdentityTopics topics;
    private final Duration allowedSilence;
    private final KeptSession kept;
    private Optional<ConnectPacket.Will> will;

    private boolean identityFresh = true;
    private Instant until = Instant.MAX;
    private TelemetryLog.@Nullable Sender sender;
    private int inFlight;
    private long confirmed;
    private boolean waitingForReceipts;
    private boolean ended;
    private @Nullable ByteBuf acknowledgements;
    private String generationId = "";

    /** Of sessions that do more than to send messages. */
    private @Nullable Conversation conversation;

    private @Nullable PublishOrder order;

    /** Devices tend to send the same properties again and again: those of the last message, and its topic's bag. */
    private @Nullable ByteBuf lastBag;

    private List<Header> lastHeaders = List.of();
    private int lastSize;
    private Optional<Fault> lastFault = Optional.empty();
    private @Nullable AwaitedFault awaitedFault;

    /** One whose message has no PUBACK yet. */
    private record AwaitedFault(int packetId, Fault fault) {}

    MqttSession(MqttChannel channel, MqttEnvironment hub, Username username, ConnectPacket connect) {
        this.channel = channel;
        this.hub = hub;
        this.identity = username.identity();
        this.id = hub.sessions().newId();
        this.modelId = username.modelId();
        this.clientType = username.clientType();
        this.topics = new IdentityTopics(identity);
        this.allowedSilence = allowedSilence(connect.keepAlive());
        this.kept = new KeptSession(hub.sessions(), this, connect.cleanSession());
        this.will = connect.will();
        will.ifPresent(last -> bagOf(last.topic()));
    }

    private static Duration allowedSilence(int keepAlive) {
        var asked = Duration.ofMillis(keepAlive * 1500L);
        return asked.isZero() || asked.compareTo(LONGEST_SILENCE) > 0 ? LONGEST_SILENCE : asked;
    }

    /** Whether the client has a session that it kept; asked once, before {@link #open}. */
    boolean isPresent(Admission.Admitted admitted) {
        return kept.find(admitted.credentials().kept());
    }

    /** The device was admitted and has its CONNACK. */
    void open(Admission.Admitted admitted) {
        until = admitted.until();
        generationId = admitted.credentials().generationId();
        sender = hub.telemetry().sender(admitted, modelId, channel.executor(), this);
        hub.sessions().opened(this, admitted.credentials().generationId(), modelId);
        DeviceLog.info(
                identity.toString(),
                id,
                "session opened transport=%s auth=%s from=%s client=%s"
                        .formatted(channel.transport(), admitted.method(), channel.remoteAddress(), clientType));
        var subscriptions = kept.resume();
        if (!subscriptions.equals(KeptSubscriptions.NONE)) {
            conversation().resume(subscriptions);
        }
        watch();
    }

    /** Ends the session when its token or the client's patience has run out; otherwise looks again when it could have. */
    private void watch() {
        if (ended) {
            return;
        }
        var silence = channel.silence();
        var now = hub.clock().instant();
        if (now.isAfter(until)) {
            end(HubError.UNAUTHORIZED, "the token expired");
        } else if (silence.compareTo(allowedSilence) >= 0) {
            end(HubError.CLOSED_REMOTELY, "nothing came for " + silence.toSeconds() + " s");
        } else {
            var next = Duration.between(now, until).compareTo(LONGEST_SILENCE) > 0
                    ? LONGEST_SILENCE
                    : Duration.between(now, until);
            var patience = allowedSilence.minus(silence);
            channel.schedule(
                    this::watch,
                    (next.compareTo(patience) < 0 ? next : patience)
                            .plusMillis(1)
                            .toNanos());
        }
    }

    @Override
    public void publish(int qos, boolean retain, ByteBuf topic, int packetId, ByteBuf payload) {
        var bag = topics.bag(topic);
        if (bag == null) {
            ask(text(topic), packetId, payload);
            return;
        }
        if (retain) {
            send(withApplicationProperty(PropertyBag.parse(text(bag)), RETAIN, "true"), packetId, payload);
            return;
        }
        if (lastBag == null || !ByteBufUtil.equals(bag, lastBag)) {
            remember(bag);
        }
        if (lastFault.isPresent()) {
            ask(lastFault.get(), packetId);
            return;
        }
        send(lastHeaders, lastSize, packetId, payload);
    }

    private void remember(ByteBuf bag) {
        var properties = PropertyBag.parse(text(bag));
        lastHeaders = sender().headers(properties);
        lastSize = properties.size();
        lastFault = hub.faults().askedBy(properties);
        // A longer one is read again each time rather than kept with every connection.
        lastBag = bag.readableBytes() <= MAX_BAG_REMEMBERED ? Unpooled.copiedBuffer(bag) : null;
    }

    /** The message is acknowledged before anything happens: a client that came back would ask for the fault again. */
    private void ask(Fault fault, int packetId) {
        if (packetId == 0) {
            suffer(fault);
        } else {
            awaitedFault = new AwaitedFault(packetId, fault);
            taken(order().add(packetId, confirmed + inFlight));
        }
    }

    private void suffer(Fault fault) {
        var reason = "fault " + fault.kind().wireName() + ": " + fault.reason();
        switch (fault.kind()) {
            case KILL_TCP ->
                channel.schedule(() -> channel.reset(reason), fault.delay().toNanos());
            case SHUT_DOWN_MQTT ->
                channel.schedule(() -> channel.close(reason), fault.delay().toNanos());
            default -> DeviceLog.info(identity.toString(), id, reason + ", which MQTT has not");
        }
    }

    private void send(MessageProperties properties, int packetId, ByteBuf payload) {
        send(sender().headers(properties), properties.size(), packetId, payload);
    }

    private void send(List<Header> headers, int propertiesSize, int packetId, ByteBuf payload) {
        int size = payload.readableBytes() + propertiesSize;
        if (size > MessageProperties.MAX_MESSAGE_SIZE) {
            end(
                    HubError.MESSAGE_TOO_LARGE,
                    "a message of " + size + " bytes, at most " + MessageProperties.MAX_MESSAGE_SIZE + " are allowed");
            return;
        }
        var body = new byte[payload.readableBytes()];
        payload.readBytes(body);
        inFlight++;
        sender().send(headers, body, hub.clock().millis(), packetId);
        pauseWhileFull();
        if (inFlight >= hub.config().maxInFlight()) {
            waitForReceipts();
        }
    }

    private void pauseWhileFull() {
        if (hub.telemetry().isFull()) {
            channel.pause();
            hub.telemetry().whenRoom(() -> channel.executor().execute(channel::resume));
        }
    }

    private void waitForReceipts() {
        if (!waitingForReceipts) {
            waitingForReceipts = true;
            channel.pause();
        }
    }

    private void ask(String topic, int packetId, ByteBuf payload) {
        var request = packetId == 0
                ? Optional.<PublishOrder.Request>empty()
                : Optional.of(order().add(packetId, confirmed + inFlight));
        conversation().publish(topic, payload, request);
        pauseWhileFull();
        waitWhileManyAreHeld();
    }

    private void waitWhileManyAreHeld() {
        if (order != null && order.size() >= hub.config().maxInFlight()) {
            waitForReceipts();
        }
    }

    @Override
    public void taken(PublishOrder.Request request) {
        order().done(request, confirmed);
        endOfBatch();
    }

    @Override
    public void confirmed(int packetId) {
        inFlight--;
        confirmed++;
        if (order != null && !order.isEmpty()) {
            order.telemetryDone(packetId, confirmed);
        } else if (packetId != 0) {
            acknowledge(packetId);
        }
    }

    private void acknowledge(int packetId) {
        if (!ended) {
            if (acknowledgements == null) {
                acknowledgements = channel.allocator().ioBuffer(8 * Packets.PUBACK_LENGTH);
            }
            Packets.puback(acknowledgements, packetId);
            if (awaitedFault != null && awaitedFault.packetId() == packetId) {
                suffer(awaitedFault.fault());
                awaitedFault = null;
            }
        }
    }

    @Override
    public void failed(int packetId, Exception reason) {
        inFlight--;
        confirmed++;
        if (packetId != 0) {
            end(HubError.SERVICE_UNAVAILABLE, "a message could not be stored: " + reason.getMessage());
        }
    }

    @Override
    public void endOfBatch() {
        if (acknowledgements != null) {
            channel.write(acknowledgements);
            acknowledgements = null;
        }
        waitWhileManyAreHeld();
        if (waitingForReceipts && inFlight + held() <= hub.config().maxInFlight() / 2) {
            waitingForReceipts = false;
            channel.resume();
        }
    }

    private int held() {
        return order == null ? 0 : order.size();
    }

    @Override
    public void publishAcknowledged(int packetId) {
        if (conversation != null) {
            conversation.acknowledged(packetId);
        }
    }

    @Override
    public void subscribe(int packetId, List<Subscription> subscriptions) {
        var codes = subscriptions.stream()
                .mapToInt(subscription -> topics.grants(subscription.filter())
                        ? Math.min(1, subscription.qos())
                        : Packets.SUBSCRIPTION_FAILURE)
                .toArray();
        conversation().subscribe(packetId, subscriptions, codes);
    }

    @Override
    public void unsubscribe(int packetId, List<String> filters) {
        if (conversation != null) {
            conversation.unsubscribe(filters);
        }
        channel.write(Packets.unsuback(channel.allocator(), packetId));
    }

    @Override
    public void ping() {
        channel.write(Packets.pingresp());
    }

    @Override
    public void disconnect() {
        will = Optional.empty();
        channel.close("the client disconnected");
    }

    @Override
    public void connect(ConnectPacket packet) {
        throw new MalformedPacketException("a second CONNECT");
    }

    @Override
    public void unsupportedLevel(int level) {
        throw new MalformedPacketException("a second CONNECT");
    }

    @Override
    public void violated(String what) {
        hub.metrics().violated();
    }

    @Override
    public void gone(String reason) {
        ended = true;
        will.ifPresent(this::sendWill);
        if (conversation != null) {
            conversation.gone();
        }
        hub.sessions().closed(this, reason);
        DeviceLog.info(identity.toString(), id, "session closed reason=" + reason);
    }

    private void sendWill(ConnectPacket.Will last) {
        var properties = withApplicationProperty(PropertyBag.parse(text(bagOf(last.topic()))), MESSAGE_TYPE, "Will");
        sender().send(
                        sender().headers(
                                        last.retain()
                                                ? withApplicationProperty(properties, RETAIN, "true")
                                                : properties),
                        last.payload(),
                        hub.clock().millis(),
                        0);
    }

    private ByteBuf bagOf(String topic) {
        var bag = topics.bag(Unpooled.copiedBuffer(topic, StandardCharsets.UTF_8));
        if (bag == null) {
            throw new MalformedPacketException("a will for a topic that it may not publish to");
        }
        return bag;
    }

    @Override
    public IdentityId identity() {
        return identity;
    }

    @Override
    public String id() {
        return id;
    }

    /** What is asked of the registry from now on tells the present. */
    void identityIsFresh() {
        identityFresh = true;
    }

    /** Whether the identity has not changed since {@link #identityIsFresh()}. */
    boolean isIdentityFresh() {
        return identityFresh;
    }

    @Override
    public void registryChanged(RegistryEvent event) {
        channel.executor().execute(() -> {
            identityFresh = false;
            switch (event) {
                case RegistryEvent.Created _ -> {
                    // A look-up under way is repeated; an open session is of an older device, whose end is another
                    // event.
                }
                case RegistryEvent.Updated updated -> {
                    // New keys count when the device connects again; the session that the old ones opened goes on.
                    if (updated.status() == DeviceStatus.DISABLED) {
                        endIfOpen(HubError.DEVICE_DISABLED, "the device was disabled");
                    }
                }
                case RegistryEvent.Deleted _ -> endIfOpen(HubError.DEVICE_NOT_FOUND, "the device was deleted");
            }
        });
    }

    private void endIfOpen(HubError error, String reason) {
        if (sender != null) {
            end(error, reason);
        }
    }

    @Override
    public void deliver(Downlink downlink) {
        channel.executor().execute(() -> {
            if (ended) {
                hub.commands().undeliverable(downlink);
            } else {
                conversation().deliver(downlink);
            }
        });
    }

    @Override
    public void close(HubError error, String reason) {
        channel.executor().execute(() -> end(error, reason));
    }

    @Override
    public void end(HubError error, String reason) {
        if (!ended) {
            ended = true;
            channel.close(error.wireName() + ": " + reason);
        }
    }

    private Conversation conversation() {
        if (conversation == null) {
            var address =
                    new SessionAddress(identity, id, hub.sessions().gateway().ordinal());
            conversation = new Conversation(new SessionLine(channel, hub, address, generationId, this), topics, kept);
        }
        return conversation;
    }

    private PublishOrder order() {
        if (order == null) {
            order = new PublishOrder(this::acknowledge);
        }
        return order;
    }

    private TelemetryLog.Sender sender() {
        if (sender == null) {
            throw new IllegalStateException("the session is not open");
        }
        return sender;
    }

    private static String text(ByteBuf bag) {
        return PacketReader.text(bag.nioBuffer());
    }

    private static MessageProperties withApplicationProperty(MessageProperties properties, String name, String value) {
        var application = new ArrayList<>(properties.application());
        application.add(new MessageProperties.Application(name, Optional.of(value)));
        return new MessageProperties(properties.system(), application);
    }
}
