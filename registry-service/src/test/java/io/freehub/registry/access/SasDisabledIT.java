package io.freehub.registry.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.AccessPolicy;
import io.freehub.registry.BackEnd;
import io.freehub.registry.RegistryTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** A hub that takes no signatures of its policies. */
@RegistryTest
@TestProfile(SasDisabledIT.Disabled.class)
class SasDisabledIT {

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    private final String id = BackEnd.newId();

    @Test
    void givenSignatureOfPolicy_whenCalled_thenRefused() {
        var answer = BackEnd.of(port, "iothubowner").get("/devices/" + id);

        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.header("iothub-errorcode")).isEqualTo("IotHubUnauthorized");
        assertThat(answer.text("/Message")).contains("shared access policies are switched off in this hub");
    }

    @Test
    void givenTheHubsOwnPolicy_whenAnotherServiceCalls_thenLetIn() {
        assertThat(BackEnd.of(port, AccessPolicy.INTERNAL).create(id).status()).isEqualTo(200);
    }

    @Test
    void givenNoProvider_whenBearerCalls_thenRefused() {
        var answer = BackEnd.withAuthorization(port, "Bearer a.b.c").get("/devices/" + id);

        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.text("/Message")).contains("this hub takes no bearer tokens");
    }

    /** The switch. */
    public static class Disabled implements QuarkusTestProfile {

        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("freehub.access.sas-enabled", "false");
        }
    }
}
