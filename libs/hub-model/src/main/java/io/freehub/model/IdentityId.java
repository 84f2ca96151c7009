package io.freehub.model;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Who connects: a device, or a module of it. Both have credentials, a session and a twin of their own.
 *
 * @param module empty for the device itself
 */
public record IdentityId(DeviceId device, Optional<ModuleId> module) implements Comparable<IdentityId> {

    private static final Comparator<IdentityId> ORDER = Comparator.comparing(IdentityId::device)
            .thenComparing(id -> id.module().map(ModuleId::value).orElse(""));

    /** The device itself. */
    public static IdentityId of(DeviceId device) {
        return new IdentityId(device, Optional.empty());
    }

    /** A module of the device. */
    public static IdentityId of(DeviceId device, ModuleId module) {
        return new IdentityId(device, Optional.of(module));
    }

    /**
     * Reads {@code device} or {@code device/module}; no id has a slash in it.
     *
     * @throws HubException {@link HubError#ARGUMENT_INVALID} when the text is neither
     */
    public static IdentityId parse(String text) {
        int slash = text.indexOf('/');
        return slash < 0
                ? of(new DeviceId(text))
                : of(new DeviceId(text.substring(0, slash)), new ModuleId(text.substring(slash + 1)));
    }

    /** Whether this is a module. */
    public boolean isModule() {
        return module.isPresent();
    }

    /** Decoded segments of the resource: {@code devices, {device}[, modules, {module}]}. */
    public List<String> path() {
        return module.map(id -> List.of("devices", device.value(), "modules", id.value()))
                .orElseGet(() -> List.of("devices", device.value()));
    }

    /** A device comes before its modules. */
    @Override
    public int compareTo(IdentityId other) {
        return ORDER.compare(this, other);
    }

    /** {@code device} or {@code device/module}, as {@link #parse} reads it and as the client id of MQTT has it. */
    @Override
    public String toString() {
        return module.map(id -> device + "/" + id).orElse(device.value());
    }
}
