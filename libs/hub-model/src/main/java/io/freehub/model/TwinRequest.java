package io.freehub.model;

import java.time.Instant;
import java.util.Optional;

/**
 * What a device or module asks for about its own twin. Answers come as {@link Downlink}s to the session that asked.
 */
public sealed interface TwinRequest {

    /** Greatest JSON text of a patch, in bytes: several times what a section may hold. */
    int MAX_PATCH = 128 << 10;

    /** Who asks. */
    SessionAddress from();

    /** Which life of the identity opened the session. */
    String generationId();

    Instant at();

    /**
     * Asks for the properties.
     *
     * @param requestId the client's own, to be given back as it is
     */
    record Get(SessionAddress from, String generationId, String requestId, Instant at) implements TwinRequest {}

    /**
     * Merges into the reported properties.
     *
     * @param requestId the client's own, to be given back as it is
     * @param patch JSON text, as the client sent it
     * @param version that the reported properties must have; empty when any will do
     */
    record Report(
            SessionAddress from,
            String generationId,
            String requestId,
            String patch,
            Optional<Long> version,
            Instant at)
            implements TwinRequest {}

    /**
     * Asks to be told of desired properties that are written, in place of any session that did so before.
     *
     * @param number comes back with the answer
     */
    record Observe(SessionAddress from, String generationId, long number, Instant at) implements TwinRequest {}

    /** Asks to be told no more. Changes nothing when another session is told. */
    record Unobserve(SessionAddress from, String generationId, Instant at) implements TwinRequest {}
}
