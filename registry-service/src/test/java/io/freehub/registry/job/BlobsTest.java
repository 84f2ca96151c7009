package io.freehub.registry.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.registry.RegistryConfig;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobsTest {

    @TempDir
    Path storage;

    @Test
    void givenDefaults_whenContainerIsPlainOrTheHubsOwn_thenRefused() {
        assertRefused(Map.of(), "http://127.0.0.1:1/c?sig=SECRET", "must begin with https://");
        assertRefused(Map.of(), "HTTP://127.0.0.1:1/c?sig=SECRET", "must begin with https://");
        assertRefused(Map.of(), "hub:///exports", "this hub has no storage of its own");
    }

    @Test
    void givenFileOverTheLimit_whenItIsToBeImported_thenRefused() throws Exception {
        var own = Map.of(
                "freehub.registry.storage.directory", storage.toString(), "freehub.registry.jobs.max-import-size", "3");
        Files.createDirectories(storage.resolve("in"));
        Files.writeString(storage.resolve("in/small"), "123");
        Files.writeString(storage.resolve("in/large"), "1234");

        assertThat(blobs(own).check(importOf("small"), "j")).isPresent();
        assertThatExceptionOfType(HubException.class)
                .isThrownBy(() -> blobs(own).check(importOf("large"), "j"))
                .withMessageContaining("has 4 bytes, an import reads at most 3");
    }

    private static JobTask importOf(String blob) {
        var container = new Container.Own("in");
        return new JobTask.Import(container, blob, container);
    }

    private static void assertRefused(Map<String, String> settings, String container, String detail) {
        assertThatExceptionOfType(HubException.class)
                .isThrownBy(
                        () -> blobs(settings).check(new JobTask.Export(Container.parse(container), "b", false), "j"))
                .satisfies(refused -> assertThat(refused.error()).isEqualTo(HubError.BLOB_CONTAINER_INVALID))
                .withMessageContaining(detail);
    }

    private static Blobs blobs(Map<String, String> settings) {
        return new Blobs(new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(RegistryConfig.class)
                .withSources(new PropertiesConfigSource(settings, "test", 500))
                .build()
                .getConfigMapping(RegistryConfig.class));
    }
}
