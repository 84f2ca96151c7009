package io.freehub.model;

/**
 * Id of a module of a device: as a {@link DeviceId}, case-sensitive. Ids that start with {@code $} are those of modules
 * that the hub makes itself, {@code $edgeAgent} and {@code $edgeHub}.
 *
 * <p>Source: IoT Hub identity registry, "module identity properties".
 */
public record ModuleId(String value) implements Comparable<ModuleId> {

    /** @throws HubException {@link HubError#ARGUMENT_INVALID} when the text is no module id */
    public ModuleId {
        Texts.checkId("module", value);
    }

    @Override
    public int compareTo(ModuleId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
