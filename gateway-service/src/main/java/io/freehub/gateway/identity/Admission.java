package io.freehub.gateway.identity;

import io.freehub.model.AuthMethod;
import io.freehub.model.Credentials;
import io.freehub.model.HubError;
import java.time.Instant;

/** Whether a device or module may come in. */
public sealed interface Admission {

    /**
     * It may.
     *
     * @param until when the connection ends unless the client comes again with a new proof
     */
    record Admitted(Credentials credentials, AuthMethod method, Instant until) implements Admission {}

    /** It may not; the reason is for the log, since MQTT does not tell it to the client. */
    record Refused(HubError error, String reason) implements Admission {}
}
