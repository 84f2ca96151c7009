package io.freehub.model;

import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a client that keeps its session (clean session 0, MQTT 3.1.1, section 3.1.2.4) hears again when it comes back, without
 * another SUBSCRIBE. The SDK for Node.js relies on it each time it connects anew with a fresh token.
 *
 * @param messages quality of service at which it takes messages of back ends; empty when it takes none
 * @param feeds what else it hears
 */
public record KeptSubscriptions(Optional<Integer> messages, Set<Feed> feeds) {

    /** Of a client that keeps nothing. */
    public static final KeptSubscriptions NONE = new KeptSubscriptions(Optional.empty(), Set.of());

    /** What a client hears of at most once: nothing of it waits for a client that is away. */
    public enum Feed {
        /** Calls of its methods. */
        METHODS,
        /** Answers about its twin. */
        TWIN_ANSWERS,
        /** Its desired properties, whenever they change. */
        DESIRED_PROPERTIES
    }

    public KeptSubscriptions {
        feeds = Set.copyOf(feeds);
    }

    /** The same with another subscription to messages. */
    public KeptSubscriptions withMessages(Optional<Integer> qos) {
        return new KeptSubscriptions(qos, feeds);
    }

    /** The same and this feed. */
    public KeptSubscriptions with(Feed feed) {
        var more = new TreeSet<>(feeds);
        more.add(feed);
        return new KeptSubscriptions(messages, more);
    }

    /** The same, but not this feed. */
    public KeptSubscriptions without(Feed feed) {
        var fewer = new TreeSet<>(feeds);
        fewer.remove(feed);
        return new KeptSubscriptions(messages, fewer);
    }
}
