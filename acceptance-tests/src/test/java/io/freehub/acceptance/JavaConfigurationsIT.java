package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.microsoft.azure.sdk.iot.service.configurations.Configuration;
import com.microsoft.azure.sdk.iot.service.configurations.ConfigurationContent;
import com.microsoft.azure.sdk.iot.service.configurations.ConfigurationsClient;
import com.microsoft.azure.sdk.iot.service.exceptions.IotHubBadFormatException;
import com.microsoft.azure.sdk.iot.service.exceptions.IotHubConflictException;
import com.microsoft.azure.sdk.iot.service.exceptions.IotHubNotFoundException;
import com.microsoft.azure.sdk.iot.service.registry.Device;
import com.microsoft.azure.sdk.iot.service.registry.RegistryClient;
import com.microsoft.azure.sdk.iot.service.twin.DeviceCapabilities;
import com.microsoft.azure.sdk.iot.service.twin.Twin;
import com.microsoft.azure.sdk.iot.service.twin.TwinClient;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Configurations with Azure's SDK for Java as Maven has it. */
class JavaConfigurationsIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final RegistryClient registry = new RegistryClient(TheHub.connectionString());
    private final TwinClient twins = new TwinClient(TheHub.connectionString());
    private final ConfigurationsClient configurations = new ConfigurationsClient(TheHub.connectionString());

    @Test
    void backEndCreatesReplacesAndDeletes() throws Exception {
        registry.addDevice(new Device("java-configured"));
        var tagged = new Twin("java-configured");
        tagged.getTags().put("site", "java-configurations");
        twins.patch(tagged);
        var configuration = new Configuration("java-fan");
        configuration.setContent(ofDevices(Map.of("properties.desired.fan", Map.of("speed", 3))));
        configuration.setTargetCondition("tags.site = 'java-configurations'");
        configuration.setPriority(7);

        var created = configurations.create(configuration);

        assertThat(created.getPriority()).isEqualTo(7);
        assertThat(created.getSystemMetrics().getQueries()).containsKeys("targetedCount", "appliedCount");
        assertThatThrownBy(() -> configurations.create(configuration)).isInstanceOf(IotHubConflictException.class);
        await().atMost(PATIENCE)
                .until(() -> twins.get("java-configured").getDesiredProperties().containsKey("fan"));
        assertThat(twins.get("java-configured").getConfigurations()).containsOnlyKeys("java-fan");
        await().atMost(PATIENCE)
                .until(
                        () -> configurations.get("java-fan").getSystemMetrics().getResults(),
                        results -> results.equals(Map.of("targetedCount", 1L, "appliedCount", 1L)));
        assertThat(configurations.get(100)).extracting(Configuration::getId).contains("java-fan");

        var read = configurations.get("java-fan");
        read.setTargetCondition("tags.site = 'elsewhere'");
        var replaced = configurations.replace(read);

        assertThat(replaced.getTargetCondition()).isEqualTo("tags.site = 'elsewhere'");
        assertThat(replaced.getEtag()).isNotEqualTo(created.getEtag());
        await().atMost(PATIENCE)
                .until(() ->
                        !twins.get("java-configured").getDesiredProperties().containsKey("fan"));
        configurations.delete("java-fan");
        assertThatThrownBy(() -> configurations.get("java-fan")).isInstanceOf(IotHubNotFoundException.class);
    }

    @Test
    void backEndAppliesContentToOneDevice() throws Exception {
        var edge = new Device("java-edge");
        var capabilities = new DeviceCapabilities();
        capabilities.setIotEdge(true);
        edge.setCapabilities(capabilities);
        registry.addDevice(edge);
        registry.addDevice(new Device("java-leaf"));
        var content = new ConfigurationContent();
        content.setModulesContent(Map.of(
                "$edgeAgent", Map.of("properties.desired", Map.of("schemaVersion", "1.1")),
                "burner", Map.of("properties.desired", Map.of("on", true))));

        configurations.applyConfigurationContentOnDevice("java-edge", content);

        assertThat(twins.get("java-edge", "burner").getDesiredProperties()).containsEntry("on", true);
        assertThat(registry.getModulesOnDevice("java-edge")).hasSize(3);
        assertThatThrownBy(() -> configurations.applyConfigurationContentOnDevice("java-leaf", content))
                .isInstanceOf(IotHubBadFormatException.class)
                .hasMessageContaining("Not an Azure IoT Edge device");
        configurations.applyConfigurationContentOnDevice(
                "java-leaf", ofDevices(Map.of("properties.desired.interval", "60")));
        assertThat(twins.get("java-leaf").getDesiredProperties()).containsEntry("interval", "60");
    }

    private static ConfigurationContent ofDevices(Map<String, Object> settings) {
        var content = new ConfigurationContent();
        content.setDeviceContent(settings);
        return content;
    }
}
