package io.freehub.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Device ids, keys, connection strings and percent-coding. */
class IdentifiersTest {

    @ParameterizedTest
    @ValueSource(strings = {"a", "A-Z:0.9+%_#*?!(),=@;$'", "$edge", "."})
    void givenLegalCharacters_whenMade_thenKeptAsTheyAre(String text) {
        assertThat(new DeviceId(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a/b", "a&b", "a\"b", "ä", "a\n", "a\u0000", "a\\b", "{}", "~"})
    void givenIllegalText_whenMadeADeviceId_thenArgumentInvalid(String text) {
        assertThatThrownBy(() -> new DeviceId(text)).isInstanceOfSatisfying(HubException.class, e -> {
            assertThat(e.error()).isEqualTo(HubError.ARGUMENT_INVALID);
            assertThat(e.getMessage()).doesNotContain("\n", "\u0000");
        });
    }

    @Test
    void givenLength_whenMadeADeviceId_then128AreTheMost() {
        assertThat(new DeviceId("x".repeat(128)).value()).hasSize(128);
        assertThatThrownBy(() -> new DeviceId("x".repeat(129))).isInstanceOf(HubException.class);
        assertThatThrownBy(() -> new DeviceId("x".repeat(1_000_000)))
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300));
    }

    @ParameterizedTest
    @CsvSource({"15, false", "16, true", "32, true", "64, true", "65, false", "0, false"})
    void givenBytes_whenMadeAKey_then16To64Count(int length, boolean legal) {
        var text = Base64.getEncoder().encodeToString(new byte[length]);
        if (legal) {
            assertThat(new SymmetricKey(text).base64()).isEqualTo(text);
        } else {
            assertThatThrownBy(() -> new SymmetricKey(text)).hasMessageContaining("Invalid device key length");
        }
    }

    @Test
    void givenKey_whenShown_thenNeverItself() {
        var key = SymmetricKey.generate();

        assertThat(key.bytes()).hasSize(32);
        assertThat(key.toString()).doesNotContain(key.base64());
        assertThat(new SymmetricKeys(key, key).toString()).doesNotContain(key.base64());
        assertThatThrownBy(() -> new SymmetricKey("not!base64")).hasMessageNotContaining("not!base64");
    }

    @Test
    void givenConnectionString_whenParsed_thenPartsMayHoldEqualsSigns() {
        var key = SymmetricKey.generate();
        assertThat(ConnectionString.ofModule("hub.example.net", new DeviceId("a"), new ModuleId("m"), key))
                .isEqualTo("HostName=hub.example.net;DeviceId=a;ModuleId=m;SharedAccessKey=" + key.base64());
        var text = ConnectionString.ofDevice("hub.example.net", new DeviceId("a=b"), key);

        var parsed = ConnectionString.parse(text);

        assertThat(parsed.part("HostName")).contains("hub.example.net");
        assertThat(parsed.part("DeviceId")).contains("a=b");
        assertThat(parsed.part("SharedAccessKey")).contains(key.base64());
        assertThat(parsed.part("SharedAccessKeyName")).isEmpty();
        assertThat(parsed.toString()).doesNotContain(key.base64());
        assertThat(ConnectionString.ofPolicy("h.x", "service", key))
                .isEqualTo("HostName=h.x;SharedAccessKeyName=service;SharedAccessKey=" + key.base64());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "HostName", "=x", "HostName=h;;DeviceId=d"})
    void givenNoConnectionString_whenParsed_thenArgumentInvalid(String text) {
        assertThatThrownBy(() -> ConnectionString.parse(text)).isInstanceOf(HubException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "plain, plain",
        "a%20b, a b",
        "a+b, a+b",
        "%2f%2F, //",
        "%25, %",
        "%2525, %25",
        "%C3%A4%e2%82%ac, ä€",
        "ä%20€, ä €",
        "%, %",
        "a%2, a%2",
        "a%zzb, a%zzb",
        "%20%zz, %20%zz",
        "%FF, %FF",
    })
    void givenEscapes_whenDecoded_thenPlusIsAPlusAndWhatIsNoEscapeStays(String text, String decoded) {
        assertThat(PercentCoding.decode(text)).isEqualTo(decoded);
    }

    @Test
    void givenPolicyName_whenMade_thenItsCharactersAreChecked() {
        var keys = SymmetricKeys.generate();
        assertThat(new AccessPolicy("a_B-9@x.y", keys, java.util.Set.of()).name())
                .isEqualTo("a_B-9@x.y");
        assertThatThrownBy(() -> new AccessPolicy("a b", keys, java.util.Set.of()))
                .isInstanceOf(HubException.class);
        assertThatThrownBy(() -> new AccessPolicy("x".repeat(65), keys, java.util.Set.of()))
                .isInstanceOf(HubException.class);
    }

    @Test
    void givenPermissions_whenReadIsNeeded_thenWriteSuffices() {
        var writer = new AccessPolicy("w", SymmetricKeys.generate(), java.util.Set.of(Permission.REGISTRY_WRITE));

        assertThat(writer.allows(Permission.REGISTRY_READ)).isTrue();
        assertThat(writer.allows(Permission.SERVICE_CONNECT)).isFalse();
    }
}
