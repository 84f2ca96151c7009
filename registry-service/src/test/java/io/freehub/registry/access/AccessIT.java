package io.freehub.registry.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.AccessPolicy;
import io.freehub.model.SasToken;
import io.freehub.model.SymmetricKey;
import io.freehub.registry.BackEnd;
import io.freehub.registry.RegistryTest;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may call what: tokens in all their spellings, permissions of each operation, versions. */
@RegistryTest
class AccessIT {

    private static final String HOST = BackEnd.HOST;
    private static final Instant IN_AN_HOUR = Instant.now().plus(Duration.ofHours(1));

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    private final String id = BackEnd.newId();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sr={host}&sig={sig}&skn={skn}&se={se}",
                "sr={host}&sig={sig}&se={se}&skn={skn}",
                "skn={skn}&se={se}&sig={sig}&sr={host}",
                "sr={host}%2Fdevices&sig={sig}&se={se}&skn={skn}",
                "sr={host}%2fdevices&sig={sig}&se={se}&skn={skn}",
                "sr={host}/devices/{id}&sig={sig}&se={se}&skn={skn}",
                "SR=HUB.Example.net&Sig={sig}&SE={se}&SKN={skn}",
                "sr={host}&sig={raw}&se={se}&skn={skn}",
            })
    void givenTokenInAnySpelling_whenDeviceIsAsked_thenLetIn(String form) {
        BackEnd.of(port, "iothubowner").create(id);

        var answer = get(token(form.replace("{id}", id), BackEnd.primaryKey("registryRead"), "registryRead"));

        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }

    @Test
    void givenSecondaryKey_whenItSigns_thenLetIn() {
        BackEnd.of(port, "iothubowner").create(id);

        var answer = get(
                token("sr={host}&sig={sig}&se={se}&skn={skn}", BackEnd.secondaryKey("registryRead"), "registryRead"));

        assertThat(answer.status()).isEqualTo(200);
    }

    static Stream<Arguments> refused() {
        var key = BackEnd.primaryKey("iothubowner");
        var good = token("sr={host}&sig={sig}&se={se}&skn={skn}", key, "iothubowner");
        return Stream.of(
                Arguments.of("none", "", "IotHubUnauthorized"),
                Arguments.of("another scheme", "Bearer abc", "IotHubUnauthorized"),
                Arguments.of("truncated", good.substring(0, good.length() - 30), "IotHubUnauthorized"),
                Arguments.of(
                        "short signature",
                        good.replaceFirst("sig=[^&]*", "sig=c2hvcnQ%3D"),
                        "IotHubUnauthorizedAccess"),
                Arguments.of(
                        "one byte of sr changed",
                        good.replace("sr=" + HOST, "sr=Hub.example.net"),
                        "IotHubUnauthorizedAccess"),
                Arguments.of(
                        "expiry moved",
                        good.replaceFirst("se=[0-9]+", "se=" + (IN_AN_HOUR.getEpochSecond() + 1)),
                        "IotHubUnauthorizedAccess"),
                Arguments.of(
                        "expired beyond the skew",
                        SasToken.create(HOST, key, Instant.now().minusSeconds(301), Optional.of("iothubowner")),
                        "IotHubUnauthorized"),
                Arguments.of("no number", good.replaceFirst("se=[0-9]+", "se=soon"), "IotHubUnauthorized"),
                Arguments.of(
                        "another hub's",
                        SasToken.create("other.example.net", key, IN_AN_HOUR, Optional.of("iothubowner")),
                        "IotHubUnauthorized"),
                Arguments.of(
                        "another path's",
                        SasToken.create(HOST + "/twins", key, IN_AN_HOUR, Optional.of("iothubowner")),
                        "IotHubUnauthorized"),
                Arguments.of(
                        "half a segment",
                        SasToken.create(HOST + "/dev", key, IN_AN_HOUR, Optional.of("iothubowner")),
                        "IotHubUnauthorized"),
                Arguments.of(
                        "foreign key",
                        SasToken.create(HOST, SymmetricKey.generate(), IN_AN_HOUR, Optional.of("iothubowner")),
                        "IotHubUnauthorizedAccess"),
                Arguments.of(
                        "key of another policy",
                        SasToken.create(HOST, key, IN_AN_HOUR, Optional.of("service")),
                        "IotHubUnauthorizedAccess"),
                Arguments.of(
                        "unknown policy",
                        SasToken.create(HOST, key, IN_AN_HOUR, Optional.of("nobody")),
                        "IotHubUnauthorizedAccess"),
                Arguments.of(
                        "no policy", SasToken.create(HOST, key, IN_AN_HOUR, Optional.empty()), "IotHubUnauthorized"),
                Arguments.of("far too long", good + "&x=" + "x".repeat(5000), "IotHubUnauthorized"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refused")
    void givenBadToken_whenDeviceIsAsked_thenUnauthorizedInTheNestedForm(
            String name, String authorization, String code) {
        var answer = get(authorization);

        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.header("iothub-errorcode")).isEqualTo(code);
        assertThat(answer.header("x-ms-request-id")).isNotEmpty();
        assertThat(answer.text("/ExceptionMessage")).isEmpty();
        assertThat(answer.text("/Message"))
                .startsWith("{\"errorCode\":" + (code.endsWith("Access") ? "401002" : "401003") + ",\"message\":\"")
                .contains("\"trackingId\":\"" + answer.header("x-ms-request-id"))
                .endsWith("\"info\":null}");
    }

    @Test
    void givenTokenExpiredWithinTheSkew_whenDeviceIsAsked_thenLetIn() {
        BackEnd.of(port, "iothubowner").create(id);

        var answer = get(SasToken.create(
                HOST, BackEnd.primaryKey("iothubowner"), Instant.now().minusSeconds(240), Optional.of("iothubowner")));

        assertThat(answer.status()).isEqualTo(200);
    }

    static Stream<Arguments> operations() {
        var readers = Set.of("iothubowner", "registryRead", "registryReadWrite", AccessPolicy.INTERNAL);
        var writers = Set.of("iothubowner", "registryReadWrite", AccessPolicy.INTERNAL);
        return Stream.of(
                Arguments.of("GET", "/devices/{id}", null, readers),
                Arguments.of("GET", "/devices?top=1", null, readers),
                Arguments.of("GET", "/statistics/devices", null, readers),
                Arguments.of("GET", "/statistics/service", null, readers),
                Arguments.of("PUT", "/devices/{id}", "{}", writers),
                Arguments.of("DELETE", "/devices/{id}", null, writers),
                Arguments.of("POST", "/devices", "[{\"id\":\"{id}\"}]", writers),
                Arguments.of("POST", "/devices/keys/regenerate", "{\"policyKey\":\"both\"}", writers),
                Arguments.of("GET", "/hub/policies", null, Set.of("iothubowner")),
                Arguments.of("GET", "/hub/policies/service", null, Set.of("iothubowner")),
                Arguments.of("PUT", "/hub/policies/service", "{}", Set.of("iothubowner")),
                Arguments.of("DELETE", "/hub/policies/service", null, Set.of("iothubowner")),
                Arguments.of("POST", "/hub/policies/nobody/keys/primary/regenerate", null, Set.of("iothubowner")),
                Arguments.of("GET", "/hub/certificates", null, Set.of("iothubowner")),
                Arguments.of("GET", "/hub/certificates/none", null, Set.of("iothubowner")),
                Arguments.of("PUT", "/hub/certificates/none", "{}", Set.of("iothubowner")),
                Arguments.of("DELETE", "/hub/certificates/none", null, Set.of("iothubowner")),
                Arguments.of("POST", "/hub/certificates/none/generateVerificationCode", null, Set.of("iothubowner")),
                Arguments.of("POST", "/hub/certificates/none/verify", "{}", Set.of("iothubowner")));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("operations")
    void givenEachPolicy_whenOperationIsCalled_thenOnlyThoseWithItsPermissionAreLetIn(
            String method, String path, String body, Set<String> allowed) {
        for (var policy : Set.of(
                "iothubowner", "service", "device", "registryRead", "registryReadWrite", AccessPolicy.INTERNAL)) {
            var answer = BackEnd.of(port, policy)
                    .send(method, path.replace("{id}", id), body == null ? null : body.replace("{id}", id));

            assertThat(answer.status() != 401).as(policy + " " + answer.body()).isEqualTo(allowed.contains(policy));
            if (answer.status() == 401) {
                assertThat(answer.header("iothub-errorcode")).isEqualTo("IotHubUnauthorizedAccess");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2016-11-14", "2018-06-30", "2020-05-31-preview", "2020-09-30", "2021-04-12", "2024-03-31"})
    void givenKnownVersion_whenAsked_thenAnswered(String version) {
        var answer = BackEnd.of(port, "iothubowner").get("/devices?top=1&api-version=" + version);

        assertThat(answer.status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/devices?no-version",
                "/devices?api-version=",
                "/devices?api-version=2016-11-13",
                "/devices?api-version=2021-13-01",
                "/devices?api-version=latest"
            })
    void givenNoOrUnknownVersion_whenAsked_thenInvalidProtocolVersion(String path) {
        var answer = BackEnd.of(port, "iothubowner").get(path);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.header("iothub-errorcode")).isEqualTo("InvalidProtocolVersion");
    }

    @Test
    void givenNoVersion_whenTheHubIsManaged_thenAnsweredSinceAzureHasNoSuchOperation() {
        assertThat(BackEnd.of(port, "iothubowner")
                        .get("/hub/policies?no-version")
                        .status())
                .isEqualTo(200);
    }

    private BackEnd.Answer get(String authorization) {
        return BackEnd.withAuthorization(port, authorization).get("/devices/" + id);
    }

    /** A token whose fields stand as in the form. */
    private static String token(String form, SymmetricKey key, String policy) {
        var filled = form.replace("{host}", HOST);
        var sr = filled.replaceFirst("(?i).*\\bsr=([^&]*).*", "$1");
        var se = IN_AN_HOUR.getEpochSecond();
        var signature = hmac(key, sr + "\n" + se);
        return "SharedAccessSignature "
                + filled.replace("{sig}", URLEncoder.encode(signature, StandardCharsets.UTF_8))
                        .replace("{raw}", signature)
                        .replace("{se}", Long.toString(se))
                        .replace("{skn}", policy);
    }

    private static String hmac(SymmetricKey key, String text) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key.bytes(), "HmacSHA256"));
            return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
