package io.freehub.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Operators rely on these defaults; docs/configuration.md tells them. */
class RouterConfigTest {

    @Test
    void defaultsAreWhatIsDocumented() {
        var config = new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(RouterConfig.class)
                .build()
                .getConfigMapping(RouterConfig.class);

        assertThat(config.batch()).isEqualTo(4000);
        assertThat(config.commitInterval()).isEqualTo(Duration.ofMillis(200));
        assertThat(config.gather()).isEqualTo(Duration.ofMillis(20));
        assertThat(config.gatherBytes()).isEqualTo(32768);
        assertThat(config.stuckAfter()).isEqualTo(Duration.ofMinutes(10));
    }
}
