package io.freehub.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SasTokenTest {

    private static final String HOST = "hub.example.net";
    private static final long EXPIRY = 1_767_225_600;
    private static final SymmetricKeys KEYS = SymmetricKeys.generate();

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
                    Node           | hub.example.net%2Fdevices%2Fdev%211%40x    | dev!1@x
                    Node, asterisk | hub.example.net%2Fdevices%2Fa%2ab          | a*b
                    Python         | hub.example.net%2Fdevices%2Fdev%211%40x    | dev!1@x
                    Java           | hub.example.net/devices/dev%211%40x        | dev!1@x
                    C              | hub.example.net/devices/dev!1@x            | dev!1@x
                    C#             | hub.example.net%2Fdevices%2Fdev%25211%2540x | dev!1@x
                    C#, plus       | hub.example.net%2Fdevices%2Fa%252Bb        | a+b
                    CLI            | hub.example.net%2fdevices%2fdev            | dev
                    another case   | HUB.Example.NET%2Fdevices%2FDEV            | dev
                    percent        | hub.example.net%2Fdevices%2Fa%25b          | a%b
                    percent, C#    | hub.example.net%2Fdevices%2Fa%2525b        | a%b
                    percent, C     | hub.example.net/devices/a%b                | a%b
                    """)
    void givenResourceAsEachSdkSpellsIt_whenParsed_thenSignedByItsTextAndForItsDevice(
            String sdk, String resource, String device) {
        var token = SasToken.parse(token(resource, KEYS.primary()));

        assertThat(token.isSignedBy(KEYS)).isTrue();
        assertThat(token.isFor(HOST, IdentityId.parse(device))).isTrue();
        assertThat(token.isFor(HOST, IdentityId.parse("other"))).isFalse();
        assertThat(token.isFor("other.example.net", IdentityId.parse(device))).isFalse();
        assertThat(token.policy()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sr={sr}&sig={sig}&se={se}",
                "sig={sig}&se={se}&sr={sr}",
                "se={se}&sr={sr}&sig={sig}",
                "SE={se}&Sr={sr}&SIG={sig}",
                "sr={sr}&sig={sig}&se={se}&skn=",
                "sr={sr}&sig={sig}&se={se}&future=1",
            })
    void givenFieldsInAnyOrder_whenParsed_thenTheSameToken(String form) {
        var token = SasToken.parse(form(form, "hub%2fdevices%2fd", KEYS.primary()));

        assertThat(token.isSignedBy(KEYS)).isTrue();
        assertThat(token.expiry()).isEqualTo(Instant.ofEpochSecond(EXPIRY));
        assertThat(token.policy()).isEmpty();
    }

    @Test
    void givenSignatureRawOrInLowerCaseHex_whenParsed_thenSigned() {
        var resource = "hub/devices/d";
        var signature = signature(resource, KEYS.secondary());
        for (var written : List.of(
                signature,
                signature.replace("+", "%2b").replace("/", "%2f").replace("=", "%3d"),
                signature.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D"))) {
            var token = SasToken.parse("sharedaccesssignature sr=" + resource + "&sig=" + written + "&se=" + EXPIRY);

            assertThat(token.isSignedBy(KEYS)).isTrue();
        }
    }

    @Test
    void givenPolicyName_whenParsed_thenDecoded() {
        var token = SasToken.parse(token("hub", KEYS.primary()) + "&skn=my%40policy");

        assertThat(token.policy()).contains("my@policy");
    }

    @Test
    void givenOtherKeysOrChangedText_whenChecked_thenNotSigned() {
        var text = token("hub%2Fdevices%2Fd", KEYS.primary());

        assertThat(SasToken.parse(text).isSignedBy(SymmetricKeys.generate())).isFalse();
        assertThat(SasToken.parse(text.replace("hub%2Fdevices", "hub%2fdevices"))
                        .isSignedBy(KEYS))
                .isFalse();
        assertThat(SasToken.parse(text.replace("se=" + EXPIRY, "se=0" + EXPIRY)).isSignedBy(KEYS))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Bearer abc",
                "SharedAccessSignature",
                "SharedAccessSignature ",
                "SharedAccessSignature sr=hub&sig=AAAA",
                "SharedAccessSignature sr=hub&se=1767225600",
                "SharedAccessSignature sig=AAAA&se=1767225600",
                "SharedAccessSignature sr=&sig=AAAA&se=1767225600",
                "SharedAccessSignature sr=hub&sig=&se=1767225600",
                "SharedAccessSignature sr=hub&sig=AAAA&se=soon",
                "SharedAccessSignature sr=hub&sig=AAAA&se=-1",
                "SharedAccessSignature sr=hub&sig=AAAA&se=1.5",
                "SharedAccessSignature sr=hub&sig=AAAA&se=99999999999999999999",
                "SharedAccessSignature sr=hub&sig=*&se=1767225600",
                "SharedAccessSignature sr",
            })
    void givenNoToken_whenParsed_thenUnauthorized(String text) {
        assertThatThrownBy(() -> SasToken.parse(text))
                .isInstanceOfSatisfying(
                        HubException.class, e -> assertThat(e.error()).isEqualTo(HubError.UNAUTHORIZED));
    }

    @Test
    void givenSecretThatIsTheTextOfAKey_whenParsed_thenSignedByThatAndByNothingElse() {
        // What Event Hubs' SDKs do with a key in base64.
        var text = KEYS.secondary().base64().getBytes(StandardCharsets.UTF_8);
        var token = SasToken.parse(
                token("sb%3A%2F%2Fhub", new SymmetricKey(Base64.getEncoder().encodeToString(text))));

        assertThat(token.isSignedByTextOf(KEYS)).isTrue();
        assertThat(token.isSignedBy(KEYS)).isFalse();
        assertThat(token.isSignedByTextOf(SymmetricKeys.generate())).isFalse();
        assertThat(SasToken.parse(token("hub", KEYS.primary())).isSignedByTextOf(KEYS))
                .isFalse();
    }

    @Test
    void givenEndlessText_whenParsed_thenRefusedForItsLength() {
        assertThatThrownBy(() -> SasToken.parse(token("hub", KEYS.primary()) + "&x=" + "x".repeat(5000)))
                .hasMessageContaining("longer than 4096");
    }

    @Test
    void givenExpiry_whenTimePasses_thenExpiredOnlyBeyondTheSkew() {
        var token = SasToken.parse(token("hub", KEYS.primary()));
        var end = Instant.ofEpochSecond(EXPIRY);

        assertThat(token.isExpiredAt(end.plus(Duration.ofMinutes(5)))).isFalse();
        assertThat(token.isExpiredAt(end.plus(Duration.ofMinutes(5)).plusMillis(1)))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "hub.example.net, true",
        "HUB.example.net, true",
        "hub.example.net%2Fdevices, true",
        "hub.example.net%2fdevices%2fd1, true",
        "hub.example.net/devices/, true",
        "hub.example.net%2Fdevices%2FD1, false",
        "hub.example.net%2Fdevices%2Fd, false",
        "hub.example.net%2Fdev, false",
        "hub.example.net%2Fdevices%2Fd1%2Fmodules, false",
        "hub.example.net.evil.net, false",
        "hub.example, false",
        "%2F, false",
    })
    void givenResource_whenItIsAPrefixAtASegment_thenCovers(String resource, boolean covers) {
        var token = SasToken.parse(token(resource, KEYS.primary()));

        assertThat(token.covers(HOST, List.of("devices", "d1"))).isEqualTo(covers);
    }

    @Test
    void givenTokenForMoreThanTheDevice_whenAskedWhetherForIt_thenNot() {
        assertThat(SasToken.parse(token(HOST, KEYS.primary())).isFor(HOST, IdentityId.parse("d")))
                .isFalse();
        assertThat(SasToken.parse(token(HOST + "/devices/d/modules/m", KEYS.primary()))
                        .isFor(HOST, IdentityId.parse("d")))
                .isFalse();
    }

    @Test
    void givenCreatedToken_whenParsed_thenAllIsThere() {
        var expiry = Instant.ofEpochSecond(EXPIRY);
        var token = SasToken.parse(SasToken.create(HOST + "/devices/a+b", KEYS.primary(), expiry, Optional.of("a@b")));

        assertThat(token.isSignedBy(KEYS)).isTrue();
        assertThat(token.isFor(HOST, IdentityId.parse("a+b"))).isTrue();
        assertThat(token.expiry()).isEqualTo(expiry);
        assertThat(token.policy()).contains("a@b");
        assertThat(token.toString()).doesNotContain(signature("hub", KEYS.primary()));
    }

    private static String token(String resource, SymmetricKey key) {
        return form("sr={sr}&sig={sig}&se={se}", resource, key);
    }

    private static String form(String form, String resource, SymmetricKey key) {
        return "SharedAccessSignature "
                + form.replace("{sr}", resource)
                        .replace(
                                "{sig}",
                                signature(resource, key)
                                        .replace("+", "%2B")
                                        .replace("/", "%2F")
                                        .replace("=", "%3D"))
                        .replace("{se}", Long.toString(EXPIRY));
    }

    private static String signature(String resource, SymmetricKey key) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key.bytes(), "HmacSHA256"));
            return Base64.getEncoder()
                    .encodeToString(mac.doFinal((resource + "\n" + EXPIRY).getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
