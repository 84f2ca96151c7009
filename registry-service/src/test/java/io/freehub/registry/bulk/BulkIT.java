package io.freehub.registry.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.registry.BackEnd;
import io.freehub.registry.RegistryTest;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@RegistryTest
class BulkIT {

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    private BackEnd owner;
    private final String id = BackEnd.newId();

    @BeforeEach
    void connect() {
        owner = BackEnd.of(port, "iothubowner");
    }

    @Test
    void givenOneGoodAndOneDuplicate_whenPosted_thenGoodOneExistsAndTheOtherIsTold() {
        owner.create(id);

        var answer = bulk("""
                [{"id":"%1$s","importMode":"create"},{"id":"%1$s-2","importMode":"create"}]""");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.header("IotHubErrorCode")).isEqualTo("BulkRegistryOperationFailure");
        assertThat(answer.header("iothub-errorcode")).isEqualTo("BulkRegistryOperationFailure");
        assertThat(answer.body()).isEqualTo("""
                        {"isSuccessful":false,"errors":[{"deviceId":"%1$s","moduleId":null,\
                        "errorCode":"DeviceAlreadyExists","errorStatus":"A device with ID '%1$s' is already registered.",\
                        "operation":null}],"warnings":[]}""".formatted(id));
        assertThat(owner.get("/devices/" + id + "-2").status()).isEqualTo(200);
    }

    @Test
    void givenHundredDevices_whenCreated_thenAllExist() {
        var answer = owner.post("/devices/", items(100));

        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"isSuccessful\":true,\"errors\":[],\"warnings\":[]}");
        assertThat(owner.get("/devices/" + id + "-99").status()).isEqualTo(200);
    }

    @Test
    void givenHundredDevicesWithLongReasons_whenCreated_thenAllExist() {
        var reason = "r".repeat(128);

        var answer = owner.post("/devices", items(100).replace("}", ",\"statusReason\":\"" + reason + "\"}"));

        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(owner.get("/devices/" + id + "-0").text("/statusReason")).isEqualTo(reason);
    }

    @Test
    void givenHundredAndOneDevices_whenPosted_thenTooManyAndNoneExists() {
        var answer = owner.post("/devices", items(101));

        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.header("iothub-errorcode")).isEqualTo("TooManyDevices");
        assertThat(owner.get("/devices/" + id + "-0").status()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"deleteIfMatchEtag", "delete", "Delete", "DeleteIfMatchETag"})
    void givenAnySpellingOfDeleteWithAnyTag_whenPosted_thenDeleted(String mode) {
        owner.create(id);

        var answer = bulk("[{\"id\":\"%1$s\",\"etag\":\"*\",\"importMode\":\"" + mode + "\"}]");

        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(owner.get("/devices/" + id).status()).isEqualTo(404);
    }

    @Test
    void givenTags_whenUpdatedIfTheyMatch_thenOnlyTheFittingOneChanges() {
        var etag = owner.create(id).text("/etag");
        owner.create(id + "-2");

        var answer = bulk(
                "[{\"id\":\"%1$s\",\"eTag\":\"" + etag
                        + "\",\"importMode\":\"UpdateIfMatchETag\",\"status\":\"disabled\"},"
                        + "{\"id\":\"%1$s-2\",\"eTag\":\"AAAA\",\"importMode\":\"updateIfMatchETag\",\"status\":\"disabled\"}]");

        assertThat(answer.text("/errors/0/errorCode")).isEqualTo("PreconditionFailed");
        assertThat(owner.get("/devices/" + id).text("/status")).isEqualTo("disabled");
        assertThat(owner.get("/devices/" + id + "-2").text("/status")).isEqualTo("enabled");
    }

    @Test
    void givenMixture_whenPosted_thenEachItemStandsForItself() {
        owner.create(id + "-old");
        owner.create(id + "-gone");

        var answer = bulk("""
                [{"id":"%1$s-new","status":"disabled","statusReason":"spare","tags":{"a":1}},
                 {"id":"%1$s-old","importMode":"update","authentication":{"type":"certificateAuthority"}},
                 {"id":"%1$s-gone","importMode":"delete"},
                 {"id":"%1$s-missing","importMode":"update"},
                 {"id":"%1$s-new","importMode":"delete"},
                 {"id":"%1$s-m","moduleId":"m"},
                 {"id":"no slash/","importMode":"create"},
                 {"importMode":"create"},
                 {"id":"%1$s-t","importMode":"updateTwin"},
                 {"id":"%1$s-k","authentication":{"symmetricKey":{"primaryKey":"AAAA","secondaryKey":"AAAA"}}}]""");

        var errors = answer.json().get("errors");
        assertThat(IntStream.range(0, errors.size())
                        .mapToObj(i -> errors.get(i).get("deviceId").asText() + " "
                                + errors.get(i).get("errorCode").asText()))
                .containsExactlyInAnyOrder(
                        id + "-missing DeviceNotFound",
                        id + "-new DeviceDefinedMultipleTimes",
                        id + "-m DeviceNotFound",
                        "no slash/ ArgumentInvalid",
                        "null ArgumentInvalid",
                        id + "-t ArgumentInvalid",
                        id + "-k ArgumentInvalid");
        assertThat(answer.text("/warnings/0/deviceId")).isEqualTo(id + "-new");
        assertThat(answer.text("/warnings/0/warningCode")).isEqualTo("DeviceRegisteredWithoutTwin");
        assertThat(owner.get("/devices/" + id + "-new").text("/statusReason")).isEqualTo("spare");
        assertThat(owner.get("/devices/" + id + "-old").text("/authentication/type"))
                .isEqualTo("certificateAuthority");
        assertThat(owner.get("/devices/" + id + "-gone").status()).isEqualTo(404);
    }

    @Test
    void givenModules_whenPosted_thenEachItemStandsForItself() {
        owner.create(id);
        var old = owner.put("/devices/" + id + "/modules/old", "{\"managedBy\":\"me\"}");
        owner.put("/devices/" + id + "/modules/stale", "{}");
        owner.put("/devices/" + id + "/modules/gone", "{}");
        var spare = owner.put("/devices/" + id + "/modules/spare", "{}");

        var answer = bulk("""
                [{"id":"%1$s","moduleId":"new","managedBy":"us","authentication":{"type":"none"}},
                 {"id":"%1$s","moduleId":"old","importMode":"UpdateIfMatchETag","eTag":"OLD_TAG"},
                 {"id":"%1$s","moduleId":"stale","importMode":"updateIfMatchETag","eTag":"AAAA"},
                 {"id":"%1$s","moduleId":"gone","importMode":"delete"},
                 {"id":"%1$s","moduleId":"spare","importMode":"DeleteIfMatchETag","eTag":"SPARE_TAG"},
                 {"id":"%1$s","moduleId":"missing","importMode":"update"},
                 {"id":"%1$s","moduleId":"missing too","importMode":"create"},
                 {"id":"%1$s","moduleId":"$edgeAgent","importMode":"create"},
                 {"id":"%1$s-no","moduleId":"new","importMode":"create"},
                 {"id":"%1$s","moduleId":"new","importMode":"delete"}]""".replace("OLD_TAG", old.text("/etag")).replace("SPARE_TAG", spare.text("/etag")));

        var errors = answer.json().get("errors");
        assertThat(IntStream.range(0, errors.size())
                        .mapToObj(i -> errors.get(i).get("deviceId").asText() + "/"
                                + errors.get(i).get("moduleId").asText() + " "
                                + errors.get(i).get("errorCode").asText()))
                .containsExactlyInAnyOrder(
                        id + "/stale PreconditionFailed",
                        id + "/missing ModuleNotFound",
                        id + "/missing too ArgumentInvalid",
                        id + "/$edgeAgent ArgumentInvalid",
                        id + "-no/new DeviceNotFound",
                        id + "/new DeviceDefinedMultipleTimes");
        var modules = owner.get("/devices/" + id + "/modules").json();
        assertThat(IntStream.range(0, modules.size())
                        .mapToObj(i -> modules.get(i).get("moduleId").asText() + " "
                                + modules.get(i).get("managedBy").asText() + " "
                                + modules.get(i).at("/authentication/type").asText()))
                .containsExactlyInAnyOrder("new us sas", "old null sas", "stale null sas");
    }

    @Test
    void givenDeviceWithItsModules_whenPostedAtOnce_thenEachItemSeesThoseBefore() {
        owner.create(id + "-old");

        var answer = bulk("""
                [{"id":"%1$s","capabilities":{"iotEdge":true}},
                 {"id":"%1$s","moduleId":"burner"},
                 {"id":"%1$s","moduleId":"$edgeHub","importMode":"update"},
                 {"id":"%1$s-old","moduleId":"short-lived"},
                 {"id":"%1$s-old","importMode":"delete"},
                 {"id":"%1$s-old","moduleId":"late"}]""");

        assertThat(answer.json().get("errors")).hasSize(1);
        assertThat(answer.text("/errors/0/errorCode")).isEqualTo("DeviceNotFound");
        assertThat(answer.text("/errors/0/moduleId")).isEqualTo("late");
        var modules = owner.get("/devices/" + id + "/modules").json();
        assertThat(IntStream.range(0, modules.size())
                        .mapToObj(i -> modules.get(i).get("moduleId").asText() + " "
                                + modules.get(i).at("/authentication/type").asText()))
                .containsExactlyInAnyOrder("$edgeAgent none", "$edgeHub sas", "burner sas");
        assertThat(owner.get("/devices/" + id + "-old").status()).isEqualTo(404);
    }

    @Test
    void givenNothingButInvalidItems_whenPosted_thenEachIsTold() {
        var answer = bulk("[{\"id\":\"a b\"},{\"id\":\"%1$s\",\"importMode\":\"upsert\"}]");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("errors")).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "[null]", "{}", "null"})
    void givenNoListOfDevices_whenPosted_thenArgumentInvalid(String body) {
        var answer = owner.post("/devices", body);

        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(answer.header("iothub-errorcode")).isEqualTo("ArgumentInvalid");
    }

    @Test
    void givenDevices_whenKeysAreRegenerated_thenOnlyTheNamedKeyChanges() {
        var before = owner.create(id);

        var answer = owner.post(
                "/devices/keys/regenerate?api-version=2024-03-31",
                "{\"policyKey\":\"primaryKey\",\"devices\":[{\"id\":\"" + id + "\"},{\"id\":\"" + id + "-no\"}]}");

        var after = owner.get("/devices/" + id);
        assertThat(answer.status()).as(answer.body()).isEqualTo(207);
        assertThat(answer.text("/rotatedKeys/0/primaryKey"))
                .isEqualTo(after.text("/authentication/symmetricKey/primaryKey"))
                .isNotEqualTo(before.text("/authentication/symmetricKey/primaryKey"));
        assertThat(after.text("/authentication/symmetricKey/secondaryKey"))
                .isEqualTo(before.text("/authentication/symmetricKey/secondaryKey"));
        assertThat(answer.text("/errors/0/errorCode")).isEqualTo("DeviceNotFound");
    }

    @Test
    void givenModules_whenKeysAreRegenerated_thenTheirsChangeAndTheirDevicesDoNot() {
        var device = owner.create(id);
        var before = owner.put("/devices/" + id + "/modules/burner", "{}");

        var answer = owner.post("/devices/keys/regenerate?api-version=2024-03-31", """
                {"policyKey":"secondaryKey","devices":[{"id":"%1$s","moduleId":"burner"},{"id":"%1$s","moduleId":"no"}]}""".formatted(id));

        var after = owner.get("/devices/" + id + "/modules/burner");
        assertThat(answer.status()).as(answer.body()).isEqualTo(207);
        assertThat(answer.text("/rotatedKeys/0/id")).isEqualTo(id);
        assertThat(answer.text("/rotatedKeys/0/moduleId")).isEqualTo("burner");
        assertThat(answer.text("/rotatedKeys/0/secondaryKey"))
                .isEqualTo(after.text("/authentication/symmetricKey/secondaryKey"))
                .isNotEqualTo(before.text("/authentication/symmetricKey/secondaryKey"));
        assertThat(after.text("/authentication/symmetricKey/primaryKey"))
                .isEqualTo(before.text("/authentication/symmetricKey/primaryKey"));
        assertThat(answer.text("/errors/0/errorCode")).isEqualTo("ModuleNotFound");
        assertThat(answer.text("/errors/0/moduleId")).isEqualTo("no");
        assertThat(owner.get("/devices/" + id).body()).isEqualTo(device.body());
    }

    @Test
    void givenUnknownPolicyKeyOrOnlyMissingDevices_whenRegenerated_thenRefused() {
        var wrongKey = owner.post("/devices/keys/regenerate", "{\"policyKey\":\"third\",\"devices\":[{\"id\":\"x\"}]}");
        var missing = owner.post(
                "/devices/keys/regenerate", "{\"policyKey\":\"both\",\"devices\":[{\"id\":\"" + id + "\"}]}");

        assertThat(wrongKey.status()).isEqualTo(400);
        assertThat(wrongKey.header("iothub-errorcode")).isEqualTo("InvalidPolicyKey");
        assertThat(missing.status()).isEqualTo(400);
        assertThat(missing.header("iothub-errorcode")).isEqualTo("BulkRegenerateDeviceKeyOperationFailure");
    }

    private BackEnd.Answer bulk(String body) {
        return owner.post("/devices", body.formatted(id));
    }

    private String items(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "{\"id\":\"" + id + "-" + i + "\",\"importMode\":\"create\"}")
                .collect(Collectors.joining(",", "[", "]"));
    }
}
