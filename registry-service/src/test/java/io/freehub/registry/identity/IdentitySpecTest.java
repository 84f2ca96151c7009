package io.freehub.registry.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.model.Authentication;
import io.freehub.model.DeviceStatus;
import io.freehub.model.HubException;
import io.freehub.registry.identity.IdentitySpec.Pair;
import io.freehub.service.http.ETag;
import io.freehub.service.http.Precondition;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdentitySpecTest {

    private static final String KEY = "AAAAAAAAAAAAAAAAAAAAAA==";
    private static final String SHA1 = "a".repeat(40);
    private static final String SHA256 = "B".repeat(64);

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "-, -, -, -, -",
                "sas, '', '', -, -",
                "SAS, -, -, '', ''",
                "'', -, -, -, -",
            })
    void givenNoKeys_whenRead_thenTheHubMakesThem(
            @Nullable String type,
            @Nullable String key1,
            @Nullable String key2,
            @Nullable String print1,
            @Nullable String print2) {
        assertThat(authentication(type, key1, key2, print1, print2)).isEmpty();
    }

    @Test
    void givenKeysOrThumbprints_whenReadWithoutType_thenTypeIsInferred() {
        assertThat(authentication(null, KEY, KEY, null, null).orElseThrow()).isInstanceOf(Authentication.Sas.class);
        assertThat(authentication(null, null, null, SHA1, null))
                .contains(new Authentication.SelfSigned(Optional.of(SHA1), Optional.empty()));
        assertThat(authentication("selfsigned", "", "", SHA256, SHA256))
                .contains(new Authentication.SelfSigned(Optional.of(SHA256), Optional.of(SHA256)));
        assertThat(authentication("selfSigned", null, null, null, null))
                .contains(new Authentication.SelfSigned(Optional.empty(), Optional.empty()));
        assertThat(authentication("certificateAuthority", null, null, null, null))
                .contains(new Authentication.CertificateAuthority());
    }

    @Test
    void givenContradictions_whenRead_thenRefusedAndTold() {
        assertRefused("Either no keys or both keys can be set", "sas", KEY, "", null, null);
        assertRefused("Either no keys or both keys can be set", null, null, KEY, null, null);
        assertRefused("Invalid device key length", "sas", "AAAA", "AAAA", null, null);
        assertRefused("keys and thumbprints", null, KEY, KEY, SHA1, null);
        assertRefused("has no thumbprints", "sas", null, null, SHA1, null);
        assertRefused("has no keys", "selfSigned", KEY, KEY, null, null);
        assertRefused("neither keys nor thumbprints", "certificateAuthority", KEY, KEY, null, null);
        assertRefused("StringIsNotThumbprint", "selfSigned", null, null, "a".repeat(41), null);
        assertRefused("StringIsNotThumbprint", "selfSigned", null, null, "g".repeat(40), null);
        assertRefused("same kind", "selfSigned", null, null, SHA1, SHA256);
        assertRefused("DeviceAuthenticationTypeIsMissing", "none", null, null, null, null);
        assertRefused("authentication.type is none of", "password", null, null, null, null);
    }

    @Test
    void givenStatusInAnyCase_whenRead_thenKnownAndEnabledWhenAbsent() {
        assertThat(IdentitySpec.status(Optional.of("Disabled"))).isEqualTo(DeviceStatus.DISABLED);
        assertThat(IdentitySpec.status(Optional.of("enabled"))).isEqualTo(DeviceStatus.ENABLED);
        assertThat(IdentitySpec.status(Optional.empty())).isEqualTo(DeviceStatus.ENABLED);
        assertThatThrownBy(() -> IdentitySpec.status(Optional.of(""))).isInstanceOf(HubException.class);
    }

    @Test
    void givenReasonAndParents_whenTooLongOrTooMany_thenRefused() {
        assertThatThrownBy(() -> new IdentitySpec.Device(
                        DeviceStatus.ENABLED,
                        Optional.of("r".repeat(129)),
                        Optional.empty(),
                        false,
                        Optional.empty(),
                        Optional.empty()))
                .hasMessageContaining("statusReason");
        assertThatThrownBy(() -> new IdentitySpec.Module(Optional.empty(), Optional.of("m".repeat(129))))
                .hasMessageContaining("managedBy");
        assertThat(IdentitySpec.parentScope(List.of("p"))).contains("p");
        assertThat(IdentitySpec.parentScope(List.of())).isEmpty();
        assertThatThrownBy(() -> IdentitySpec.parentScope(List.of("p", "q"))).hasMessageContaining("parentScopes");
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {"-, absent", "'', absent", "' ', absent", "*, exists", "'\"*\"', exists", "W/\"*\", exists"})
    void givenIfMatch_whenRead_thenCondition(@Nullable String header, String expected) {
        assertThat(Precondition.parse(Optional.ofNullable(header)))
                .isEqualTo(expected.equals("absent") ? new Precondition.Absent() : new Precondition.Exists());
    }

    @ParameterizedTest
    @CsvSource({"NDE=", "'\"NDE=\"'", "W/\"NDE=\"", "' \"NDE=\" '"})
    void givenTagInAnySpelling_whenRead_thenTheTag(String header) {
        assertThat(Precondition.parse(Optional.of(header))).isEqualTo(new Precondition.Matches(ETag.of(41)));
    }

    private static void assertRefused(
            String text,
            @Nullable String type,
            @Nullable String key1,
            @Nullable String key2,
            @Nullable String print1,
            @Nullable String print2) {
        assertThatThrownBy(() -> authentication(type, key1, key2, print1, print2))
                .isInstanceOf(HubException.class)
                .hasMessageContaining(text);
    }

    private static Optional<Authentication> authentication(
            @Nullable String type,
            @Nullable String key1,
            @Nullable String key2,
            @Nullable String print1,
            @Nullable String print2) {
        return IdentitySpec.authentication(
                Optional.ofNullable(type),
                new Pair<>(Optional.ofNullable(key1), Optional.ofNullable(key2)),
                new Pair<>(Optional.ofNullable(print1), Optional.ofNullable(print2)));
    }
}
