package io.freehub.gateway.amqp;

import io.freehub.gateway.fault.Fault;
import io.freehub.gateway.fault.FaultInjection;
import io.freehub.gateway.identity.DeviceLog;
import io.freehub.model.HubError;
import java.time.Instant;
import java.util.Optional;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;

/** Stands before the intake of telemetry where devices may ask for faults: those messages go no further. */
final class FaultIntake implements Intake {

    private final TelemetryIntake telemetry;
    private final IncomingLink link;
    private final DeviceSession session;
    private final FaultInjection faults;
    private Optional<Refusal> refusal = Optional.empty();

    /** What messages are answered with for a while. */
    private record Refusal(HubError error, String reason, Instant until) {}

    FaultIntake(TelemetryIntake telemetry, IncomingLink link, DeviceSession session, FaultInjection faults) {
        this.telemetry = telemetry;
        this.link = link;
        this.session = session;
        this.faults = faults;
    }

    @Override
    public void begun() {
        telemetry.begun();
    }

    @Override
    public void ended() {
        telemetry.ended();
    }

    @Override
    public void take(Incoming message) {
        var fault = askedBy(message);
        if (fault.isPresent()) {
            telemetry.settle(message, Accepted.getInstance());
            session.schedule(() -> inject(fault.get()), fault.get().delay());
            return;
        }
        refusal = refusal.filter(one -> session.hub().clock().instant().isBefore(one.until()));
        refusal.ifPresentOrElse(
                one -> {
                    var why = AmqpErrors.ofRefusal(one.error(), one.reason());
                    telemetry.settle(
                            message, AmqpErrors.rejected(why.getCondition().toString(), why.getDescription()));
                },
                () -> telemetry.take(message));
    }

    private Optional<Fault> askedBy(Incoming message) {
        try {
            return faults.askedBy(DeviceMessage.envelope(message.encoded()));
        } catch (DeviceMessage.UnacceptableException e) {
            // Whoever takes the message says so.
            return Optional.empty();
        }
    }

    private void inject(Fault fault) {
        var connection = link.connection();
        if (connection.isOver()) {
            return;
        }
        var reason = "fault " + fault.kind().wireName() + ": " + fault.reason();
        DeviceLog.info(session.identity().toString(), session.id(), reason);
        switch (fault.kind()) {
            case KILL_TCP -> connection.reset(reason);
            case SHUT_DOWN_AMQP -> connection.finish(reason);
            case KILL_AMQP_CONNECTION -> connection.close(AmqpErrors.condition(AmqpErrors.FORCED, reason), reason);
            case KILL_AMQP_SESSION -> connection.end(link.session(), killed(reason));
            case KILL_CBS_REQUEST_LINK -> detachCbs(true, reason);
            case KILL_CBS_RESPONSE_LINK -> detachCbs(false, reason);
            case KILL_TELEMETRY_LINK -> detach(true, "messages/events", reason);
            case KILL_DEVICE_BOUND_LINK -> detach(false, "messages/devicebound", reason);
            case KILL_TWIN_REQUEST_LINK -> detach(true, "twin", reason);
            case KILL_TWIN_RESPONSE_LINK -> detach(false, "twin", reason);
            case KILL_METHOD_REQUEST_LINK -> detach(false, "methods/devicebound", reason);
            case KILL_METHOD_RESPONSE_LINK -> detach(true, "methods/devicebound", reason);
            case THROTTLE -> refuse(HubError.THROTTLED, fault, reason);
            case EXCEED_QUOTA -> refuse(HubError.QUOTA_EXCEEDED, fault, reason);
            case REFUSE -> refuse(HubError.UNAUTHORIZED, fault, reason);
            case SHUT_DOWN_MQTT -> {
                // There is nothing like it here.
            }
        }
    }

    private void refuse(HubError error, Fault fault, String reason) {
        refusal = Optional.of(
                new Refusal(error, reason, session.hub().clock().instant().plus(fault.duration())));
    }

    private void detachCbs(boolean ofRequests, String reason) {
        link.connection().links().stream()
                .filter(end -> end instanceof IncomingLink == ofRequests)
                .filter(end -> end.address().is("$cbs"))
                .forEach(end -> end.detach(killed(reason)));
    }

    /** Links of this session alone. */
    private void detach(boolean ofSender, String path, String reason) {
        link.connection().links().stream()
                .filter(end -> end.isOf(session) && end instanceof IncomingLink == ofSender)
                .filter(end -> end.address()
                        .ofIdentity()
                        .filter(of -> of.path().equals(path))
                        .isPresent())
                .forEach(end -> end.detach(killed(reason)));
    }

    /** SDKs come again after this. */
    private static ErrorCondition killed(String reason) {
        return AmqpErrors.condition("amqp:link:detach-forced", reason);
    }
}
