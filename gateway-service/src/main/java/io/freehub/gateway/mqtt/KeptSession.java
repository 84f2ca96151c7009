package io.freehub.gateway.mqtt;

import io.freehub.gateway.session.Session;
import io.freehub.gateway.session.Sessions;
import io.freehub.model.KeptSubscriptions;
import java.util.function.UnaryOperator;

/**
 * The subscriptions of a client that keeps its session (MQTT 3.1.1, section 3.1.2.4): when it comes back, it hears the same
 * without another SUBSCRIBE.
 */
final class KeptSession {

    private final Sessions sessions;
    private final Session session;
    private final boolean cleanSession;

    /** As they are remembered. */
    private KeptSubscriptions known = KeptSubscriptions.NONE;

    KeptSession(Sessions sessions, Session session, boolean cleanSession) {
        this.sessions = sessions;
        this.session = session;
        this.cleanSession = cleanSession;
    }

    /**
     * The client was admitted.
     *
     * @param registered what the registry remembers
     * @return whether it has a session already (section 3.2.2.2)
     */
    boolean find(KeptSubscriptions registered) {
        known = sessions.kept(session.identity(), registered);
        return !cleanSession && !known.equals(KeptSubscriptions.NONE);
    }

    /** The session is open: what the client hears at once. */
    KeptSubscriptions resume() {
        if (cleanSession) {
            keep(KeptSubscriptions.NONE);
        }
        return known;
    }

    /** The client has subscribed, or no longer is. */
    void change(UnaryOperator<KeptSubscriptions> change) {
        if (!cleanSession) {
            keep(change.apply(known));
        }
    }

    private void keep(KeptSubscriptions wanted) {
        if (!wanted.equals(known)) {
            known = wanted;
            sessions.keep(session, wanted);
        }
    }
}
