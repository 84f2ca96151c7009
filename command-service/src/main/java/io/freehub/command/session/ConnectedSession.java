package io.freehub.command.session;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Optional;

/**
 * An open session as operators read it.
 *
 * @param receives what it takes: {@code messages}, {@code methods}
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
record ConnectedSession(
        String deviceId,
        Optional<String> moduleId,
        String sessionId,
        int gateway,
        String connectedTime,
        String generationId,
        Optional<String> modelId,
        List<String> receives) {}
