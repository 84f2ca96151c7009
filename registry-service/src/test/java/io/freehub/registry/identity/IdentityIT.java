package io.freehub.registry.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.registry.BackEnd;
import io.freehub.registry.RegistryTest;
import java.util.Base64;
import java.util.stream.StreamSupport;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@RegistryTest
class IdentityIT {

    private static final String PRIMARY = "/authentication/symmetricKey/primaryKey";
    private static final String SECONDARY = "/authentication/symmetricKey/secondaryKey";
    private static final String KEY = Base64.getEncoder().encodeToString(new byte[16]);
    private static final String OTHER_KEY = Base64.getEncoder().encodeToString(new byte[64]);
    private static final String THUMBPRINT = "0123456789abcdefABCDEF012345678901234567";

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    private BackEnd owner;
    private final String id = BackEnd.newId();
    private final String path = "/devices/" + id;

    @BeforeEach
    void connect() {
        owner = BackEnd.of(port, "iothubowner");
    }

    @Test
    void givenMinimalBody_whenPut_thenWholeIdentityWithGeneratedKeysIsAnswered() {
        var answer = owner.put(path, "{\"deviceId\":\"" + id + "\"}");

        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).startsWith("application/json");
        assertThat(answer.header("x-ms-request-id")).isNotEmpty();
        assertThat(Base64.getDecoder().decode(answer.text(PRIMARY))).hasSize(32);
        assertThat(Base64.getDecoder().decode(answer.text(SECONDARY))).hasSize(32);
        assertThat(answer.header("ETag")).isEqualTo('"' + answer.text("/etag") + '"');
        assertThat(Long.parseLong(new String(Base64.getDecoder().decode(answer.text("/etag")))))
                .isPositive();
        assertThat(answer.text("/generationId")).matches("[0-9]{18}");
        assertThat(answer.body()).isEqualTo("""
                        {"deviceId":"%s","generationId":"%s","etag":"%s","connectionState":"Disconnected",\
                        "status":"enabled","statusReason":null,"connectionStateUpdatedTime":"0001-01-01T00:00:00Z",\
                        "statusUpdatedTime":"0001-01-01T00:00:00Z","lastActivityTime":"0001-01-01T00:00:00Z",\
                        "cloudToDeviceMessageCount":0,"authentication":{"symmetricKey":{"primaryKey":"%s",\
                        "secondaryKey":"%s"},"x509Thumbprint":{"primaryThumbprint":null,"secondaryThumbprint":null},\
                        "type":"sas"},"capabilities":{"iotEdge":false}}""".formatted(
                id, answer.text("/generationId"), answer.text("/etag"), answer.text(PRIMARY), answer.text(SECONDARY)));
        assertThat(owner.get(path).body()).isEqualTo(answer.body());
        assertThat(owner.get(path).header("ETag")).isEqualTo(answer.header("ETag"));
    }

    @Test
    void givenDevice_whenPutWithoutIfMatch_thenConflictEvenWithItsTagInTheBody() {
        var etag = owner.create(id).text("/etag");

        var answer = owner.put(path, "{\"deviceId\":\"" + id + "\",\"etag\":\"" + etag + "\"}");

        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.header("iothub-errorcode")).isEqualTo("DeviceAlreadyExists");
        assertThat(answer.text("/Message")).startsWith("ErrorCode:DeviceAlreadyExists;");
        assertThat(answer.text("/ExceptionMessage")).startsWith("Tracking ID:" + answer.header("x-ms-request-id"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "\"*\"", "%s", "\"%s\"", "W/\"%s\""})
    void givenDevice_whenPutWithFittingIfMatch_thenReplacedUnderNewTag(String ifMatch) {
        var etag = owner.create(id).text("/etag");

        var answer = owner.put(path, "{\"status\":\"Disabled\"}", "If-Match", ifMatch.formatted(etag));

        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.text("/status")).isEqualTo("disabled");
        assertThat(answer.text("/etag")).isNotEqualTo(etag);
        assertThat(owner.get(path).body()).isEqualTo(answer.body());
    }

    @Test
    void givenDevice_whenPutWithStaleTag_thenPreconditionFailedAndNothingChanged() {
        var stale = owner.create(id).text("/etag");
        var current = owner.put(path, "{}", "If-Match", "*").body();

        var answer = owner.put(path, "{\"status\":\"disabled\"}", "If-Match", '"' + stale + '"');

        assertThat(answer.status()).isEqualTo(412);
        assertThat(answer.header("iothub-errorcode")).isEqualTo("PreconditionFailed");
        assertThat(owner.get(path).body()).isEqualTo(current);
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "\"NzQ5\""})
    void givenNoDevice_whenPutWithIfMatch_thenNotFound(String ifMatch) {
        var answer = owner.put(path, "{}", "If-Match", ifMatch);

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.header("iothub-errorcode")).isEqualTo("DeviceNotFound");
    }

    @Test
    void givenKeys_whenUpdatedWithAndWithoutThem_thenEchoedByteForByteOrMadeAnew() {
        var created = owner.put(path, withKeys(KEY, OTHER_KEY));
        var kept = owner.put(path, withKeys(KEY, OTHER_KEY), "If-Match", "*");
        var renewed = owner.put(path, "{}", "If-Match", "*");

        assertThat(created.text(PRIMARY)).isEqualTo(KEY);
        assertThat(kept.text(PRIMARY)).isEqualTo(KEY);
        assertThat(kept.text(SECONDARY)).isEqualTo(OTHER_KEY);
        assertThat(renewed.text(PRIMARY)).isNotEqualTo(KEY);
        assertThat(renewed.text(SECONDARY)).isNotEqualTo(OTHER_KEY);
    }

    @Test
    void givenEmptyKeys_whenPut_thenKeysAreGenerated() {
        var answer = owner.put(path, withKeys("", ""));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(Base64.getDecoder().decode(answer.text(PRIMARY))).hasSize(32);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"authentication\":{\"symmetricKey\":{\"primaryKey\":\"AAAAAAAAAAAAAAAAAAAAAA==\"}}}",
                "{\"authentication\":{\"symmetricKey\":{\"primaryKey\":\"AAAAAAAAAAAAAAAAAAAA\",\"secondaryKey\":\"AAAAAAAAAAAAAAAAAAAA\"}}}",
                "{\"authentication\":{\"type\":\"none\"}}",
                "{\"authentication\":{\"type\":\"selfSigned\",\"x509Thumbprint\":{\"primaryThumbprint\":\"12:34\"}}}",
                "{\"status\":\"off\"}",
                "{\"deviceId\":\"another\"}",
            })
    void givenInvalidBody_whenPut_thenArgumentInvalidAndNoDevice(String body) {
        var answer = owner.put(path, body);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.header("iothub-errorcode")).isEqualTo("ArgumentInvalid");
        assertThat(owner.get(path).status()).isEqualTo(404);
    }

    @Test
    void givenThumbprints_whenPutWithoutType_thenSelfSignedWithTheirCaseKept() {
        var answer = owner.put(
                path, "{\"authentication\":{\"x509Thumbprint\":{\"primaryThumbprint\":\"" + THUMBPRINT + "\"}}}");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text("/authentication/type")).isEqualTo("selfSigned");
        assertThat(answer.text("/authentication/x509Thumbprint/primaryThumbprint"))
                .isEqualTo(THUMBPRINT);
        assertThat(answer.json().at(PRIMARY).isNull()).isTrue();
        assertThat(owner.get(path).body()).isEqualTo(answer.body());
    }

    @Test
    void givenCertificateAuthority_whenPut_thenNeitherKeysNorThumbprints() {
        var answer = owner.put(path, "{\"authentication\":{\"type\":\"certificateAuthority\"}}");

        assertThat(answer.text("/authentication/type")).isEqualTo("certificateAuthority");
        assertThat(answer.json().at(PRIMARY).isNull()).isTrue();
        assertThat(owner.get(path).body()).isEqualTo(answer.body());
    }

    @Test
    void givenBodyInAnyCaseWithUnknownAndReadOnlyFields_whenPut_thenReadAsMeant() {
        var answer = owner.put(
                path,
                "{\"DeviceId\":\"" + id + "\",\"Status\":\"DISABLED\",\"statusreason\":\"parked\",\"etag\":\"\","
                        + "\"generationId\":\"\",\"connectionState\":\"Connected\",\"future\":{\"a\":[1]}}");

        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.text("/status")).isEqualTo("disabled");
        assertThat(answer.text("/statusReason")).isEqualTo("parked");
        assertThat(answer.text("/connectionState")).isEqualTo("Disconnected");
    }

    @Test
    void givenDisabledDeviceWithReason_whenReplacedByNothing_thenDefaultsAreBackAndStatusTimeMoves() {
        owner.put(path, "{\"status\":\"disabled\",\"statusReason\":\"parked\",\"capabilities\":{\"iotEdge\":true}}");

        var answer = owner.put(path, "{}", "If-Match", "*");

        assertThat(answer.text("/status")).isEqualTo("enabled");
        assertThat(answer.json().at("/statusReason").isNull()).isTrue();
        assertThat(answer.json().at("/capabilities/iotEdge").asBoolean()).isFalse();
        assertThat(answer.text("/statusUpdatedTime")).startsWith("20").endsWith("Z");
    }

    @Test
    void givenDevice_whenDeleted_thenGoneAndItsNextLifeIsAnotherGeneration() {
        var first = owner.create(id);

        var deleted = owner.delete(path, "If-Match", "\"*\"");
        var again = owner.delete(path, "If-Match", "*");

        assertThat(deleted.status()).isEqualTo(204);
        assertThat(deleted.body()).isEmpty();
        assertThat(again.status()).isEqualTo(404);
        assertThat(again.header("iothub-errorcode")).isEqualTo("DeviceNotFound");
        assertThat(owner.create(id).text("/generationId")).isNotEqualTo(first.text("/generationId"));
    }

    @Test
    void givenDevice_whenDeletedWithoutOrWithForeignTag_thenPreconditionFailedAndKept() {
        owner.create(id);

        assertThat(owner.delete(path).status()).isEqualTo(412);
        assertThat(owner.delete(path, "If-Match", "\"AAAA\"").status()).isEqualTo(412);
        assertThat(owner.get(path).status()).isEqualTo(200);
    }

    @Test
    void givenEdgeDeviceAndChild_whenScopesAreSet_thenChildNamesItsParentUntilDetached() {
        var edge = owner.put(path, "{\"capabilities\":{\"iotEdge\":true}}");
        var scope = edge.text("/deviceScope");
        var child = "/devices/" + BackEnd.newId();

        var attached = owner.put(child, "{\"deviceScope\":\"" + scope + "\"}");
        var detached = owner.put(child, "{\"deviceScope\":\"\"}", "If-Match", "*");

        assertThat(scope).matches("ms-azure-iot-edge://" + id + "-[0-9]+");
        assertThat(edge.json().has("parentScopes")).isFalse();
        assertThat(attached.text("/deviceScope")).isEqualTo(scope);
        assertThat(attached.text("/parentScopes/0")).isEqualTo(scope);
        assertThat(detached.json().has("deviceScope")).isFalse();
        assertThat(detached.json().has("parentScopes")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/devices%2F", "//devices/", "/devices//"})
    void givenDevice_whenGotUnderAnotherSpelling_thenSameAnswer(String prefix) {
        owner.create(id);

        assertThat(owner.get(prefix + id).body()).isEqualTo(owner.get(path).body());
        assertThat(owner.get(prefix + id + "/").body())
                .isEqualTo(owner.get(path).body());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a:b.c_d", "a%25b", "a%2525b", "a%23b%3Fc", "a;b=c", "a+b", "a%2Bb", "a(b)!*'$,@=", "a%3Bb"})
    void givenIdWithSpecialCharacters_whenCreated_thenFoundUnderTheSamePath(String encoded) {
        var special = "/devices/" + encoded + id;
        var expected = io.freehub.model.PercentCoding.decode(encoded) + id;

        var created = owner.put(special, "{}");

        assertThat(created.status()).as(created.body()).isEqualTo(200);
        assertThat(created.text("/deviceId")).isEqualTo(expected);
        assertThat(owner.get(special).text("/deviceId")).isEqualTo(expected);
    }

    @Test
    void givenIdOf128Characters_whenCreated_thenAcceptedAndOneMoreIsNot() {
        var longest = "x".repeat(128 - id.length()) + id;

        assertThat(owner.create(longest).text("/deviceId")).isEqualTo(longest);
        var tooLong = owner.put("/devices/y" + longest, "{}");
        assertThat(tooLong.status()).isEqualTo(400);
        assertThat(tooLong.header("iothub-errorcode")).isEqualTo("ArgumentInvalid");
        assertThat(owner.get("/devices/" + "z".repeat(3000)).status()).isEqualTo(400);
    }

    @Test
    void givenDevices_whenListed_thenAsManyAsAskedInEveryOrderOfParameters() {
        owner.create(id);
        owner.create(id + "-2");

        assertThat(owner.get("/devices/?top=1&api-version=2021-04-12").json()).hasSize(1);
        assertThat(owner.get("/devices?api-version=2021-04-12&top=2").json()).hasSize(2);
        assertThat(StreamSupport.stream(owner.get("/devices").json().spliterator(), false)
                        .map(device -> device.get("deviceId").asText()))
                .contains(id, id + "-2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1001", "-1", "many"})
    void givenWrongTop_whenListed_thenInvalidResultCount(String top) {
        var answer = owner.get("/devices?top=" + top);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.header("iothub-errorcode")).isEqualTo("DeviceInvalidResultCount");
    }

    @Test
    void givenDevices_whenCounted_thenTotalsAddUp() {
        owner.create(id);
        owner.put(path + "-off", "{\"status\":\"disabled\"}");

        var before = owner.get("/statistics/devices").json();
        owner.put(path + "-off2", "{\"status\":\"disabled\"}");
        var after = owner.get("/statistics/devices").json();

        assertThat(after.get("totalDeviceCount").asLong())
                .isEqualTo(before.get("totalDeviceCount").asLong() + 1)
                .isEqualTo(after.get("enabledDeviceCount").asLong()
                        + after.get("disabledDeviceCount").asLong());
        assertThat(after.get("disabledDeviceCount").asLong())
                .isEqualTo(before.get("disabledDeviceCount").asLong() + 1);
    }

    private static String withKeys(String primary, String secondary) {
        return "{\"authentication\":{\"type\":\"sas\",\"symmetricKey\":{\"primaryKey\":\"%s\",\"secondaryKey\":\"%s\"}}}"
                .formatted(primary, secondary);
    }
}
