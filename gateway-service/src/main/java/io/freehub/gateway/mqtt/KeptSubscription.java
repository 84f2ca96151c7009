package io.freehub.gateway.mqtt;

import io.freehub.gateway.session.Session;
import io.freehub.gateway.session.Sessions;
import java.util.Optional;

/**
 * The subscription to messages of a client that keeps its session (MQTT 3.1.1, section 3.1.2.4): when it comes back, messages
 * flow without another SUBSCRIBE. The registry remembers it; one that was told of a moment before may be unknown to it yet,
 * and the client has to subscribe again, as all SDKs do.
 */
final class KeptSubscription {

    private final Sessions sessions;
    private final Session session;
    private final boolean cleanSession;

    /** As the registry has it. */
    private Optional<Integer> qos = Optional.empty();

    KeptSubscription(Sessions sessions, Session session, boolean cleanSession) {
        this.sessions = sessions;
        this.session = session;
        this.cleanSession = cleanSession;
    }

    /** Whether the client has a session already (section 3.2.2.2). */
    boolean isPresent(Optional<Integer> known) {
        return !cleanSession && known.isPresent();
    }

    /**
     * The session is open: at which QoS messages flow at once.
     *
     * @param known what the registry remembers
     */
    Optional<Integer> resume(Optional<Integer> known) {
        qos = known;
        if (cleanSession) {
            keep(Optional.empty());
        }
        return qos;
    }

    /** The client has subscribed, or no longer is. */
    void changed(Optional<Integer> wanted) {
        if (!cleanSession) {
            keep(wanted);
        }
    }

    private void keep(Optional<Integer> wanted) {
        if (!wanted.equals(qos)) {
            qos = wanted;
            sessions.kept(session, wanted);
        }
    }
}
