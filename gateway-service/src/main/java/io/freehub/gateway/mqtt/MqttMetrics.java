package io.freehub.gateway.mqtt;

import io.freehub.model.HubError;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.atomic.AtomicInteger;

/** What is counted of MQTT connections. */
@ApplicationScoped
class MqttMetrics {

    private final MeterRegistry registry;
    private final AtomicInteger pending = new AtomicInteger();
    private final Counter admitted;
    private final Counter flooded;
    private final Counter timedOut;
    private final Counter jammed;
    private final Counter malformed;

    MqttMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.admitted = connects("admitted");
        this.flooded = connects("too-many-pending");
        this.timedOut = connects("no-connect-in-time");
        this.jammed = connects("too-many-failed");
        this.malformed = Counter.builder("freehub.mqtt.violations")
                .description("Connections closed because the client broke the protocol")
                .register(registry);
        registry.gauge("freehub.mqtt.pending", pending);
    }

    /** Connections that are not admitted yet. */
    AtomicInteger pending() {
        return pending;
    }

    void admitted() {
        admitted.increment();
    }

    void refused(HubError error) {
        connects(error.wireName()).increment();
    }

    void flooded() {
        flooded.increment();
    }

    void jammed() {
        jammed.increment();
    }

    void timedOut() {
        timedOut.increment();
    }

    void violated() {
        malformed.increment();
    }

    private Counter connects(String outcome) {
        return Counter.builder("freehub.mqtt.connects")
                .description("MQTT connections by what became of them")
                .tag("outcome", outcome)
                .register(registry);
    }
}
