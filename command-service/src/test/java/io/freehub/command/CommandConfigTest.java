package io.freehub.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.SmallRyeConfigBuilder;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Operators rely on these defaults; docs/configuration.md tells them. */
class CommandConfigTest {

    @Test
    void defaultsAreWhatIsDocumented() {
        var config = new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(CommandConfig.class)
                .build()
                .getConfigMapping(CommandConfig.class);

        assertThat(config.ordinal()).isZero();
        assertThat(config.registry().url()).isEqualTo(URI.create("http://registry-service:8081"));
        assertThat(config.registry().connections()).isEqualTo(16);
        assertThat(config.registry().timeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.receivers().batchSize()).isEqualTo(500);
        assertThat(config.receivers().gather()).isEqualTo(Duration.ofMillis(2));
        assertThat(config.receivers().maxBackoff()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.transactions().concurrency()).isEqualTo(8);
        assertThat(config.transactions().waiting()).isEqualTo(1000);
        assertThat(config.messages().depth()).isEqualTo(50);
        assertThat(config.messages().timeToLive()).isEqualTo(Duration.ofHours(1));
        assertThat(config.messages().maxDeliveryCount()).isEqualTo(10);
        assertThat(config.messages().lock()).isEqualTo(Duration.ofSeconds(60));
        assertThat(config.messages().pollInterval()).isEqualTo(Duration.ofSeconds(1));
        assertThat(config.messages().batchSize()).isEqualTo(100);
        assertThat(config.messages().identityBatchSize()).isEqualTo(1000);
        assertThat(config.messages().identityMaxBackoff()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.feedback().batchSize()).isEqualTo(64);
        assertThat(config.feedback().batchAfter()).isEqualTo(Duration.ofSeconds(15));
        assertThat(config.feedback().timeToLive()).isEqualTo(Duration.ofHours(1));
        assertThat(config.feedback().lock()).isEqualTo(Duration.ofSeconds(60));
        assertThat(config.feedback().maxDeliveryCount()).isEqualTo(10);
        assertThat(config.feedback().pollInterval()).isEqualTo(Duration.ofSeconds(1));
    }
}
