package io.freehub.twin.search;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;

/** What is counted of queries. */
@ApplicationScoped
class QueryMetrics {

    private final Counter succeeded;
    private final Counter failed;
    private final Counter bytes;

    QueryMetrics(MeterRegistry registry) {
        succeeded = queries(registry, "success");
        failed = queries(registry, "failure");
        bytes = Counter.builder("freehub.twin.query.bytes")
                .description("Bytes of rows that queries were answered with")
                .register(registry);
    }

    private static Counter queries(MeterRegistry registry, String result) {
        return Counter.builder("freehub.twin.queries")
                .description("Pages that back ends asked for")
                .tag("result", result)
                .register(registry);
    }

    Uni<TwinQueries.Page> count(Uni<TwinQueries.Page> page) {
        return page.onItem()
                .invoke(answered -> {
                    succeeded.increment();
                    bytes.increment(answered.json().getBytes(StandardCharsets.UTF_8).length);
                })
                .onFailure()
                .invoke(() -> failed.increment());
    }
}
