package io.freehub.gateway.session;

import io.freehub.model.Downlink;
import io.freehub.model.HubError;
import io.freehub.model.IdentityId;
import io.freehub.model.RegistryEvent;

/** The connection of a device or module to this gateway, whatever it speaks. Methods may be called on any thread and do not wait. */
public interface Session {

    IdentityId identity();

    /** Unique in the hub; sorts by time. */
    String id();

    /** What the registry knows of the identity, or of the device it belongs to, is another thing now. */
    void registryChanged(RegistryEvent event);

    /** Something came for the session. */
    void deliver(Downlink downlink);

    /** Ends the session; the reason is for the log. */
    void close(HubError error, String reason);
}
