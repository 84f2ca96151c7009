package io.freehub.gateway.https;

import io.freehub.gateway.GatewayConfig;
import io.freehub.gateway.command.CommandService;
import io.freehub.model.DeviceBoundMessage;
import io.freehub.model.DeviceId;
import io.freehub.model.Disposition;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.service.json.HubJson;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The queues of messages to devices, which command-service has. */
@ApplicationScoped
class DeviceQueues {

    private final CommandService commands;
    private final Duration patience;

    DeviceQueues(CommandService commands, GatewayConfig config) {
        this.commands = commands;
        this.patience = config.https().deviceTimeout();
    }

    /**
     * Locks the oldest message that waits; empty when none does. Fails with {@link HubException}, or when the service does
     * not answer as it should.
     */
    Future<Optional<DeviceBoundMessage>> receive(DeviceId device) {
        return ask("internal", "devices", device.value(), "deliveries").compose(answer -> switch (answer.status()) {
            case 200 ->
                Future.succeededFuture(Optional.of(HubJson.read(answer.body().getBytes(), DeviceBoundMessage.class)));
            case 204 -> Future.succeededFuture(Optional.empty());
            default -> failed(answer.status());
        });
    }

    /** Settles a message that the device has locked. Fails with {@link HubError#LOCK_LOST} when it has not. */
    Future<Void> settle(DeviceId device, String lockToken, Disposition disposition) {
        return ask(
                        "internal",
                        "devices",
                        device.value(),
                        "deliveries",
                        lockToken,
                        disposition.name().toLowerCase(Locale.ROOT))
                .compose(answer -> answer.status() == 204 ? Future.succeededFuture() : failed(answer.status()));
    }

    private static <T> Future<T> failed(int status) {
        return Future.failedFuture(
                switch (status) {
                    case 404 -> new HubException(HubError.DEVICE_NOT_FOUND, "there is no such device");
                    case 412 -> lockLost();
                    case 429 -> new HubException(HubError.THROTTLED, "too many requests, try again later");
                    default -> new IllegalStateException("command-service answered " + status);
                });
    }

    /** What is said of a lock that is not, or no longer, the device's. */
    static HubException lockLost() {
        return new HubException(
                HubError.LOCK_LOST, "the message is not locked by this token: it was settled, or the lock has expired");
    }

    private Future<CommandService.Answer> ask(String... path) {
        return commands.ask(List.of(path), Buffer.buffer(), patience);
    }
}
