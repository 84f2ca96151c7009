package io.freehub.gateway.amqp;

import io.freehub.gateway.command.OpenCalls;
import io.freehub.model.Downlink;
import io.freehub.model.ReceiverEvent;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.jspecify.annotations.Nullable;

/**
 * Calls of methods of a device or module, and their answers. Calls reach it while it has a link for each, and takes some on
 * the one.
 *
 * <p>Source: IoT Hub, "direct methods", AMQP; what the SDKs read.
 */
final class MethodLinks {

    private static final String NAME = "IoThub-methodname";
    private static final String STATUS = "iothub-status";

    private final int window;
    private final OpenCalls calls;
    private @Nullable OutgoingLink receiver;
    private @Nullable IncomingLink sender;

    MethodLinks(DeviceSession session) {
        var hub = session.hub();
        window = hub.config().methodWindow();
        calls = new OpenCalls(
                hub.commands(),
                session.address(),
                session.attachment(ReceiverEvent.Link.METHODS, window),
                window,
                hub.clock(),
                session.executor());
    }

    /** A link that takes calls. */
    Outlet calls(OutgoingLink link) {
        return new Outlet() {
            @Override
            public void begun() {
                if (receiver != null) {
                    receiver.detach(AmqpErrors.stolen());
                }
                receiver = link;
                update();
            }

            @Override
            public void credited() {
                update();
            }

            @Override
            public void ended() {
                if (receiver == link) {
                    receiver = null;
                    update();
                }
            }
        };
    }

    /** A link that brings answers. */
    Intake answers(IncomingLink link) {
        var allowance = new Allowance(link, 2 * window);
        return new Intake() {
            @Override
            public void begun() {
                if (sender != null) {
                    sender.detach(AmqpErrors.stolen());
                }
                sender = link;
                allowance.grant();
                update();
            }

            @Override
            public void take(Incoming message) {
                allowance.taken();
                answered(link, message, allowance);
            }

            @Override
            public void ended() {
                if (sender == link) {
                    sender = null;
                    update();
                }
            }
        };
    }

    private void update() {
        if (sender != null && receiver != null && receiver.credit() > 0 && !receiver.isClogged()) {
            calls.attach();
        } else {
            calls.detach();
        }
    }

    void call(Downlink.MethodCalled called) {
        if (calls.open(called) && receiver != null) {
            var id = uuid(called.call());
            receiver.send(Encoding.tag(id), encode(id, called), !receiver.isSettledByClient());
            update();
            receiver.connection().flush();
        }
    }

    private static byte[] encode(UUID id, Downlink.MethodCalled called) {
        var payload = called.payload().isEmpty() ? "null" : called.payload();
        var body = payload.getBytes(StandardCharsets.UTF_8);
        var message = Proton.message();
        message.setCorrelationId(id);
        message.setApplicationProperties(new ApplicationProperties(Map.of(NAME, called.method())));
        message.setBody(new Data(new Binary(body)));
        return Encoding.of(message, body.length);
    }

    /** The UUID that is the id of a call. */
    private static UUID uuid(String call) {
        return UUID.fromString(call.replaceFirst("^(.{8})(.{4})(.{4})(.{4})(.{12})$", "$1-$2-$3-$4-$5"));
    }

    private void answered(IncomingLink link, Incoming message, Allowance allowance) {
        try {
            var answer = DeviceRequest.read(message.encoded());
            int status = status(answer)
                    .orElseThrow(() -> new DeviceMessage.UnacceptableException(
                            "amqp:invalid-field", "the answer to a method needs IoThub-status, a whole number"));
            // What answers nothing is taken, as the second answer to a call is.
            var call = answer.correlationId()
                    .map(id -> id.toString().replace("-", ""))
                    .orElse("");
            calls.answer(call, status, answer.body(), failure -> {
                link.settle(message, failure.isEmpty() ? Accepted.getInstance() : Released.getInstance());
                allowance.done();
                link.connection().flush();
            });
        } catch (DeviceMessage.UnacceptableException e) {
            link.settle(message, AmqpErrors.rejected(e.condition(), e.getMessage()));
            allowance.done();
        }
    }

    /** SDKs write an int; other numbers, and their text, are as clear. */
    private static Optional<Integer> status(DeviceRequest answer) {
        try {
            return Optional.ofNullable(answer.properties().get(STATUS)).map(value -> Integer.valueOf(value.toString()));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
