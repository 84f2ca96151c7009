package io.freehub.gateway.amqp;

import io.freehub.model.HubError;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.atomic.AtomicInteger;

/** What is counted of AMQP connections. */
@ApplicationScoped
class AmqpMetrics {

    private final MeterRegistry registry;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger pending = new AtomicInteger();
    private final AtomicInteger pendingSessions = new AtomicInteger();
    private final Counter admitted;
    private final Counter flooded;
    private final Counter timedOut;
    private final Counter jammed;
    private final Counter malformed;

    AmqpMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.admitted = connects("admitted");
        this.flooded = connects("too-many-pending");
        this.timedOut = connects("no-proof-in-time");
        this.jammed = connects("too-many-failed");
        this.malformed = Counter.builder("freehub.amqp.violations")
                .description("Connections closed because the client broke the protocol")
                .register(registry);
        registry.gauge("freehub.amqp.connections", connections);
        registry.gauge("freehub.amqp.pending", pending);
    }

    /** All connections. */
    AtomicInteger connections() {
        return connections;
    }

    /** Connections on which nobody has proved who he is. */
    AtomicInteger pending() {
        return pending;
    }

    /** AMQP sessions on those. */
    AtomicInteger pendingSessions() {
        return pendingSessions;
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
        return Counter.builder("freehub.amqp.connects")
                .description("Devices and modules that came over AMQP, by what became of them")
                .tag("outcome", outcome)
                .register(registry);
    }
}
