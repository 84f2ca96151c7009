package io.freehub.twin;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.SmallRyeConfigBuilder;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Operators rely on these defaults; docs/configuration.md tells them. */
class TwinConfigTest {

    @Test
    void defaultsAreWhatIsDocumented() {
        var config = new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(TwinConfig.class)
                .build()
                .getConfigMapping(TwinConfig.class);

        assertThat(config.registry().url()).isEqualTo(URI.create("http://registry-service:8081"));
        assertThat(config.registry().connections()).isEqualTo(32);
        assertThat(config.registry().timeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.identityBatchSize()).isEqualTo(1000);
        assertThat(config.identityMaxBackoff()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.jobs().maxActive()).isEqualTo(10);
        assertThat(config.jobs().devicesPerSecond()).isEqualTo(1000);
        assertThat(config.jobs().batchSize()).isEqualTo(100);
        assertThat(config.jobs().pageSize()).isEqualTo(1000);
        assertThat(config.jobs().pollInterval()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.jobs().history()).isEqualTo(Duration.ofDays(30));
    }
}
