package io.freehub.gateway.command;

import io.freehub.model.ReceiverEvent.Link;
import io.freehub.model.SessionAddress;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Whether a session receives on a link, as the log has it. The end of one attachment may have to be sent again and again;
 * the next begins only after it, so that they cannot change places. Used on the thread of the executor only.
 */
public final class Attachment {

    private final CommandLog log;
    private final SessionAddress address;
    private final String generationId;
    private final long incarnation;
    private final Link link;
    private final Executor executor;
    private final Consumer<Exception> onFailure;

    private int window;
    private boolean wanted;
    private boolean detaching;

    /** Beginnings and changes that Kafka has not confirmed. */
    private int underWay;

    private int announced;

    /**
     * @param generationId which life of the identity opened the session
     * @param incarnation of the gateway
     * @param window how many messages may be unsettled, or calls unanswered, at a time
     * @param onFailure told that Kafka did not take the beginning: the session receives nothing
     */
    public Attachment(
            CommandLog log,
            SessionAddress address,
            String generationId,
            long incarnation,
            Link link,
            int window,
            Executor executor,
            Consumer<Exception> onFailure) {
        this.log = log;
        this.address = address;
        this.generationId = generationId;
        this.incarnation = incarnation;
        this.link = link;
        this.window = window;
        this.executor = executor;
        this.onFailure = onFailure;
    }

    /** Whether the session receives, or is about to. */
    public boolean isWanted() {
        return wanted;
    }

    /** The session receives from now on. */
    public void attach() {
        if (!wanted) {
            wanted = true;
            if (!detaching) {
                begin();
            }
        }
    }

    /** The session may have so many unsettled from now on. Of changes in quick succession the last one is told. */
    public void resize(int window) {
        this.window = window;
        tell();
    }

    private void tell() {
        if (wanted && !detaching && underWay == 0 && announced != window) {
            begin();
        }
    }

    private void begin() {
        underWay++;
        announced = window;
        log.attached(
                address,
                generationId,
                incarnation,
                link,
                window,
                failure -> executor.execute(() -> {
                    underWay--;
                    failure.ifPresentOrElse(onFailure, this::tell);
                }));
    }

    /** The session receives no more. */
    public void detach() {
        if (wanted) {
            wanted = false;
            if (!detaching) {
                detaching = true;
                log.detached(address, link, () -> executor.execute(this::detached));
            }
        }
    }

    private void detached() {
        detaching = false;
        if (wanted) {
            begin();
        }
    }
}
