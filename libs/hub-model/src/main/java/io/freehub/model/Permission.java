package io.freehub.model;

import java.util.Collection;

/**
 * What a shared access policy allows. Source: IoT Hub, "control access with shared access signatures"; {@link
 * #HUB_MANAGE} is Freehub's own, for what Azure does over its control plane.
 */
public enum Permission {
    REGISTRY_READ("RegistryRead"),
    REGISTRY_WRITE("RegistryWrite"),
    SERVICE_CONNECT("ServiceConnect"),
    DEVICE_CONNECT("DeviceConnect"),
    /** Manage the hub itself: its policies, its certificates. */
    HUB_MANAGE("HubManage");

    private final String wireName;

    Permission(String wireName) {
        this.wireName = wireName;
    }

    /** Name on the wire. */
    public String wireName() {
        return wireName;
    }

    /** Whether one of the given permissions allows this one; write access to the registry includes read access. */
    public boolean isIn(Collection<Permission> granted) {
        return granted.contains(this) || this == REGISTRY_READ && granted.contains(REGISTRY_WRITE);
    }
}
