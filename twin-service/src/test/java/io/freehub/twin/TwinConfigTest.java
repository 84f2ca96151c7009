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
        assertThat(config.connectionBatchSize()).isEqualTo(1000);
        assertThat(config.connectionMaxBackoff()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.queries().concurrency()).isEqualTo(4);
        assertThat(config.queries().waiting()).isEqualTo(100);
        assertThat(config.queries().maxWait()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.queries().timeout()).isEqualTo(Duration.ofSeconds(10));
    }
}
