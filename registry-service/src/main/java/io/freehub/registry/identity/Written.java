package io.freehub.registry.identity;

import io.freehub.model.RegistryEvent;
import java.time.Instant;

/** What was written of an identity. */
public sealed interface Written extends IdentityChange.Outcome {

    /** The identity as it is now; for one that is gone, as it was last. */
    Identity identity();

    /** The identity did not exist before. */
    record Created(Identity identity) implements Written {}

    /** The identity existed before. */
    record Replaced(Identity identity) implements Written {}

    /** The identity is gone. */
    record Deleted(Identity identity) implements Written {}

    /** The event that tells of it. */
    default RegistryEvent event(Instant now) {
        return switch (this) {
            case Created(var identity) -> identity.created(now);
            case Replaced(var identity) -> identity.updated(now);
            case Deleted(var identity) -> identity.deleted(now);
        };
    }
}
