package io.freehub.registry.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.registry.BackEnd;
import io.freehub.registry.RegistryTest;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Modules over REST; what they share with devices is told of those. */
@RegistryTest
class ModuleIT {

    private static final String PRIMARY = "/authentication/symmetricKey/primaryKey";
    private static final String SECONDARY = "/authentication/symmetricKey/secondaryKey";
    private static final String KEY = Base64.getEncoder().encodeToString(new byte[16]);
    private static final String THUMBPRINT = "0123456789abcdefABCDEF012345678901234567";

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    private BackEnd owner;
    private final String id = BackEnd.newId();
    private final String device = "/devices/" + id;
    private final String path = device + "/modules/burner";

    @BeforeEach
    void connect() {
        owner = BackEnd.of(port, "iothubowner");
    }

    @Test
    void givenMinimalBody_whenPut_thenWholeModuleWithGeneratedKeysIsAnswered() {
        owner.create(id);

        var answer = owner.put(path, "{\"deviceId\":\"" + id + "\",\"moduleId\":\"burner\"}");

        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).startsWith("application/json");
        assertThat(Base64.getDecoder().decode(answer.text(PRIMARY))).hasSize(32);
        assertThat(Base64.getDecoder().decode(answer.text(SECONDARY))).hasSize(32);
        assertThat(answer.header("ETag")).isEqualTo('"' + answer.text("/etag") + '"');
        assertThat(answer.text("/generationId")).matches("[0-9]{18}");
        assertThat(answer.body()).isEqualTo("""
                        {"moduleId":"burner","managedBy":null,"deviceId":"%s","generationId":"%s","etag":"%s",\
                        "connectionState":"Disconnected","connectionStateUpdatedTime":"0001-01-01T00:00:00Z",\
                        "lastActivityTime":"0001-01-01T00:00:00Z","cloudToDeviceMessageCount":0,\
                        "authentication":{"symmetricKey":{"primaryKey":"%s","secondaryKey":"%s"},\
                        "x509Thumbprint":{"primaryThumbprint":null,"secondaryThumbprint":null},"type":"sas"}}""".formatted(
                id, answer.text("/generationId"), answer.text("/etag"), answer.text(PRIMARY), answer.text(SECONDARY)));
        assertThat(owner.get(path).body()).isEqualTo(answer.body());
        assertThat(owner.get(path).header("ETag")).isEqualTo(answer.header("ETag"));
        assertThat(owner.get("/devices%2F" + id + "%2Fmodules%2Fburner").body()).isEqualTo(answer.body());
    }

    @Test
    void givenModule_whenPutWithoutIfMatch_thenConflict() {
        create();

        var answer = owner.put(path, "{}");

        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.header("iothub-errorcode")).isEqualTo("ModuleAlreadyExistsOnDevice");
        assertThat(answer.text("/Message"))
                .isEqualTo("ErrorCode:ModuleAlreadyExistsOnDevice;The device '" + id
                        + "' already has a module with ID 'burner'.");
        assertThat(answer.text("/ExceptionMessage")).startsWith("Tracking ID:" + answer.header("x-ms-request-id"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "\"*\"", "%s", "\"%s\"", "W/\"%s\""})
    void givenModule_whenPutWithFittingIfMatch_thenReplacedUnderNewTag(String ifMatch) {
        var etag = create().text("/etag");

        var answer = owner.put(path, "{\"managedBy\":\"me\"}", "If-Match", ifMatch.formatted(etag));

        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.text("/managedBy")).isEqualTo("me");
        assertThat(answer.text("/etag")).isNotEqualTo(etag);
        assertThat(owner.get(path).body()).isEqualTo(answer.body());
        assertThat(owner.put(path, "{}", "If-Match", "*")
                        .json()
                        .at("/managedBy")
                        .isNull())
                .isTrue();
    }

    @Test
    void givenModule_whenPutOrDeletedWithStaleOrNoTag_thenPreconditionFailedAndNothingChanged() {
        var stale = create().text("/etag");
        var current = owner.put(path, "{}", "If-Match", "*").body();

        for (var answer : List.of(
                owner.put(path, "{\"managedBy\":\"me\"}", "If-Match", '"' + stale + '"'),
                owner.delete(path, "If-Match", stale),
                owner.delete(path))) {
            assertThat(answer.status()).isEqualTo(412);
            assertThat(answer.header("iothub-errorcode")).isEqualTo("PreconditionFailed");
        }
        assertThat(owner.get(path).body()).isEqualTo(current);
    }

    @Test
    void givenNoDeviceOrNoModule_whenAsked_thenEachIsToldApart() {
        assertNotFound("DeviceNotFound");
        assertThat(owner.put(path, "{}").header("iothub-errorcode")).isEqualTo("DeviceNotFound");
        assertThat(owner.get(device + "/modules").header("iothub-errorcode")).isEqualTo("DeviceNotFound");

        owner.create(id);

        assertNotFound("ModuleNotFound");
        assertThat(owner.get(device + "/modules").body()).isEqualTo("[]");
    }

    private void assertNotFound(String code) {
        for (var answer : List.of(
                owner.get(path),
                owner.put(path, "{}", "If-Match", "*"),
                owner.put(path, "{}", "If-Match", "\"NzQ5\""),
                owner.delete(path, "If-Match", "*"))) {
            assertThat(answer.status()).as(answer.body()).isEqualTo(404);
            assertThat(answer.header("iothub-errorcode")).isEqualTo(code);
            assertThat(answer.text("/Message")).startsWith("ErrorCode:" + code + ";");
        }
    }

    @Test
    void givenModules_whenListed_thenAllOfTheDeviceAndOfNoOther() {
        var first = create();
        var second = owner.put(device + "/modules/Alarm", "{}");
        // One whose id begins as the device's does, and which sorts between it and its modules.
        owner.create(id + "-2");
        owner.put("/devices/" + id + "-2/modules/burner", "{}");

        var listed = owner.get(device + "/modules");

        assertThat(listed.status()).isEqualTo(200);
        assertThat(listed.json()).containsExactlyInAnyOrder(first.json(), second.json());
        assertThat(StreamSupport.stream(owner.get("/devices").json().spliterator(), false)
                        .map(listedDevice -> listedDevice.get("deviceId").asText()))
                .contains(id, id + "-2")
                .doesNotContain(id + "/burner");
    }

    @Test
    void givenModulesOfADevice_whenDevicesAreCounted_thenModulesDoNotCount() {
        owner.create(id);
        var before = owner.get("/statistics/devices").body();

        owner.put(path, "{}");

        assertThat(owner.get("/statistics/devices").body()).isEqualTo(before);
    }

    @Test
    void givenKeys_whenUpdatedWithAndWithoutThem_thenEchoedOrMadeAnew() {
        owner.create(id);
        var created = owner.put(path, withKeys("sas", KEY));
        var kept = owner.put(path, withKeys("Sas", KEY), "If-Match", "*");
        var generated = owner.put(path, withKeys("sas", ""), "If-Match", "*");

        assertThat(created.text(PRIMARY)).isEqualTo(KEY);
        assertThat(kept.text(PRIMARY)).isEqualTo(KEY);
        assertThat(kept.text(SECONDARY)).isEqualTo(KEY);
        assertThat(Base64.getDecoder().decode(generated.text(PRIMARY))).hasSize(32);
    }

    @Test
    void givenTypeNone_whenPut_thenItBecomesSas() {
        owner.create(id);

        var generated = owner.put(path, "{\"authentication\":{\"type\":\"none\"}}");
        var given = owner.put(path, withKeys("None", KEY), "If-Match", "*");

        assertThat(generated.status()).as(generated.body()).isEqualTo(200);
        assertThat(generated.text("/authentication/type")).isEqualTo("sas");
        assertThat(Base64.getDecoder().decode(generated.text(PRIMARY))).hasSize(32);
        assertThat(given.text(PRIMARY)).isEqualTo(KEY);
    }

    @Test
    void givenCertificates_whenPut_thenThumbprintsOrNothingIsKept() {
        owner.create(id);

        var selfSigned = owner.put(
                path, "{\"authentication\":{\"x509Thumbprint\":{\"primaryThumbprint\":\"" + THUMBPRINT + "\"}}}");
        assertThat(selfSigned.text("/authentication/type")).isEqualTo("selfSigned");
        assertThat(selfSigned.text("/authentication/x509Thumbprint/primaryThumbprint"))
                .isEqualTo(THUMBPRINT);
        assertThat(owner.get(path).body()).isEqualTo(selfSigned.body());

        var byAuthority = owner.put(path, "{\"authentication\":{\"type\":\"certificateAuthority\"}}", "If-Match", "*");
        assertThat(byAuthority.text("/authentication/type")).isEqualTo("certificateAuthority");
        assertThat(byAuthority.json().at(PRIMARY).isNull()).isTrue();
        assertThat(owner.get(path).body()).isEqualTo(byAuthority.body());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"authentication\":{\"symmetricKey\":{\"primaryKey\":\"AAAAAAAAAAAAAAAAAAAAAA==\"}}}",
                "{\"authentication\":{\"type\":\"password\"}}",
                "{\"moduleId\":\"another\"}",
                "{\"deviceId\":\"another\"}",
                "{\"managedBy\":[]}",
            })
    void givenInvalidBody_whenPut_thenArgumentInvalidAndNoModule(String body) {
        owner.create(id);

        var answer = owner.put(path, body);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.header("iothub-errorcode")).isEqualTo("ArgumentInvalid");
        assertThat(owner.get(path).status()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"$edgeAgent", "$mine", "a b", "a%20b"})
    void givenIdThatIsTheHubsOrNone_whenPut_thenArgumentInvalid(String module) {
        owner.create(id);

        var answer = owner.put(device + "/modules/" + module.replace(" ", "%20"), "{}");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.header("iothub-errorcode")).isEqualTo("ArgumentInvalid");
    }

    @Test
    void givenFiftyModules_whenAnotherIsPut_thenTooMany() {
        owner.create(id);
        var items = IntStream.range(0, 50)
                .mapToObj(i -> "{\"id\":\"" + id + "\",\"moduleId\":\"m" + i + "\"}")
                .toList();
        assertThat(owner.post("/devices", items.toString()).status()).isEqualTo(200);

        var answer = owner.put(path, "{}");

        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.header("iothub-errorcode")).isEqualTo("TooManyModulesOnDevice");
        assertThat(owner.get(device + "/modules").json()).hasSize(50);
    }

    @Test
    void givenFortyNineModules_whenManyAreAddedAtOnce_thenOneWins() throws Exception {
        owner.create(id);
        owner.post(
                "/devices",
                IntStream.range(0, 49)
                        .mapToObj(i -> "{\"id\":\"" + id + "\",\"moduleId\":\"m" + i + "\"}")
                        .toList()
                        .toString());
        try (var threads = Executors.newFixedThreadPool(8)) {
            var creators = IntStream.range(0, 8)
                    .<Callable<Integer>>mapToObj(i ->
                            () -> owner.put(device + "/modules/n" + i, "{}").status())
                    .toList();
            var statuses = new java.util.ArrayList<Integer>();
            for (var status : threads.invokeAll(creators)) {
                statuses.add(status.get());
            }

            assertThat(statuses).containsOnly(200, 413).containsOnlyOnce(200);
        }
        assertThat(owner.get(device + "/modules").json()).hasSize(50);
    }

    @Test
    void givenModule_whenDeleted_thenGoneAndItsNextLifeIsAnotherGeneration() {
        var first = create();

        var deleted = owner.delete(path, "If-Match", "\"" + first.text("/etag") + "\"");

        assertThat(deleted.status()).isEqualTo(204);
        assertThat(deleted.body()).isEmpty();
        assertThat(owner.get(path).status()).isEqualTo(404);
        assertThat(owner.get(device).status()).isEqualTo(200);
        assertThat(owner.put(path, "{}").text("/generationId")).isNotEqualTo(first.text("/generationId"));
    }

    @Test
    void givenDeviceWithModules_whenDeleted_thenTheyGoWithItAndItsNextLifeHasNone() {
        create();

        owner.delete(device, "If-Match", "*");

        assertThat(owner.get(path).header("iothub-errorcode")).isEqualTo("DeviceNotFound");
        owner.create(id);
        assertThat(owner.get(device + "/modules").body()).isEqualTo("[]");
    }

    @Test
    void givenModuleChange_whenItsDeviceIsAsked_thenTheDevicesTagIsTheSame() {
        var before = owner.create(id).body();

        owner.put(path, "{}");

        assertThat(owner.get(device).body()).isEqualTo(before);
    }

    @Test
    void givenEdgeDevice_whenCreated_thenItsSystemModulesAreThereWithoutCredentials() {
        owner.put(device, "{\"capabilities\":{\"iotEdge\":true}}");

        var modules = owner.get(device + "/modules").json();

        assertThat(modules)
                .extracting(module -> module.get("moduleId").asText())
                .containsExactlyInAnyOrder("$edgeAgent", "$edgeHub");
        assertThat(modules).allSatisfy(module -> {
            assertThat(module.get("managedBy").asText()).isEqualTo("iotEdge");
            assertThat(module.at("/authentication").toString()).isEqualTo("""
                            {"symmetricKey":{"primaryKey":null,"secondaryKey":null},\
                            "x509Thumbprint":{"primaryThumbprint":null,"secondaryThumbprint":null},"type":"none"}""");
        });
        assertThat(owner.delete(device + "/modules/$edgeHub", "If-Match", "*").status())
                .isEqualTo(400);
        assertThat(owner.get(device + "/modules/%24edgeHub").status()).isEqualTo(200);
    }

    @Test
    void givenEdgeAgent_whenUpdatedAsItsRuntimeDoes_thenItHasKeysAndStaysTheHubs() {
        owner.put(device, "{\"capabilities\":{\"iotEdge\":true}}");

        var answer = owner.put(
                device + "/modules/$edgeAgent", "{\"authentication\":{\"type\":\"sas\"}}", "If-Match", "\"*\"");

        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(Base64.getDecoder().decode(answer.text(PRIMARY))).hasSize(32);
        assertThat(answer.text("/managedBy")).isEqualTo("iotEdge");
    }

    @Test
    void givenDevice_whenItBecomesAnEdgeDeviceAndALeafAgain_thenSystemModulesComeAndGo() {
        create();

        var edge = owner.put(device, "{\"capabilities\":{\"iotEdge\":true}}", "If-Match", "*");
        assertThat(owner.get(device + "/modules").json())
                .extracting(module -> module.get("moduleId").asText())
                .containsExactlyInAnyOrder("$edgeAgent", "$edgeHub", "burner");

        owner.put(
                device,
                "{\"capabilities\":{\"iotEdge\":true},\"deviceScope\":\"" + edge.text("/deviceScope") + "\"}",
                "If-Match",
                "*");
        assertThat(owner.get(device + "/modules").json()).hasSize(3);

        owner.put(device, "{}", "If-Match", "*");
        assertThat(owner.get(device + "/modules").json())
                .extracting(module -> module.get("moduleId").asText())
                .containsExactly("burner");
    }

    @Test
    void givenPoliciesThatMayNotWrite_whenModulesAreWritten_thenUnauthorized() {
        create();
        var reader = BackEnd.of(port, "registryRead");
        var service = BackEnd.of(port, "service");

        assertThat(reader.get(path).status()).isEqualTo(200);
        assertThat(reader.get(device + "/modules").status()).isEqualTo(200);
        assertThat(reader.put(path, "{}", "If-Match", "*").status()).isEqualTo(401);
        assertThat(reader.delete(path, "If-Match", "*").status()).isEqualTo(401);
        assertThat(service.get(path).status()).isEqualTo(401);
        assertThat(service.get(device + "/modules").status()).isEqualTo(401);
    }

    private BackEnd.Answer create() {
        owner.create(id);
        var answer = owner.put(path, "{}");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer;
    }

    private static String withKeys(String type, String key) {
        return "{\"authentication\":{\"type\":\"%1$s\",\"symmetricKey\":{\"primaryKey\":\"%2$s\",\"secondaryKey\":\"%2$s\"}}}"
                .formatted(type, key);
    }
}
