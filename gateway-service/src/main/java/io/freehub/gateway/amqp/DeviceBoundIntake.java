package io.freehub.gateway.amqp;

import io.freehub.gateway.command.CommandService;
import io.freehub.model.DeviceId;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.service.json.HubJson;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.transport.DeliveryState;

/**
 * The messages of one link on their way into the queues of devices. Each is accepted when it is in its queue, and rejected
 * when it is not: SDKs take anything else for an error of theirs. Those for one device go one after the other, in order.
 */
final class DeviceBoundIntake implements Intake {

    /** Messages that the client may send before it hears of any. */
    private static final int MAX_IN_FLIGHT = 32;

    private final IncomingLink link;
    private final CommandService commands;
    private final Duration patience;
    private final Map<DeviceId, Future<DeliveryState>> last = new HashMap<>();
    private int inFlight;

    DeviceBoundIntake(IncomingLink link, CommandService commands, Duration patience) {
        this.link = link;
        this.commands = commands;
        this.patience = patience;
    }

    @Override
    public void begun() {
        grant();
    }

    private void grant() {
        int room = MAX_IN_FLIGHT - inFlight - link.credit();
        // Not for each message anew.
        if (room > MAX_IN_FLIGHT / 2) {
            link.grant(room);
        }
    }

    @Override
    public void take(Incoming incoming) {
        inFlight++;
        try {
            var messages = DeviceMessage.read(incoming.format(), incoming.encoded());
            if (messages.size() != 1) {
                throw new HubException(
                        HubError.ARGUMENT_INVALID, "messages to devices come one by one, not in batches");
            }
            send(incoming, BackEndMessage.of(messages.getFirst()));
        } catch (DeviceMessage.UnacceptableException e) {
            settle(incoming, AmqpErrors.rejected(e.condition(), e.getMessage()));
        } catch (HubException e) {
            settle(incoming, refused(e));
        }
    }

    private void send(Incoming incoming, BackEndMessage message) {
        long deadline = System.nanoTime() + patience.toNanos();
        var device = message.devices().getFirst();
        var body = Buffer.buffer(HubJson.write(message.message()));
        var told = Promise.<DeliveryState>promise();
        var before = last.put(device, told.future());
        told.future().onComplete(outcome -> {
            last.remove(device, told.future());
            settle(incoming, outcome.result());
            link.connection().flush();
        });
        Runnable begin = () -> send(message.devices(), body, deadline)
                .otherwise(DeviceBoundIntake::failed)
                .onComplete(outcome -> link.executor().execute(() -> told.complete(outcome.result())));
        if (before == null) {
            begin.run();
        } else {
            before.onComplete(_ -> begin.run());
        }
    }

    /** To the first of the devices that there is. */
    private Future<DeliveryState> send(List<DeviceId> devices, Buffer body, long deadline) {
        var left = Duration.ofNanos(deadline - System.nanoTime());
        if (link.isEnded() || left.toMillis() <= 0) {
            return Future.failedFuture(new TimeoutException());
        }
        var path = List.of("internal", "devices", devices.getFirst().value(), "messages");
        return commands.ask(path, body, left).compose(answer -> {
            if (answer.status() == 204) {
                return Future.succeededFuture(Accepted.getInstance());
            }
            var refusal = answer.refusal()
                    .orElseThrow(() -> new IllegalStateException("command-service answered " + answer.status()));
            return refusal.error() == HubError.DEVICE_NOT_FOUND && devices.size() > 1
                    ? send(devices.subList(1, devices.size()), body, deadline)
                    : Future.succeededFuture(refused(refusal));
        });
    }

    private static DeliveryState refused(HubException refusal) {
        return AmqpErrors.rejected(
                refusal.error() == HubError.THROTTLED
                        ? AmqpErrors.CONTAINER_THROTTLED
                        : refusal.error().amqpCondition(),
                refusal.getMessage());
    }

    private static DeliveryState failed(Throwable failure) {
        return failure instanceof TimeoutException
                ? AmqpErrors.rejected(
                        HubError.TIMED_OUT.amqpCondition(),
                        "the queues did not answer in time; the message may be there")
                : AmqpErrors.rejected(
                        HubError.SERVER_ERROR.amqpCondition(), "the queues cannot be reached, try again in a moment");
    }

    private void settle(Incoming incoming, DeliveryState outcome) {
        inFlight--;
        link.settle(incoming, outcome);
        grant();
    }
}
