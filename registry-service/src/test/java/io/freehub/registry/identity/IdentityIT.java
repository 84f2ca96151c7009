package io.freehub.registry.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.registry.BackEnd;
import io.freehub.registry.RegistryTest;
import java.util.Base64;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RegistryTest
class IdentityIT {

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    private BackEnd owner;
    private final String id = BackEnd.newId();

    @BeforeEach
    void connect() {
        owner = BackEnd.of(port, "iothubowner");
    }

    @Test
    void givenMinimalBody_whenPut_thenWholeIdentityWithGeneratedKeysIsAnswered() {
        var answer = owner.put("/devices/" + id, "{\"deviceId\":\"" + id + "\"}");

        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.text("/status")).isEqualTo("enabled");
        assertThat(answer.text("/authentication/type")).isEqualTo("sas");
        assertThat(Base64.getDecoder().decode(answer.text("/authentication/symmetricKey/primaryKey")))
                .hasSize(32);
        assertThat(Base64.getDecoder().decode(answer.text("/authentication/symmetricKey/secondaryKey")))
                .hasSize(32);
        assertThat(answer.header("ETag")).isEqualTo('"' + answer.text("/etag") + '"');
        assertThat(owner.get("/devices/" + id).body()).isEqualTo(answer.body());
    }
}
