package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.microsoft.azure.sdk.iot.service.exceptions.IotHubBadFormatException;
import com.microsoft.azure.sdk.iot.service.exceptions.IotHubNotFoundException;
import com.microsoft.azure.sdk.iot.service.registry.Device;
import com.microsoft.azure.sdk.iot.service.registry.Module;
import com.microsoft.azure.sdk.iot.service.registry.RegistryClient;
import com.microsoft.azure.sdk.iot.service.registry.RegistryJob;
import com.microsoft.azure.sdk.iot.service.registry.RegistryJob.JobStatus;
import com.microsoft.azure.sdk.iot.service.registry.RegistryJob.JobType;
import com.microsoft.azure.sdk.iot.service.registry.StorageAuthenticationType;
import io.freehub.testing.TestAzurite;
import java.time.Duration;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Imports and exports by Azure's service SDK for Java as Maven has it. */
class JavaJobsIT {

    private final TestAzurite.Container container = TestAzurite.createContainer();

    @Test
    void backEndMovesDevicesFromOneHubToAnother() throws Exception {
        var registry = new RegistryClient(TheHub.connectionString());
        var device = registry.addDevice(new Device("java-exported"));
        var module = registry.addModule(new Module("java-exported", "burner"));

        var exported = completed(registry, registry.exportDevices(container.uri("rwdl"), false));

        assertThat(exported.getType()).isEqualTo(JobType.EXPORT);
        assertThat(exported.getProgress()).isEqualTo(100);
        assertThat(exported.getEndTimeUtc()).isAfterOrEqualTo(exported.getStartTimeUtc());
        var lines = container
                .read("devices.txt")
                .lines()
                .filter(line -> line.startsWith("{\"id\":\"java-exported\""))
                .collect(Collectors.joining("\n"));
        container.write("devices.txt", lines.replace("java-exported", "java-imported"));

        var imported = completed(
                registry,
                registry.importDevices(RegistryJob.createForImportJob(
                        container.uri("rl"), container.uri("rwd"), StorageAuthenticationType.KEY)));

        assertThat(imported.getType()).isEqualTo(JobType.IMPORT);
        assertThat(container.read("importErrors.log")).isEmpty();
        assertThat(registry.getDevice("java-imported").getPrimaryKey()).isEqualTo(device.getPrimaryKey());
        assertThat(registry.getModule("java-imported", "burner").getPrimaryKey())
                .isEqualTo(module.getPrimaryKey());
    }

    @Test
    void backEndIsToldWhatIsWrong() {
        var registry = new RegistryClient(TheHub.connectionString());

        assertThatThrownBy(() -> registry.exportDevices(container.uri("rl"), false))
                .isInstanceOf(IotHubBadFormatException.class)
                .hasMessageContaining("Unauthorized to write to output blob container");
        assertThatThrownBy(() -> registry.getJob("unknown")).isInstanceOf(IotHubNotFoundException.class);
    }

    private static RegistryJob completed(RegistryClient registry, RegistryJob job) throws Exception {
        return await().atMost(Duration.ofSeconds(60))
                .until(() -> registry.getJob(job.getJobId()), state -> state.getStatus() == JobStatus.COMPLETED);
    }
}
