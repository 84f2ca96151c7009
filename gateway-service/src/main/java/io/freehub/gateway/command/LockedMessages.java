package io.freehub.gateway.command;

import io.freehub.model.Disposition;
import io.freehub.model.Downlink;
import io.freehub.model.SessionAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The messages of back ends that a session has and has not settled. Each is locked for it; what it leaves behind is
 * delivered again to another. Used on the thread of the session only.
 */
public final class LockedMessages {

    private final CommandLog log;
    private final SessionAddress address;
    private final Attachment attachment;
    private final int most;
    private final Set<String> held = new HashSet<>();

    /** Lock tokens of what was settled last: a delivery may come again. */
    private final Deque<String> settled = new ArrayDeque<>();

    /**
     * @param attachment to the queue
     * @param most messages that the session may hold
     */
    public LockedMessages(CommandLog log, SessionAddress address, Attachment attachment, int most) {
        this.log = log;
        this.address = address;
        this.attachment = attachment;
        this.most = most;
    }

    /** The session takes messages. */
    public void attach() {
        attachment.attach();
    }

    /** The session takes so many messages beside those that it holds, as far as it may. */
    public void takes(int more) {
        attachment.resize(Math.clamp((long) held.size() + more, 0, most));
    }

    /** The session takes none any more; with this the locks of all that it holds are released. */
    public void detach() {
        held.clear();
        attachment.detach();
    }

    /**
     * A message came for the session.
     *
     * @return whether it is to be passed on; otherwise it came again, or was given back
     */
    public boolean take(Downlink.MessageDelivered delivered) {
        var lockToken = delivered.message().lockToken();
        if (!attachment.isWanted()) {
            log.undeliverable(delivered);
            return false;
        }
        if (held.contains(lockToken) || settled.contains(lockToken)) {
            return false;
        }
        if (held.size() >= most) {
            // It was locked for an earlier subscription of the session.
            remember(lockToken);
            tell(lockToken, Disposition.ABANDONED);
            return false;
        }
        held.add(lockToken);
        return true;
    }

    /** Settles a message that the session holds. */
    public void settle(String lockToken, Disposition disposition) {
        release(lockToken);
        tell(lockToken, disposition);
    }

    /** The session holds the message no longer; what became of it is still to be told. */
    public void release(String lockToken) {
        if (held.remove(lockToken)) {
            remember(lockToken);
        }
    }

    /** Tells what became of a message that was released. May be called on any thread. */
    public void tell(String lockToken, Disposition disposition) {
        tell(lockToken, disposition, _ -> {});
    }

    /** @param sent told on any thread whether Kafka has taken it */
    public void tell(String lockToken, Disposition disposition, Consumer<Optional<Exception>> sent) {
        log.settled(address, lockToken, disposition, sent);
    }

    private void remember(String lockToken) {
        settled.add(lockToken);
        if (settled.size() > 2 * most) {
            settled.remove();
        }
    }
}
