package io.freehub.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Operators rely on these defaults; docs/configuration.md tells them. */
class MethodConfigTest {

    @Test
    void defaultsOfMethodsAndSessionsAreWhatIsDocumented() {
        var config = new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(CommandConfig.class)
                .build()
                .getConfigMapping(CommandConfig.class);

        assertThat(config.methods().maxCalls()).isEqualTo(10_000);
        assertThat(config.methods().maxCallsOfDevice()).isEqualTo(100);
        assertThat(config.methods().pollInterval()).isEqualTo(Duration.ofMillis(100));
        assertThat(config.methods().sendTimeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.sessions().batchSize()).isEqualTo(2_000);
        assertThat(config.sessions().maxBackoff()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.sessions().gatewayTimeout()).isEqualTo(Duration.ofSeconds(35));
        assertThat(config.sessions().checkInterval()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.sessions().history()).isEqualTo(Duration.ofDays(1));
    }
}
