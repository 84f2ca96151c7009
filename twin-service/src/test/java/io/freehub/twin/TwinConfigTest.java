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
        assertThat(config.requests().batchSize()).isEqualTo(500);
        assertThat(config.requests().maxBackoff()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.identityBatchSize()).isEqualTo(1000);
        assertThat(config.identityMaxBackoff()).isEqualTo(Duration.ofSeconds(2));
    }
}
