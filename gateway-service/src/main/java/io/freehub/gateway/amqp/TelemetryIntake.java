package io.freehub.gateway.amqp;

import io.freehub.gateway.telemetry.Receipts;
import io.freehub.gateway.telemetry.TelemetryLog;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.transport.DeliveryState;

/**
 * The messages of one link on their way to Kafka. Each is accepted when Kafka has it, with all of its batch, and released,
 * so that the client sends it again, when Kafka has not. The client has credit for as many as may be under way, and gets no
 * more while too much waits.
 */
final class TelemetryIntake implements Intake, Receipts {

    private static final String MODEL_ID = "com.microsoft:model-id";

    private final IncomingLink link;
    private final TelemetryLog telemetry;
    private final TelemetryLog.Sender sender;
    private final int maxInFlight;
    private final Clock clock = Clock.systemUTC();
    private final Map<Integer, Transfer> inFlight = new HashMap<>();
    private int next;
    private boolean waitingForRoom;

    private static final class Transfer {
        private final Incoming message;
        private int left;
        private boolean failed;

        private Transfer(Incoming message, int left) {
            this.message = message;
            this.left = left;
        }
    }

    TelemetryIntake(IncomingLink link, DeviceSession session, TelemetryLog telemetry, int maxInFlight) {
        this.link = link;
        this.telemetry = telemetry;
        this.maxInFlight = maxInFlight;
        this.sender = telemetry.sender(
                session.admitted(), link.property(MODEL_ID).or(session::modelId), link.executor(), this);
    }

    @Override
    public void begun() {
        grant();
    }

    private void grant() {
        if (link.isEnded() || waitingForRoom) {
            return;
        }
        if (telemetry.isFull()) {
            waitingForRoom = true;
            telemetry.whenRoom(() -> link.executor().execute(() -> {
                waitingForRoom = false;
                grant();
                link.connection().flush();
            }));
            return;
        }
        int room = maxInFlight - inFlight.size() - link.credit();
        // Not for each message anew.
        if (room > maxInFlight / 2) {
            link.grant(room);
        }
    }

    @Override
    public void take(Incoming message) {
        List<DeviceMessage> messages;
        try {
            messages = DeviceMessage.read(message.format(), message.encoded());
        } catch (DeviceMessage.UnacceptableException e) {
            settle(message, AmqpErrors.rejected(e.condition(), e.getMessage()));
            return;
        }
        int number = next++;
        inFlight.put(number, new Transfer(message, messages.size()));
        for (var each : messages) {
            sender.send(sender.headers(each.properties()), each.body(), clock.millis(), number);
        }
        link.connection().pauseWhileFull();
    }

    /** The message goes no further. */
    void settle(Incoming message, DeliveryState state) {
        link.settle(message, state);
        grant();
    }

    @Override
    public void confirmed(int number) {
        done(number, false);
    }

    @Override
    public void failed(int number, Exception reason) {
        done(number, true);
    }

    private void done(int number, boolean failed) {
        var transfer = inFlight.get(number);
        if (transfer == null) {
            return;
        }
        transfer.failed |= failed;
        if (--transfer.left == 0) {
            inFlight.remove(number);
            link.settle(transfer.message, transfer.failed ? Released.getInstance() : Accepted.getInstance());
        }
    }

    @Override
    public void endOfBatch() {
        grant();
        link.connection().flush();
    }
}
