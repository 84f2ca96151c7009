package io.freehub.command.method;

import io.freehub.command.Gateways;
import io.freehub.model.Downlink;
import io.freehub.model.HubError;
import io.freehub.model.IdentityId;
import io.freehub.model.MethodReply;
import io.freehub.model.ReceiverEvent.Link;
import io.freehub.model.SessionAddress;
import io.freehub.model.Topic;
import io.freehub.service.json.HubJson;
import io.freehub.testing.TestKafka;
import io.freehub.testing.TopicReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Devices on gateways: sessions that take calls and answer them as a test wants it. */
final class MethodDevices implements AutoCloseable {

    static final long GENERATION = 1;
    private static final long INCARNATION = 1_000;

    private final Gateways gateways;
    private final TopicReader downlink;
    private final Map<SessionAddress, Device> devices = new ConcurrentHashMap<>();
    private final Thread thread = Thread.ofPlatform().name("devices").unstarted(this::run);
    private volatile boolean closed;

    MethodDevices() {
        this(TestKafka.bootstrapServers());
    }

    MethodDevices(String bootstrapServers) {
        gateways = new Gateways(bootstrapServers);
        downlink = TopicReader.fromNow(bootstrapServers, Topic.DOWNLINK.name());
        thread.start();
    }

    /** A session that answers; attached when this returns. */
    Device attach(IdentityId identity, String session, int window, Function<Downlink.MethodCalled, Object> answer)
            throws InterruptedException {
        var device = new Device(new SessionAddress(identity, session, 2), answer);
        devices.put(device.address, device);
        gateways.attach(device.address, GENERATION, INCARNATION, Link.METHODS, window);
        device.awaitAttached();
        return device;
    }

    Device attach(IdentityId identity, Function<Downlink.MethodCalled, Object> answer) throws InterruptedException {
        return attach(identity, "001", 10, answer);
    }

    /** An answer for {@link #attach}. */
    static MethodReply answered(Downlink.MethodCalled call, int status, String payload) {
        return new MethodReply.Answered(call.call(), status, payload.getBytes(StandardCharsets.UTF_8));
    }

    static MethodReply undelivered(Downlink.MethodCalled call, HubError error) {
        return new MethodReply.Undelivered(call.call(), error);
    }

    static Optional<MethodReply> nothing(Downlink.MethodCalled call) {
        return Optional.empty();
    }

    private void run() {
        while (!closed) {
            for (var record : downlink.takeNew()) {
                var sent = HubJson.read(record.value(), Downlink.class);
                var device = devices.get(sent.to());
                if (device != null && record.partition() == sent.to().gateway()) {
                    device.deliver(sent);
                }
            }
        }
    }

    void reply(Downlink.MethodCalled call, MethodReply reply) {
        gateways.reply(call.replyTo(), call.to().identity(), reply);
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        thread.join();
        downlink.close();
        gateways.close();
    }

    /** One session. */
    final class Device {

        private final SessionAddress address;
        private final Function<Downlink.MethodCalled, Object> answer;
        private final BlockingQueue<Downlink.MethodCalled> calls = new LinkedBlockingQueue<>();
        private final BlockingQueue<Downlink> attached = new LinkedBlockingQueue<>();

        private Device(SessionAddress address, Function<Downlink.MethodCalled, Object> answer) {
            this.address = address;
            this.answer = answer;
        }

        private void deliver(Downlink sent) {
            if (sent instanceof Downlink.MethodCalled call) {
                calls.add(call);
                if (answer.apply(call) instanceof MethodReply reply) {
                    reply(call, reply);
                }
            } else if (sent instanceof Downlink.MethodsAttached) {
                attached.add(sent);
            }
        }

        private void awaitAttached() throws InterruptedException {
            if (attached.poll(20, TimeUnit.SECONDS) == null) {
                throw new AssertionError("not attached: " + address);
            }
        }

        /** The next call that came. */
        Downlink.MethodCalled awaitCall() throws InterruptedException {
            return Optional.ofNullable(calls.poll(20, TimeUnit.SECONDS))
                    .orElseThrow(() -> new AssertionError("no call came to " + address));
        }
    }
}
