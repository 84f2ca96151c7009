package io.freehub.command.queue;

import io.freehub.command.feedback.Outcome;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * What is counted of messages to devices. It is counted in the transactions that do it: one that has to be done again counts
 * twice.
 */
@ApplicationScoped
class MessageMetrics {

    private final Counter sent;
    private final Counter delivered;
    private final Counter abandoned;
    private final Map<Outcome, Counter> ended = new EnumMap<>(Outcome.class);

    MessageMetrics(MeterRegistry registry) {
        sent = counter(registry, "sent", "Messages that back ends sent");
        delivered = counter(registry, "delivered", "Messages that went to a device, each time");
        abandoned = counter(registry, "abandoned", "Deliveries that ended without the message being settled");
        for (var outcome : Outcome.values()) {
            ended.put(
                    outcome,
                    outcome == Outcome.SUCCESS
                            ? counter(registry, "completed", "Messages that devices completed")
                            : deadLettered(registry, outcome));
        }
    }

    void sent() {
        sent.increment();
    }

    void delivered(int messages) {
        delivered.increment(messages);
    }

    void abandoned(int deliveries) {
        abandoned.increment(deliveries);
    }

    void ended(Outcome outcome) {
        ended.get(outcome).increment();
    }

    private static Counter counter(MeterRegistry registry, String name, String description) {
        return Counter.builder("freehub.c2d." + name).description(description).register(registry);
    }

    private static Counter deadLettered(MeterRegistry registry, Outcome reason) {
        return Counter.builder("freehub.c2d.dead.lettered")
                .description("Messages that ended otherwise")
                .tag("reason", reason.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .register(registry);
    }
}
