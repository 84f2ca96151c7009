package io.freehub.registry.policy;

import static io.freehub.model.Permission.DEVICE_CONNECT;
import static io.freehub.model.Permission.HUB_MANAGE;
import static io.freehub.model.Permission.REGISTRY_READ;
import static io.freehub.model.Permission.REGISTRY_WRITE;
import static io.freehub.model.Permission.SERVICE_CONNECT;

import io.freehub.model.AccessPolicy;
import io.freehub.model.Permission;
import io.freehub.model.SymmetricKeys;
import java.util.List;
import java.util.Set;

/**
 * The policies that a new hub has. Source: IoT Hub, "shared access policies and permissions"; the owner manages the hub
 * besides, as the owner of an Azure subscription does.
 */
final class DefaultPolicies {

    private DefaultPolicies() {}

    /** Makes them, with random keys; the last is the hub's own. */
    static List<AccessPolicy> make() {
        return List.of(
                policy("iothubowner", REGISTRY_READ, REGISTRY_WRITE, SERVICE_CONNECT, DEVICE_CONNECT, HUB_MANAGE),
                policy("service", SERVICE_CONNECT),
                policy("device", DEVICE_CONNECT),
                policy("registryRead", REGISTRY_READ),
                policy("registryReadWrite", REGISTRY_READ, REGISTRY_WRITE),
                policy(AccessPolicy.INTERNAL, REGISTRY_READ, REGISTRY_WRITE, SERVICE_CONNECT));
    }

    private static AccessPolicy policy(String name, Permission... permissions) {
        return new AccessPolicy(name, SymmetricKeys.generate(), Set.of(permissions));
    }
}
