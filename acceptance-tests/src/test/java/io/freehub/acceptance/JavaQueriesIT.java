package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.microsoft.azure.sdk.iot.service.exceptions.IotHubBadFormatException;
import com.microsoft.azure.sdk.iot.service.query.QueryClient;
import com.microsoft.azure.sdk.iot.service.query.QueryPageOptions;
import com.microsoft.azure.sdk.iot.service.registry.Device;
import com.microsoft.azure.sdk.iot.service.registry.RegistryClient;
import com.microsoft.azure.sdk.iot.service.twin.Twin;
import com.microsoft.azure.sdk.iot.service.twin.TwinClient;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/** Queries with Azure's SDK for Java as Maven has it. It throws when a page that was announced is empty. */
class JavaQueriesIT {

    private static final String OURS = " FROM devices WHERE STARTSWITH(deviceId, 'java-query')";

    private final RegistryClient registry = new RegistryClient(TheHub.connectionString());
    private final TwinClient twins = new TwinClient(TheHub.connectionString());
    private final QueryClient queries = new QueryClient(TheHub.connectionString());

    @Test
    void backEndQueriesTwinsPageByPage() throws Exception {
        for (var i = 0; i < 4; i++) {
            registry.addDevice(new Device("java-query-" + i));
            var patch = new Twin("java-query-" + i);
            patch.getTags().put("even", i % 2 == 0);
            twins.patch(patch);
        }
        await().until(() -> queries.queryRaw("SELECT COUNT() AS n" + OURS + " AND status = 'enabled'")
                .next()
                .equals("{\"n\":4}"));

        var found = new ArrayList<String>();
        var pages = queries.queryTwins(
                "SELECT *" + OURS, QueryPageOptions.builder().pageSize(2).build());
        while (pages.hasNext()) {
            found.add(pages.next().getDeviceId());
        }
        assertThat(found).containsExactly("java-query-0", "java-query-1", "java-query-2", "java-query-3");

        var first = queries.queryTwins(
                "SELECT *" + OURS, QueryPageOptions.builder().pageSize(2).build());
        TheHub.hub().kill("twin");
        TheHub.hub().awaitReady(Duration.ofMinutes(2));
        var second = queries.queryTwins(
                "SELECT *" + OURS,
                QueryPageOptions.builder()
                        .pageSize(2)
                        .continuationToken(first.getContinuationToken())
                        .build());
        assertThat(second.next().getDeviceId()).isEqualTo("java-query-2");
        assertThat(second.next().getDeviceId()).isEqualTo("java-query-3");
        assertThat(second.hasNext()).isFalse();

        var even = queries.queryTwins("SELECT *" + OURS + " AND tags.even");
        assertThat(even.next().getTags().get("even")).isEqualTo(true);
        var raw = queries.queryRaw("SELECT deviceId" + OURS + " AND NOT tags.even");
        assertThat(raw.next()).isEqualTo("{\"deviceId\":\"java-query-1\"}");
        assertThatThrownBy(() -> queries.queryTwins("SELECT * FROM devices WHERE tags.a = = 1"))
                .isInstanceOf(IotHubBadFormatException.class);
    }
}
