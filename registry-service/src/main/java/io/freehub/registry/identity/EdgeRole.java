package io.freehub.registry.identity;

import io.freehub.model.DeviceId;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import java.util.Optional;

/**
 * Place of a device among edge devices. An edge device has a scope of its own; its children name that as their parent.
 *
 * <p>Source: IoT Edge, "device hierarchy", and what IoT Hub answers to each combination of the fields.
 */
public sealed interface EdgeRole {

    /** What scopes of edge devices begin with. */
    String SCHEME = "ms-azure-iot-edge://";

    /** Scope of the edge device that this one is a child of. */
    Optional<String> parent();

    /** An ordinary device. */
    record Leaf(Optional<String> parent) implements EdgeRole {}

    /** An edge device. */
    record Edge(String scope, Optional<String> parent) implements EdgeRole {}

    /** The place of a new device. */
    static EdgeRole create(DeviceId device, IdentitySpec.Device spec, String generationId) {
        return spec.iotEdge()
                ? new Edge(scope(device, generationId), spec.parentScope())
                : new Leaf(spec.deviceScope().filter(scope -> !scope.isEmpty()));
    }

    /**
     * The place after a full replacement of the identity.
     *
     * @throws HubException {@link HubError#ARGUMENT_INVALID} when an edge device is given another scope, or a leaf one that is
     *     no edge device's
     */
    default EdgeRole replace(DeviceId device, IdentitySpec.Device spec, String generationId) {
        return switch (this) {
            case Edge(var scope, var _)
            when spec.iotEdge() -> {
                if (spec.deviceScope().filter(given -> !given.equals(scope)).isPresent()) {
                    throw new HubException(HubError.ARGUMENT_INVALID, "Device scope is immutable");
                }
                yield new Edge(scope, spec.parentScope());
            }
            // It leaves the hierarchy; a further write may attach it as a leaf.
            case Edge _ -> new Leaf(Optional.empty());
            case Leaf(var parent) -> {
                // IoT Hub takes any parent for a new leaf, but refuses this later.
                if (!spec.iotEdge()
                        && spec.deviceScope()
                                .filter(given -> !given.isEmpty() && !given.startsWith(SCHEME))
                                .filter(given -> !parent.equals(Optional.of(given)))
                                .isPresent()) {
                    throw new HubException(HubError.ARGUMENT_INVALID, "deviceScope is no scope of an edge device");
                }
                yield create(device, spec, generationId);
            }
        };
    }

    /** Clients find the device id between the scheme and the last hyphen. */
    private static String scope(DeviceId device, String generationId) {
        return SCHEME + device + "-" + generationId;
    }
}
