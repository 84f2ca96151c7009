package io.freehub.command.method;

import io.freehub.model.HubError;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/** What is counted of calls. */
@ApplicationScoped
class CallMetrics {

    private static final String ANSWERED = "answered";
    private static final String HUNG_UP = "hungUp";

    private final MeterRegistry registry;
    private final Timer roundTrip;

    CallMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.roundTrip = Timer.builder("freehub.methods.round.trip")
                .description("From when a call was sent to its device until the answer came")
                .publishPercentiles(0.5, 0.99)
                .register(registry);
        calls(ANSWERED);
        calls(HUNG_UP);
        List.of(
                        HubError.DEVICE_NOT_ONLINE,
                        HubError.GATEWAY_TIMEOUT,
                        HubError.TOO_MANY_METHOD_CALLS,
                        HubError.THROTTLED,
                        HubError.SERVICE_UNAVAILABLE)
                .forEach(error -> calls(error.wireName()));
    }

    /** Tells how many calls are under way. */
    void underWay(Supplier<Number> count) {
        registry.gauge(
                "freehub.methods.under.way", count, supplier -> supplier.get().doubleValue());
    }

    void answered() {
        calls(ANSWERED).increment();
    }

    void roundTrip(Duration time) {
        roundTrip.record(time);
    }

    void hungUp() {
        calls(HUNG_UP).increment();
    }

    void failed(HubError error) {
        calls(error.wireName()).increment();
    }

    private Counter calls(String outcome) {
        return Counter.builder("freehub.methods.calls")
                .description("Calls of direct methods by what became of them")
                .tag("outcome", outcome)
                .register(registry);
    }
}
