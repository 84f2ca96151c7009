package io.freehub.registry.access;

import static io.freehub.registry.access.HubRealm.SECRET;
import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.embedded.Ports;
import io.freehub.model.BearerRights;
import io.freehub.model.DataAction;
import io.freehub.registry.BackEnd;
import io.freehub.registry.RegistryTest;
import io.freehub.service.LogKeys;
import io.freehub.service.json.HubJson;
import io.freehub.testing.TestKeycloak;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logmanager.ExtLogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Back ends with tokens of a real Keycloak. The service starts before its provider can be reached. */
@RegistryTest
@QuarkusTestResource(value = OidcIT.Provider.class, restrictToAnnotatedClass = true)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class OidcIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Logger REFUSALS = Logger.getLogger("io.freehub.service.http.ErrorMapper");

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    private final String id = BackEnd.newId();
    private final List<ExtLogRecord> lines = new CopyOnWriteArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            var copy = ExtLogRecord.wrap(line);
            copy.copyMdc();
            lines.add(copy);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        REFUSALS.addHandler(handler);
    }

    @AfterEach
    void stop() {
        REFUSALS.removeHandler(handler);
    }

    /** First of all, since a provider that was reached once is known for good. */
    @Test
    @Order(1)
    void givenProviderAway_whenAllKindsOfBackEndsCall_thenOnlyBearersWaitUntilItIsBack() throws Exception {
        var contributor = bearer(token("contributor"));
        var devices = IntStream.range(0, 100)
                .mapToObj(i -> "{\"id\":\"%s-%d\",\"statusReason\":\"%s\"}".formatted(id, i, "x".repeat(100)))
                .collect(Collectors.joining(",", "[", "]"));

        var away = contributor.get("/devices/" + id);
        assertThat(away.status()).as(away.body()).isEqualTo(503);
        assertThat(away.header("iothub-errorcode")).isEqualTo("ServiceUnavailable");
        assertThat(BackEnd.of(port, "iothubowner").create(id).status()).isEqualTo(200);
        assertThat(contributor.get("/q/health/ready").status()).isEqualTo(200);

        Provider.way.get().open();

        // A whole body waits while the provider is asked for the first time.
        var deadline = Instant.now().plus(PATIENCE);
        var answer = contributor.post("/devices", devices);
        while (answer.status() == 503 && Instant.now().isBefore(deadline)) {
            answer = contributor.post("/devices", devices);
        }
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(contributor.get("/devices/" + id + "-99").status()).isEqualTo(200);
        assertThat(lines).anySatisfy(line -> assertThat(line.getFormattedMessage())
                .contains("error=ServiceUnavailable", "the identity provider does not answer"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "contributor,          200, 200, 200, 200",
        "reader,               200, 401, 401, 200",
        "registry-contributor, 200, 200, 200, 401",
        "twin-contributor,     401, 401, 401, 401",
        "operator,             200, 200, 200, 200", // a group that is mapped to Data Contributor
        "visitor,              401, 401, 401, 401", // a group that is mapped to nothing
        "nobody,               401, 401, 401, 401"
    })
    void givenRoles_whenOperationsAreCalled_thenOnlyThoseOfTheRole(
            String client, int get, int put, int bulk, int statistics) {
        BackEnd.of(port, "iothubowner").create(id);
        var backEnd = bearer(token(client));

        assertThat(backEnd.get("/devices/" + id).status()).isEqualTo(get);
        assertThat(backEnd.put("/devices/" + id, "{}", "If-Match", "*").status())
                .isEqualTo(put);
        assertThat(backEnd.post("/devices", "[{\"id\":\"%s-b\"}]".formatted(id)).status())
                .isEqualTo(bulk);
        assertThat(backEnd.get("/statistics/devices").status()).isEqualTo(statistics);
    }

    @Test
    void givenNoRole_whenCalled_thenRefusedInTheWordsOfIotHubAndLoggedOnceWithThePrincipal() {
        var token = token("nobody");

        var answer = bearer(token).get("/devices/" + id);

        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.header("iothub-errorcode")).isEqualTo("IotHubUnauthorized");
        assertThat(answer.text("/ExceptionMessage")).isEmpty();
        var why = "Principal service-account-nobody is not authorized for GET on /devices/" + id
                + " due to no assigned permissions";
        assertThat(answer.text("/Message")).startsWith("{\"errorCode\":401003,\"message\":\"" + why + "\"");
        assertThat(lines).singleElement().satisfies(line -> {
            assertThat(line.getFormattedMessage()).contains(why).doesNotContain(token);
            assertThat(line.getMdc(LogKeys.PRINCIPAL)).isEqualTo("service-account-nobody");
        });
    }

    static Stream<Arguments> refused() {
        var good = token("contributor");
        var parts = good.split("\\.");
        var signature = parts[2];
        var tampered = (signature.charAt(0) == 'A' ? 'B' : 'A') + signature.substring(1);
        var claims = decode(parts[1]);
        return Stream.of(
                Arguments.of("no token", "abc", "no JSON Web Token"),
                Arguments.of("three times nothing", "..", "no JSON Web Token"),
                Arguments.of("no base64", "a.b.c", "no JSON Web Token"),
                Arguments.of("no claims", encode("{}") + "." + encode("[]") + ".c", ""),
                Arguments.of("not valid yet", token("not-yet"), "not valid yet"),
                Arguments.of("another audience", token("elsewhere"), "not for the audience https://iothubs.azure.net"),
                Arguments.of("another realm", Provider.other.get().token("contributor", SECRET), "not signed"),
                Arguments.of("signature changed", parts[0] + "." + parts[1] + "." + tampered, "not signed"),
                Arguments.of("signature missing", parts[0] + "." + parts[1] + ".", "no JSON Web Token"),
                Arguments.of(
                        "claims changed",
                        parts[0] + "." + encode(claims.replace("contributor", "owner")) + "." + signature,
                        "not signed"),
                Arguments.of("unsigned", encode("{\"alg\":\"none\"}") + "." + parts[1] + ".", "no JSON Web Token"),
                Arguments.of(
                        "unsigned, with a signature",
                        encode(decode(parts[0]).replace("RS256", "none")) + "." + parts[1] + "." + signature,
                        "is not"),
                Arguments.of("signed by a secret", hmac(parts[0], parts[1]), "is not"),
                Arguments.of("far too long", good + "x".repeat(17_000), "longer than"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refused")
    void givenBadToken_whenDeviceIsAsked_thenRefusedAndNotLogged(String name, String token, String why) {
        var answer = bearer(token).get("/devices/" + id);

        assertThat(answer.status()).as(answer.body()).isEqualTo(401);
        assertThat(answer.header("iothub-errorcode")).isEqualTo("IotHubUnauthorized");
        assertThat(answer.text("/Message")).startsWith("{\"errorCode\":401003,").contains(why);
        assertThat(lines).singleElement().satisfies(line -> {
            assertThat(line.getFormattedMessage()).contains(why);
            if (token.length() > 3) {
                assertThat(line.getFormattedMessage()).doesNotContain(token);
            }
        });
    }

    @Test
    void givenShortLivedToken_whenItsLifeIsOver_thenRefused() {
        BackEnd.of(port, "iothubowner").create(id);
        var backEnd = bearer(token("short-lived"));
        assertThat(backEnd.get("/devices/" + id).status()).isEqualTo(200);

        var deadline = Instant.now().plus(PATIENCE);
        var answer = backEnd.get("/devices/" + id);
        while (answer.status() == 200 && Instant.now().isBefore(deadline)) {
            answer = backEnd.get("/devices/" + id);
        }

        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.text("/Message")).contains("the bearer token has expired");
    }

    @Test
    void givenBearer_whenApiVersionIsMissing_thenBadRequestForWhoMayCallAndUnauthorizedForOthers() {
        assertThat(bearer(token("reader")).get("/devices/" + id + "?no-version").header("iothub-errorcode"))
                .isEqualTo("InvalidProtocolVersion");
        assertThat(bearer(token("nobody")).get("/devices/" + id + "?no-version").header("iothub-errorcode"))
                .isEqualTo("IotHubUnauthorized");
    }

    @Test
    void givenBearer_whenAGatewayAsksWhoItIs_thenNameActionsAndEnd() {
        var before = Instant.now();

        var answer = bearer(token("reader")).get("/internal/caller");

        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        var rights = HubJson.read(answer.body().getBytes(StandardCharsets.UTF_8), BearerRights.class);
        assertThat(rights.name()).isEqualTo("service-account-reader");
        assertThat(rights.actions())
                .contains(DataAction.DEVICES_READ, DataAction.FILE_UPLOAD_NOTIFICATIONS)
                .doesNotContain(DataAction.CLOUD_TO_DEVICE_SEND, DataAction.HUB_MANAGE);
        assertThat(rights.until()).isAfter(before).isBefore(before.plus(Duration.ofDays(1)));
        assertThat(bearer(token("elsewhere")).get("/internal/caller").status()).isEqualTo(401);
        assertThat(BackEnd.of(port, "service").get("/internal/caller").status()).isEqualTo(400);
    }

    @Test
    void givenScheme_whenSpeltInAnotherCase_thenLetIn() {
        var backEnd = BackEnd.withAuthorization(port, "bearer " + token("reader"));

        assertThat(backEnd.get("/statistics/devices").status()).isEqualTo(200);
    }

    @Test
    void givenSignatureOfPolicy_whenCalledBesideBearers_thenLetInAndLoggedAsThePrincipal() {
        assertThat(BackEnd.of(port, "registryRead").get("/devices/" + id).status())
                .isEqualTo(404);

        assertThat(lines).singleElement().satisfies(line -> assertThat(line.getMdc(LogKeys.PRINCIPAL))
                .isEqualTo("registryRead"));
    }

    private BackEnd bearer(String token) {
        return BackEnd.withAuthorization(port, "Bearer " + token);
    }

    private static String token(String client) {
        return Provider.realm.get().token(client, SECRET);
    }

    private static String decode(String part) {
        return new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8);
    }

    private static String encode(String json) {
        return encode(json.getBytes(StandardCharsets.UTF_8));
    }

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** The header names the provider's key, but the signature is made with a secret. */
    private static String hmac(String header, String claims) {
        try {
            var signed = encode(decode(header).replace("RS256", "HS256")) + "." + claims;
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return signed + "." + encode(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Two realms, and a way to the provider that is closed at first. */
    public static class Provider implements QuarkusTestResourceLifecycleManager {

        static final AtomicReference<TestKeycloak.Realm> realm = new AtomicReference<>();
        static final AtomicReference<TestKeycloak.Realm> other = new AtomicReference<>();
        static final AtomicReference<Forwarder> way = new AtomicReference<>();

        @Override
        public Map<String, String> start() {
            realm.set(HubRealm.create("hub"));
            other.set(HubRealm.create("other"));
            int door = Ports.free("127.0.0.1");
            way.set(new Forwarder(door, TestKeycloak.port()));
            return Map.of(
                    "freehub.access.oidc.provider-url", "http://127.0.0.1:" + door + "/realms/hub",
                    "freehub.access.oidc.roles-claim", "realm_access/roles,groups",
                    "freehub.access.oidc.roles.data-contributor", "IoT Hub Data Contributor,plant-operators",
                    "freehub.access.oidc.clock-skew", "0s");
        }

        @Override
        public void stop() {
            way.get().close();
        }
    }
}
