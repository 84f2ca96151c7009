package io.freehub.twin.configuration;

import io.freehub.model.DeviceId;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.model.ModuleId;
import io.freehub.twin.document.Twin;
import io.freehub.twin.document.TwinWrite;
import io.freehub.twin.registry.RegisteredIdentity;
import io.freehub.twin.registry.Registry;
import io.freehub.twin.twin.Twins;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Applies content to a single device, once. It is no configuration: nothing is remembered of it, and a configuration that
 * comes to the device later prevails.
 */
@ApplicationScoped
class OneDevice {

    private final Registry registry;
    private final Twins twins;

    OneDevice(Registry registry, Twins twins) {
        this.registry = registry;
        this.twins = twins;
    }

    /** Modules of an edge device that do not exist yet are created. Either all twins are written, or none. */
    Uni<Void> apply(DeviceId device, Content content) {
        return switch (content) {
            case Content.OfDevices(var _, var settings) ->
                registered(device)
                        .chain(registered -> write(
                                Map.of(IdentityId.of(device), registered), Map.of(IdentityId.of(device), settings)));
            case Content.OfEdge(var _, var modules) ->
                registered(device).invoke(OneDevice::requireEdge).chain(() -> deploy(device, modules));
            case Content.OfModules _, Content.Unknown _ ->
                throw new HubException(
                        HubError.INVALID_CONFIGURATION_CONTENT,
                        "content for one device must have " + Content.DEVICES + " or " + Content.EDGE);
        };
    }

    private Uni<Void> deploy(DeviceId device, Map<ModuleId, Settings> modules) {
        var settings = new TreeMap<IdentityId, Settings>();
        modules.forEach((module, of) -> settings.put(IdentityId.of(device, module), of));
        Map<IdentityId, RegisteredIdentity> registered = new TreeMap<>();
        return Multi.createFrom()
                .iterable(settings.keySet())
                .onItem()
                .transformToUniAndConcatenate(
                        module -> presentModule(module).invoke(found -> registered.put(module, found)))
                .collect()
                .last()
                // A layered one may name modules just so that they are there.
                .invoke(() -> registered.keySet().removeIf(module -> settings.get(module)
                        .isEmpty()))
                .chain(() -> registered.isEmpty() ? Uni.createFrom().voidItem() : write(registered, settings));
    }

    private Uni<Void> write(Map<IdentityId, RegisteredIdentity> registered, Map<IdentityId, Settings> settings) {
        return twins.writeTogether(registered, (identity, twin) -> write(twin, settings.get(identity)));
    }

    private static TwinWrite write(Twin twin, Settings settings) {
        var before = twin.desired().values();
        var after = settings.appliedTo(before);
        return settings.isWhole()
                ? new TwinWrite.Replacement(Optional.empty(), Optional.of(after))
                : new TwinWrite.Patch(Optional.empty(), Optional.of(before.patchTo(after)));
    }

    private Uni<RegisteredIdentity> registered(DeviceId device) {
        return registry.find(IdentityId.of(device))
                .map(found -> found.orElseThrow(
                        () -> new HubException(HubError.DEVICE_NOT_FOUND, "there is no device '" + device + "'")));
    }

    private static void requireEdge(RegisteredIdentity device) {
        if (!device.capabilities().map(RegisteredIdentity.Capabilities::iotEdge).orElse(false)) {
            throw new HubException(HubError.ARGUMENT_INVALID, "Not an Azure IoT Edge device");
        }
    }

    /** Somebody else may create it at the same time. */
    private Uni<RegisteredIdentity> presentModule(IdentityId module) {
        return registry.find(module)
                .chain(found -> orElse(found, registry.create(module)))
                .chain(created -> orElse(created, registry.find(module)))
                .map(found -> found.orElseThrow(() ->
                        new HubException(HubError.DEVICE_NOT_FOUND, "there is no device '" + module.device() + "'")));
    }

    private static <T> Uni<Optional<T>> orElse(Optional<T> found, Uni<Optional<T>> otherwise) {
        return found.isPresent() ? Uni.createFrom().item(found) : otherwise;
    }
}
