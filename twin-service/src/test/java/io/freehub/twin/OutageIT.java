package io.freehub.twin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.freehub.model.IdentityId;
import io.freehub.model.TwinChange;
import io.freehub.testing.KafkaResource;
import io.freehub.twin.device.Devices;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** A PostgreSQL of its own, so that it can be taken away. */
@QuarkusTest
@QuarkusTestResource(KafkaResource.class)
@QuarkusTestResource(HubResource.class)
@QuarkusTestResource(value = OwnPostgres.class, restrictToAnnotatedClass = true)
class OutageIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    private final FakeRegistry registry = FakeRegistry.shared();
    private final IdentityId kept = IdentityId.parse(BackEnd.newId());
    private final IdentityId gone = IdentityId.parse(BackEnd.newId());
    private final IdentityId added = IdentityId.parse(BackEnd.newId());

    @Test
    void givenPostgresKilled_whenDevicesReportMeanwhile_thenAllIsAnsweredOnceItIsBack() {
        var service = BackEnd.of(port, "service");
        var reporting = IdentityId.parse(BackEnd.newId());
        try (var devices = new Devices()) {
            var session = devices.session(reporting, registry.addDevice(reporting));
            session.report("before", "{\"n\":0}");
            session.await(1);
            OwnPostgres.SERVER.kill();
            for (int n = 1; n <= 20; n++) {
                session.report("during-" + n, "{\"n\":" + n + "}");
            }

            OwnPostgres.SERVER.bringBack();

            assertThat(session.await(21)).hasSize(21);
            await().atMost(PATIENCE)
                    .until(() -> service.get("/twins/" + reporting).status() == 200);
            var twin = service.get("/twins/" + reporting);
            assertThat(twin.text("/properties/reported/n")).isEqualTo("20");
            assertThat(twin.text("/properties/reported/$version")).isEqualTo("22");
            await().atMost(PATIENCE).until(() -> service.get("/q/health/ready").status() == 200);
        }
    }

    @Test
    void givenPostgresKilled_whenDevicesComeAndGoMeanwhile_thenTwinsFollowOnceItIsBack() {
        var service = BackEnd.of(port, "service");
        registry.addDevice(kept);
        var generation = registry.addDevice(gone);
        var before = service.patch("/twins/" + kept, "{\"tags\":{\"a\":1.0}}").body();
        assertThat(service.get("/twins/" + gone).status()).isEqualTo(200);
        OwnPostgres.SERVER.kill();

        var read = service.get("/twins/" + kept);
        var written = service.patch("/twins/" + kept, "{\"tags\":{\"a\":2}}");
        registry.tellDeleted(gone, generation);
        registry.tellCreated(added, registry.nextGeneration());

        assertThat(read.status()).as(read.body()).isEqualTo(503);
        assertThat(read.header("iothub-errorcode")).isEqualTo("ServiceUnavailable");
        assertThat(written.status()).as(written.body()).isEqualTo(503);
        assertThat(service.get("/q/health/ready").status()).isEqualTo(503);
        assertThat(service.get("/q/health/live").status()).isEqualTo(200);

        OwnPostgres.SERVER.bringBack();

        await().atMost(PATIENCE).until(() -> service.get("/twins/" + kept).status() == 200);
        assertThat(service.get("/twins/" + kept).body()).isEqualTo(before);
        await().atMost(PATIENCE).until(() -> exists(added) && !exists(gone));
        await().atMost(PATIENCE).until(() -> service.get("/q/health/ready").status() == 200);
    }

    @Test
    void givenPostgresKilled_whenTwinsAreToBeLookedThrough_thenConfigurationsGoOnOnceItIsBack() {
        var service = BackEnd.of(port, "service");
        var operator = BackEnd.of(port, "registryReadWrite");
        var device = IdentityId.parse(BackEnd.newId());
        registry.addDevice(device);
        service.patch("/twins/" + device, "{\"tags\":{\"a\":1}}");
        var created = operator.put("/configurations/outage", """
                {"content":{"deviceContent":{"properties.desired.set":true}},"targetCondition":"tags.a = 2"}""");
        assertThat(created.status()).as(created.body()).isEqualTo(200);
        OwnPostgres.SERVER.kill();

        registry.tell(new TwinChange.Begun(device, 1, "{}", Instant.now()));
        assertThat(operator.get("/configurations").status()).isEqualTo(503);
        OwnPostgres.SERVER.bringBack();

        await().atMost(PATIENCE)
                .until(() -> service.patch("/twins/" + device, "{\"tags\":{\"a\":2}}")
                                .status()
                        == 200);
        await().atMost(PATIENCE).until(() -> service.get("/twins/" + device)
                .text("/properties/desired/set")
                .equals("true"));
        assertThat(service.get("/q/health/live").status()).isEqualTo(200);
        assertThat(operator.send("DELETE", "/configurations/outage", null).status())
                .isEqualTo(204);
    }

    private boolean exists(IdentityId identity) throws SQLException {
        try (var connection = OwnPostgres.SERVER.connect();
                var query = connection.prepareStatement("select from twin where id = ?")) {
            query.setString(1, identity.toString());
            try (var rows = query.executeQuery()) {
                return rows.next();
            }
        }
    }
}
