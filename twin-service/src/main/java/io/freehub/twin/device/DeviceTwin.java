package io.freehub.twin.device;

import io.freehub.model.SessionAddress;
import io.freehub.twin.document.Twin;
import java.util.Optional;

/**
 * A twin, which life it belongs to, and who is told of its desired properties.
 *
 * @param watcher empty when nobody is told
 */
record DeviceTwin(long generation, Twin twin, Optional<Watcher> watcher) {

    /** A session that is told. */
    record Watcher(int gateway, String session) {
        static Watcher of(SessionAddress address) {
            return new Watcher(address.gateway(), address.session());
        }
    }

    DeviceTwin with(Twin next) {
        return new DeviceTwin(generation, next, watcher);
    }

    DeviceTwin watchedBy(Optional<Watcher> next) {
        return new DeviceTwin(generation, twin, next);
    }
}
