package io.freehub.gateway.amqp;

import io.freehub.model.Downlink;
import org.jspecify.annotations.Nullable;

/**
 * All that a session says and hears beside telemetry: of its twin, of messages to it, of methods that are called. Used on
 * the event loop of the connection only.
 */
final class Conversation {

    private final DeviceSession session;

    // Each is of sessions that use it.
    private @Nullable MessageLinks messages;
    private @Nullable MethodLinks methods;
    private @Nullable TwinLinks twin;

    Conversation(DeviceSession session) {
        this.session = session;
    }

    MessageLinks messages() {
        if (messages == null) {
            messages = new MessageLinks(session);
        }
        return messages;
    }

    MethodLinks methods() {
        if (methods == null) {
            methods = new MethodLinks(session);
        }
        return methods;
    }

    TwinLinks twin() {
        if (twin == null) {
            twin = new TwinLinks(session);
        }
        return twin;
    }

    /** Takes what came for the session. */
    void deliver(Downlink downlink) {
        switch (downlink) {
            case Downlink.MessageDelivered delivered -> messages().deliver(delivered);
            case Downlink.MethodCalled called -> methods().call(called);
            case Downlink.TwinAnswered _, Downlink.ObserveAnswered _, Downlink.DesiredChanged _ -> {
                if (twin != null) {
                    twin.deliver(downlink);
                }
            }
            case Downlink.MethodsAttached _ -> {
                // A client is told that it has its links, and no more.
            }
        }
    }
}
