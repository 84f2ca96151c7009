package io.freehub.registry.identity;

import io.freehub.model.Authentication;
import io.freehub.model.IdentityId;
import io.freehub.model.ModuleId;
import io.freehub.registry.identity.IdentityChange.Fresh;
import java.util.List;
import java.util.Optional;

/**
 * The modules that every edge device has, made and removed by the hub alone. They come without credentials: the runtime on
 * the device updates them when it first needs some.
 *
 * <p>Source: IoT Edge, "understand the runtime"; the module lifecycle of Azure's edge agent.
 */
final class SystemModules {

    /** Ids that begin like this are the hub's to give. */
    private static final String PREFIX = "$";

    private static final List<ModuleId> IDS = List.of(new ModuleId("$edgeAgent"), new ModuleId("$edgeHub"));
    private static final String MANAGED_BY = "iotEdge";

    private SystemModules() {}

    /** Whether the id is that of a module which clients neither create nor remove. */
    static boolean contain(IdentityId id) {
        return id.module().filter(module -> module.value().startsWith(PREFIX)).isPresent();
    }

    /** Those of a device that has become an edge device. */
    static List<Identity> of(IdentityId device, Fresh fresh) {
        return IDS.stream()
                .map(module -> new Identity(
                        IdentityId.of(device.device(), module),
                        fresh.generationId(),
                        fresh.version(),
                        new Authentication.None(),
                        new Identity.Kind.Module(Optional.of(MANAGED_BY))))
                .toList();
    }
}
