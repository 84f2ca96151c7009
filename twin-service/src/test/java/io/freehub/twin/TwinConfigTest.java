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
        assertThat(config.requests().gather()).isEqualTo(Duration.ofMillis(5));
        assertThat(config.requests().maxBackoff()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.identityBatchSize()).isEqualTo(1000);
        assertThat(config.identityMaxBackoff()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.connectionBatchSize()).isEqualTo(1000);
        assertThat(config.connectionMaxBackoff()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.queries().concurrency()).isEqualTo(4);
        assertThat(config.queries().waiting()).isEqualTo(100);
        assertThat(config.queries().maxWait()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.queries().timeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.jobs().maxActive()).isEqualTo(10);
        assertThat(config.jobs().devicesPerSecond()).isEqualTo(1000);
        assertThat(config.jobs().batchSize()).isEqualTo(100);
        assertThat(config.jobs().pageSize()).isEqualTo(1000);
        assertThat(config.jobs().pollInterval()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.jobs().history()).isEqualTo(Duration.ofDays(30));
        assertThat(config.commands().url()).isEqualTo(URI.create("http://command-service:8083"));
        assertThat(config.commands().connections()).isEqualTo(100);
        assertThat(config.commands().timeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.configurations().most()).isEqualTo(100);
        assertThat(config.configurations().batchSize()).isEqualTo(500);
        assertThat(config.configurations().pollInterval()).isEqualTo(Duration.ofSeconds(1));
        assertThat(config.configurations().countInterval()).isEqualTo(Duration.ofSeconds(60));
        assertThat(config.configurations().reviewInterval()).isEqualTo(Duration.ofHours(24));
        assertThat(config.configurations().maxBackoff()).isEqualTo(Duration.ofSeconds(2));
    }
}
