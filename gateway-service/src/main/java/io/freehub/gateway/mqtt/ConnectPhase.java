package io.freehub.gateway.mqtt;

import io.freehub.gateway.identity.Admission;
import io.freehub.gateway.identity.DeviceLog;
import io.freehub.gateway.identity.Proof;
import io.freehub.gateway.identity.Refusals;
import io.freehub.model.Credentials;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.SasToken;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Future;
import io.vertx.core.AsyncResult;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * From the first byte to the decision on the CONNECT: waits for it a bounded time, asks the registry, and answers with
 * CONNACK 0, 3 or 5, never 2 or 4: on those the C SDK never tries again (MQTT 3.1.1, section 3.2.2.3).
 */
final class ConnectPhase implements MqttChannel.Phase {

    /** Greatest CONNECT; a will may be in it. */
    static final int MAX_CONNECT = 64 << 10;

    private final MqttChannel channel;
    private final MqttEnvironment hub;
    private final Future<?> timeout;
    private Optional<MqttSession> joining = Optional.empty();
    private Optional<Refusals.Held> refusal = Optional.empty();
    private boolean over;

    ConnectPhase(MqttChannel channel, MqttEnvironment hub) {
        this.channel = channel;
        this.hub = hub;
        this.timeout =
                channel.schedule(this::timedOut, hub.config().connectTimeout().toNanos());
        hub.metrics().pending().incrementAndGet();
    }

    @Override
    public void connect(ConnectPacket packet) {
        if (joining.isPresent()) {
            throw new MalformedPacketException("a second CONNECT");
        }
        timeout.cancel(false);
        // What follows the CONNECT waits in the socket until the device is admitted.
        channel.pause();
        if (hub.refusals().isJammed(channel.remoteHost(), packet.clientId())) {
            hub.metrics().jammed();
            channel.close("too many attempts failed");
            return;
        }
        try {
            join(packet);
        } catch (HubException e) {
            refuse(e.error(), e.getMessage(), packet.clientId());
        }
    }

    private void join(ConnectPacket packet) {
        var username = Username.parse(packet.username()
                .orElseThrow(() -> new HubException(HubError.UNAUTHORIZED, "the CONNECT has no username")));
        if (hub.hosts().stream().noneMatch(username.hub()::equalsIgnoreCase)) {
            throw new HubException(
                    HubError.UNAUTHORIZED,
                    "the username names the hub '" + username.hub() + "', this is " + hub.hosts());
        }
        if (!packet.clientId().equals(username.identity().toString())) {
            throw new HubException(
                    HubError.UNAUTHORIZED,
                    "the client id is not '" + username.identity() + "', which the username names");
        }
        // Clients that come with a certificate send no password, or an empty one.
        var proof = packet.password()
                .filter(password -> !password.isEmpty())
                .<Proof>map(password -> new Proof.Token(SasToken.parse(password)))
                .orElseGet(() -> Proof.of(channel.clientCertificates()));
        var session = new MqttSession(channel, hub, username, packet);
        joining = Optional.of(session);
        hub.sessions().join(session);
        lookUp(session, proof, hub.clock().instant().plus(hub.config().admissionTimeout()));
    }

    private void lookUp(MqttSession session, Proof proof, Instant deadline) {
        session.identityIsFresh();
        hub.registry().find(session.identity(), deadline).onComplete(found -> channel.executor()
                .execute(() -> decide(session, proof, deadline, found)));
    }

    private void decide(MqttSession session, Proof proof, Instant deadline, AsyncResult<Optional<Credentials>> found) {
        if (over) {
            return;
        }
        if (found.failed()) {
            refuse(
                    HubError.SERVICE_UNAVAILABLE,
                    "the registry did not answer: " + found.cause().getMessage(),
                    session.identity().toString());
            return;
        }
        if (!session.isIdentityFresh()) {
            lookUp(session, proof, deadline);
            return;
        }
        var admission = hub.rules()
                .decide(session.identity(), proof, found.result(), hub.clock().instant());
        switch (admission) {
            case Admission.Admitted admitted -> {
                end();
                channel.enter(session, MqttSession.MAX_PACKET);
                channel.write(Packets.accepted(channel.allocator(), session.isPresent(admitted)));
                session.open(admitted);
                hub.metrics().admitted();
                hub.refusals()
                        .succeeded(channel.remoteHost(), session.identity().toString());
                channel.resume();
            }
            case Admission.Refused refused ->
                refuse(refused.error(), refused.reason(), session.identity().toString());
        }
    }

    private void refuse(HubError error, String reason, String client) {
        if (error.mqtt() == HubError.Mqtt.REFUSE_UNAVAILABLE) {
            answer(error, reason, client);
            return;
        }
        hub.refusalEvents().refused(client, error, reason, channel.remoteAddress());
        var held = hub.refusals().failed(channel.remoteHost(), client);
        if (held.time().isZero()) {
            held.release();
            answer(error, reason, client);
        } else {
            refusal = Optional.of(held);
            channel.schedule(
                    () -> {
                        if (!over) {
                            answer(error, reason, client);
                        }
                    },
                    held.time().toNanos());
        }
    }

    private void answer(HubError error, String reason, String client) {
        end();
        joining.ifPresent(hub.sessions()::leave);
        hub.metrics().refused(error);
        DeviceLog.info(
                client,
                "",
                "connect refused error=%s code=%d from=%s reason=%s"
                        .formatted(error.wireName(), error.code(), channel.remoteAddress(), reason));
        channel.closeAfter(Packets.connack(channel.allocator(), error.mqtt().returnCode()), reason);
    }

    private void timedOut() {
        if (!over && joining.isEmpty()) {
            hub.metrics().timedOut();
            channel.close("no CONNECT came in time");
        }
    }

    private void end() {
        if (!over) {
            over = true;
            timeout.cancel(false);
            refusal.ifPresent(Refusals.Held::release);
            hub.metrics().pending().decrementAndGet();
        }
    }

    @Override
    public void unsupportedLevel(int level) {
        end();
        channel.closeAfter(
                Packets.connack(channel.allocator(), Packets.UNACCEPTABLE_PROTOCOL_LEVEL),
                "protocol level " + level + " is not 4 (MQTT 3.1.1)");
    }

    @Override
    public void violated(String what) {
        hub.metrics().violated();
    }

    @Override
    public void gone(String reason) {
        if (!over) {
            end();
            joining.ifPresent(hub.sessions()::leave);
        }
    }

    @Override
    public void publish(int qos, boolean retain, ByteBuf topic, int packetId, ByteBuf payload) {
        throw early("PUBLISH");
    }

    @Override
    public void publishAcknowledged(int packetId) {
        throw early("PUBACK");
    }

    @Override
    public void subscribe(int packetId, List<Subscription> subscriptions) {
        throw early("SUBSCRIBE");
    }

    @Override
    public void unsubscribe(int packetId, List<String> filters) {
        throw early("UNSUBSCRIBE");
    }

    @Override
    public void ping() {
        throw early("PINGREQ");
    }

    @Override
    public void disconnect() {
        throw early("DISCONNECT");
    }

    private static MalformedPacketException early(String packet) {
        return new MalformedPacketException("a " + packet + " before the CONNECT");
    }
}
