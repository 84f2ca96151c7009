package io.freehub.gateway.amqp;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;

/**
 * The links of one connection that take the answers to requests, and answers that wait until the client takes them. Whoever asks
 * gets credit for a further request when an answer is sent: what waits is bounded by the credit that a request link begins with.
 */
final class Answers {

    private final Set<OutgoingLink> links = new LinkedHashSet<>();
    private final Queue<Answer> unsent = new ArrayDeque<>();
    private long answered;

    private record Answer(IncomingLink to, String replyTo, byte[] encoded) {}

    /** A link that takes answers. */
    Outlet on(OutgoingLink link) {
        return new Outlet() {
            @Override
            public void begun() {
                links.add(link);
                send();
            }

            @Override
            public void credited() {
                send();
            }

            @Override
            public void ended() {
                links.remove(link);
            }
        };
    }

    /**
     * Answers a request.
     *
     * @param to link that the request came on
     * @param replyTo where the client wants to have it
     */
    void send(IncomingLink to, String replyTo, byte[] encoded) {
        unsent.add(new Answer(to, replyTo, encoded));
        send();
        to.connection().flush();
    }

    /** Sends what the client takes; only then it may ask for more. */
    private void send() {
        for (var next = unsent.peek(); next != null; next = unsent.peek()) {
            if (next.to().isEnded()) {
                unsent.remove();
                continue;
            }
            var to = taker(next);
            if (to.isEmpty()) {
                return;
            }
            unsent.remove();
            to.get().send(tag(), next.encoded(), !to.get().isSettledByClient());
            next.to().grant(1);
        }
    }

    /** The link that is called so if it takes answers, or else one of the same session, or else any other. */
    private Optional<OutgoingLink> taker(Answer answer) {
        return links.stream()
                .filter(link -> link.credit() > 0)
                .min(Comparator.comparing((OutgoingLink link) -> !link.isFor(answer.replyTo()))
                        .thenComparing(link -> !link.isBeside(answer.to())));
    }

    private byte[] tag() {
        return Long.toString(answered++).getBytes(StandardCharsets.US_ASCII);
    }
}
