package io.freehub.router;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Configuration of router-service. */
@ConfigMapping(prefix = "freehub.router")
public interface RouterConfig {

    /** Messages that are routed together; the next ones are read when the endpoint has these. */
    @WithDefault("4000")
    int batch();

    /** Messages wait this long for others that are routed with them, unless they are many. */
    @WithDefault("20ms")
    Duration gather();

    /** Bytes of messages that do not wait. */
    @WithDefault("32768")
    int gatherBytes();

    /** How often the position is committed; a router that is killed routes at most this much time's messages twice. */
    @WithDefault("200ms")
    Duration commitInterval();

    /** A router that has not got on for this long, though Kafka answers others, is restarted. */
    @WithDefault("10m")
    Duration stuckAfter();
}
