package io.freehub.twin.search;

import io.freehub.model.IdentityId;
import io.freehub.model.ModuleId;
import java.util.Optional;

/** Where a page ends, so that the next one goes on behind it whatever was added or removed meanwhile. */
sealed interface Position {

    /**
     * At a twin.
     *
     * @param number by which it was ordered, if it is a number
     * @param text by which it was ordered, if it is a text
     */
    record AtTwin(IdentityId identity, Optional<String> number, Optional<String> text) implements Position {

        String module() {
            return identity.module().map(ModuleId::value).orElse("");
        }
    }

    /** At a group, by two hashes of what its records have in common. */
    record AtGroup(long hash, long secondHash) implements Position {}

    /** At the record of a job on a device. */
    record AtDeviceJob(long job, String device) implements Position {}
}
