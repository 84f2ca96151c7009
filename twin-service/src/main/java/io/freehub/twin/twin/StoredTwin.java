package io.freehub.twin.twin;

import io.freehub.model.SessionAddress;
import io.freehub.twin.document.Twin;
import java.util.Optional;

/**
 * A twin, which life it belongs to, and who is told of its desired properties.
 *
 * @param watcher empty when nobody is told
 */
public record StoredTwin(long generation, Twin twin, Optional<SessionAddress> watcher) {

    /** The same with the twin as it is now. */
    public StoredTwin with(Twin next) {
        return new StoredTwin(generation, next, watcher);
    }

    /** The same with another watcher, or none. */
    public StoredTwin watchedBy(Optional<SessionAddress> next) {
        return new StoredTwin(generation, twin, next);
    }
}
