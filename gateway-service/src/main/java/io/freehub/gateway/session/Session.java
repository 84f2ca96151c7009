package io.freehub.gateway.session;

import io.freehub.model.DeviceId;
import io.freehub.model.HubError;
import io.freehub.model.RegistryEvent;

/** A device's connection to this gateway, whatever it speaks. Methods may be called on any thread and do not wait. */
public interface Session {

    DeviceId device();

    /** Unique in the hub; sorts by time. */
    String id();

    /** What the registry knows of the device is another thing now. */
    void registryChanged(RegistryEvent event);

    /** Ends the session; the reason is for the log. */
    void close(HubError error, String reason);
}
