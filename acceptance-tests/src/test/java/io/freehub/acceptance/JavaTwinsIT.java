package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.microsoft.azure.sdk.iot.service.exceptions.IotHubBadFormatException;
import com.microsoft.azure.sdk.iot.service.exceptions.IotHubNotFoundException;
import com.microsoft.azure.sdk.iot.service.exceptions.IotHubPreconditionFailedException;
import com.microsoft.azure.sdk.iot.service.registry.Device;
import com.microsoft.azure.sdk.iot.service.registry.DeviceStatus;
import com.microsoft.azure.sdk.iot.service.registry.Module;
import com.microsoft.azure.sdk.iot.service.registry.RegistryClient;
import com.microsoft.azure.sdk.iot.service.twin.Twin;
import com.microsoft.azure.sdk.iot.service.twin.TwinClient;
import com.microsoft.azure.sdk.iot.service.twin.TwinStatus;
import org.junit.jupiter.api.Test;

/** Twins with Azure's SDK for Java as Maven has it. It sends a PATCH as a POST that says so. */
class JavaTwinsIT {

    private final RegistryClient registry = new RegistryClient(TheHub.connectionString());
    private final TwinClient twins = new TwinClient(TheHub.connectionString());

    @Test
    void backEndPatchesAndReplacesTwins() throws Exception {
        registry.addDevice(new Device("java-twins"));

        var fresh = twins.get("java-twins");
        assertThat(fresh.getETag()).isEqualTo("AAAAAAAAAAE=");
        assertThat(fresh.getVersion()).isEqualTo(2);
        assertThat(fresh.getStatus()).isEqualTo(TwinStatus.ENABLED);
        assertThat(fresh.getConnectionState()).isEqualToIgnoringCase("disconnected");
        assertThat(fresh.getDesiredProperties().getVersion()).isEqualTo(1);

        var patch = new Twin("java-twins");
        patch.getDesiredProperties().put("interval", 60);
        patch.getTags().put("site", "munich");
        var patched = twins.patch(patch);
        assertThat(interval(patched)).isEqualTo(60);
        assertThat(patched.getDesiredProperties().getVersion()).isEqualTo(2);
        assertThat(patched.getDesiredProperties().getTwinMetadata("interval").getLastUpdatedVersion())
                .isEqualTo(2);
        assertThat(patched.getTags().get("site")).isEqualTo("munich");

        // The whole twin back, with a member more.
        patched.getDesiredProperties().put("unit", "s");
        var again = twins.patch(patched, patched.getETag());
        assertThat(again.getDesiredProperties().get("unit")).isEqualTo("s");
        assertThat(interval(again)).isEqualTo(60);
        assertThatThrownBy(() -> twins.patch(patch, patched.getETag()))
                .isInstanceOf(IotHubPreconditionFailedException.class);

        var replacement = new Twin("java-twins");
        replacement.getDesiredProperties().put("interval", 30);
        replacement.getTags().put("site", "munich");
        var replaced = twins.replace(replacement);
        assertThat(replaced.getDesiredProperties()).containsOnlyKeys("interval");

        var bad = new Twin("java-twins");
        bad.getTags().put("site", "v".repeat(4097));
        assertThatThrownBy(() -> twins.patch(bad)).isInstanceOf(IotHubBadFormatException.class);
        assertThat(twins.get("java-twins").getETag()).isEqualTo(replaced.getETag());
        assertThatThrownBy(() -> twins.get("java-twins-no")).isInstanceOf(IotHubNotFoundException.class);
    }

    @Test
    void twinShowsWhatTheRegistryKnows() throws Exception {
        var device = new Device("java-twin-disabled");
        device.setStatus(DeviceStatus.Disabled);
        registry.addDevice(device);

        assertThat(twins.get("java-twin-disabled").getStatus()).isEqualTo(TwinStatus.DISABLED);
    }

    @Test
    void moduleHasATwinOfItsOwn() throws Exception {
        registry.addDevice(new Device("java-twin-modules"));
        registry.addModule(new Module("java-twin-modules", "burner"));
        var patch = new Twin("java-twin-modules", "burner");
        patch.getDesiredProperties().put("on", true);

        var patched = twins.patch(patch);

        assertThat(patched.getModuleId()).isEqualTo("burner");
        assertThat(twins.get("java-twin-modules", "burner").getDesiredProperties())
                .containsEntry("on", true);
        assertThat(twins.get("java-twin-modules").getDesiredProperties()).isEmpty();
    }

    private static int interval(Twin twin) {
        return ((Number) twin.getDesiredProperties().get("interval")).intValue();
    }
}
