package io.freehub.service.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.model.AccessPolicy;
import io.freehub.model.ConnectionEvent;
import io.freehub.model.DeviceId;
import io.freehub.model.DeviceStatus;
import io.freehub.model.GatewayInstance;
import io.freehub.model.IdentityId;
import io.freehub.model.ModuleId;
import io.freehub.model.Permission;
import io.freehub.model.RegistryEvent;
import io.freehub.model.SymmetricKeys;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HubJsonTest {

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");
    private static final IdentityId BOILER = IdentityId.of(new DeviceId("boiler#1"), new ModuleId("burner"));

    @Test
    void recordOfASealedTypeSaysWhichItIs() {
        var event = new RegistryEvent.Updated(BOILER, "g1", 7, DeviceStatus.DISABLED, NOW);

        var json = HubJson.write(event);

        assertThat(text(json))
                .isEqualTo(
                        "{\"type\":\"Updated\",\"identity\":\"boiler#1/burner\",\"generationId\":\"g1\",\"version\":7,"
                                + "\"status\":\"DISABLED\",\"at\":\"2026-01-02T03:04:05.678Z\"}");
        assertThat(HubJson.read(json, RegistryEvent.class)).isEqualTo(event);
    }

    @Test
    void connectionEventsComeBackAsTheyWent() {
        var event = new ConnectionEvent.Closed(BOILER, "s1", new GatewayInstance(2, 17), "keep-alive", NOW);

        assertThat(HubJson.read(HubJson.write(event), ConnectionEvent.class)).isEqualTo(event);
    }

    @Test
    void policyHasTheFieldsOfIotHub() {
        var keys = SymmetricKeys.generate();
        var policy = new AccessPolicy("service", keys, Set.of(Permission.SERVICE_CONNECT, Permission.REGISTRY_WRITE));

        var json = HubJson.write(policy);

        assertThat(text(json))
                .isEqualTo("{\"name\":\"service\",\"primaryKey\":\""
                        + keys.primary().base64()
                        + "\",\"secondaryKey\":\"" + keys.secondary().base64()
                        + "\",\"permissions\":[\"RegistryWrite\",\"ServiceConnect\"]}");
        assertThat(HubJson.read(json, AccessPolicy.class)).isEqualTo(policy);
    }

    @Test
    void fieldOfALaterVersionIsPassedOver() {
        var json =
                "{\"type\":\"Deleted\",\"identity\":\"d\",\"generationId\":\"g\",\"at\":\"" + NOW + "\",\"more\":[1]}";

        assertThat(HubJson.read(json.getBytes(StandardCharsets.UTF_8), RegistryEvent.class))
                .isEqualTo(new RegistryEvent.Deleted(IdentityId.parse("d"), "g", NOW));
    }

    @Test
    void whatIsNoRecordIsRefusedWithoutQuotingIt() {
        var json = "{\"name\":\"service\",\"primaryKey\":\"c2VjcmV0\"".getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> HubJson.read(json, AccessPolicy.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("c2VjcmV0");
    }

    private static String text(byte[] json) {
        return new String(json, StandardCharsets.UTF_8);
    }
}
