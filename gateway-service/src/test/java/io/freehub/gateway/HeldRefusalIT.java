package io.freehub.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.SasToken;
import io.freehub.model.SymmetricKey;
import io.freehub.testing.KafkaResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;

/** Answers to failed attempts that are held back for longer than a request may work. */
@QuarkusTest
@TestProfile(HeldRefusalIT.Impatient.class)
@QuarkusTestResource(KafkaResource.class)
@QuarkusTestResource(GatewayResource.class)
class HeldRefusalIT {

    /** Three are answered at once, then after 250 ms, 500 ms and 1 s. */
    private static final int ATTEMPTS = 6;

    @Test
    void deviceOverHttpsIsToldThatItsKeyIsWrongHoweverLateThatIs() throws Exception {
        var device = "guesses";
        var registry = new FakeRegistry(
                URI.create(config("freehub.gateway.registry.url")).getPort());
        try (var client =
                HttpClient.newBuilder().sslContext(Trust.theAuthority()).build()) {
            registry.add(device);
            var request = HttpRequest.newBuilder(URI.create("https://localhost:" + config("freehub.gateway.https.port")
                            + "/devices/" + device + "/messages/events"))
                    .header(
                            "Authorization",
                            SasToken.create(
                                    GatewayResource.HOST + "/devices/" + device,
                                    SymmetricKey.generate(),
                                    Instant.now().plusSeconds(60),
                                    Optional.empty()))
                    .POST(HttpRequest.BodyPublishers.ofString("x"))
                    .build();
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                assertThat(client.send(request, BodyHandlers.ofString()).statusCode())
                        .isEqualTo(401);
            }
        } finally {
            registry.stop();
        }
    }

    private static String config(String key) {
        return ConfigProvider.getConfig().getValue(key, String.class);
    }

    /** A gateway that gives requests less time than it holds answers back. */
    public static final class Impatient implements QuarkusTestProfile {

        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("freehub.gateway.https.device-timeout", "700ms", "freehub.gateway.refusals.longest", "10s");
        }
    }
}
