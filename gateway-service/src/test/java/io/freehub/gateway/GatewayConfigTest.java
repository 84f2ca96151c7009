package io.freehub.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.SmallRyeConfigBuilder;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Operators rely on these defaults; docs/configuration.md tells them. */
class GatewayConfigTest {

    private final GatewayConfig config = new SmallRyeConfigBuilder()
            .addDiscoveredConverters()
            .withMapping(GatewayConfig.class)
            .withDefaultValue("freehub.gateway.tls.certificates", "a.pem,b.pem")
            .withDefaultValue("freehub.gateway.tls.keys", "a.key,b.key")
            .build()
            .getConfigMapping(GatewayConfig.class);

    @Test
    void defaultsAreWhatIsDocumented() {
        assertThat(config.ordinal()).isZero();
        assertThat(config.bind()).isEqualTo("0.0.0.0");
        assertThat(config.faultInjection()).isFalse();
        assertThat(config.mqtt().port()).isEqualTo(8883);
        assertThat(config.mqtt().plainPort()).isZero();
        assertThat(config.mqtt().connectTimeout()).isEqualTo(Duration.ofSeconds(60));
        assertThat(config.mqtt().handshakeTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.mqtt().admissionTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.mqtt().maxPending()).isEqualTo(20_000);
        assertThat(config.mqtt().maxInFlight()).isEqualTo(1000);
        assertThat(config.mqtt().maxTwinRequests()).isEqualTo(100);
        assertThat(config.mqtt().messageWindow()).isEqualTo(16);
        assertThat(config.mqtt().methodWindow()).isEqualTo(10);
        assertThat(config.amqp().port()).isEqualTo(5671);
        assertThat(config.amqp().plainPort()).isZero();
        assertThat(config.amqp().connectTimeout()).isEqualTo(Duration.ofSeconds(60));
        assertThat(config.amqp().admissionTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.amqp().idleTimeout()).isEqualTo(Duration.ofSeconds(240));
        assertThat(config.amqp().maxPending()).isEqualTo(5000);
        assertThat(config.amqp().maxSessions()).isEqualTo(1024);
        assertThat(config.amqp().maxLinks()).isEqualTo(8192);
        assertThat(config.amqp().maxIdentities()).isEqualTo(1000);
        assertThat(config.amqp().maxInFlight()).isEqualTo(1000);
        assertThat(config.amqp().maxTwinRequests()).isEqualTo(100);
        assertThat(config.amqp().messageWindow()).isEqualTo(16);
        assertThat(config.amqp().messageLock()).isEqualTo(Duration.ofSeconds(60));
        assertThat(config.amqp().methodWindow()).isEqualTo(10);
        assertThat(config.amqp().sendTimeout()).isEqualTo(Duration.ofSeconds(15));
        assertThat(config.https().port()).isEqualTo(443);
        assertThat(config.https().maxConnections()).isEqualTo(20_000);
        assertThat(config.https().requestTimeout()).isEqualTo(Duration.ofSeconds(120));
        assertThat(config.https().maxBody()).isEqualTo(1 << 20);
        assertThat(config.https().maxDeviceRequests()).isEqualTo(1000);
        assertThat(config.https().deviceTimeout()).isEqualTo(Duration.ofSeconds(15));
        assertThat(config.registry().url()).isEqualTo(URI.create("http://registry-service:8081"));
        assertThat(config.registry().connections()).isEqualTo(32);
        assertThat(config.registry().timeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.twins().url()).isEqualTo(URI.create("http://twin-service:8082"));
        assertThat(config.twins().connections()).isEqualTo(32);
        assertThat(config.twins().timeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.commands().url()).isEqualTo(URI.create("http://command-service:8083"));
        assertThat(config.commands().connections()).isEqualTo(1000);
        assertThat(config.commands().deviceConnections()).isEqualTo(32);
        assertThat(config.commands().timeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.events().maxReaders()).isEqualTo(200);
        assertThat(config.events().gatewayTimeout()).isEqualTo(Duration.ofSeconds(35));
        assertThat(config.telemetry().maxBytesInFlight()).isEqualTo(48L << 20);
        assertThat(config.telemetry().linger()).isEqualTo(Duration.ofMillis(1));
        assertThat(config.telemetry().deliveryTimeout()).isEqualTo(Duration.ofSeconds(20));
        assertThat(config.tls().certificates()).containsExactly(Path.of("a.pem"), Path.of("b.pem"));
        assertThat(config.tls().keys()).containsExactly(Path.of("a.key"), Path.of("b.key"));
    }
}
