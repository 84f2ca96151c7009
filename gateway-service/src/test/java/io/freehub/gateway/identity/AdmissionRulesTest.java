package io.freehub.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.gateway.identity.Admission.Admitted;
import io.freehub.gateway.identity.Admission.Refused;
import io.freehub.model.AccessPolicy;
import io.freehub.model.AuthMethod;
import io.freehub.model.Authentication;
import io.freehub.model.Credentials;
import io.freehub.model.HubError;
import io.freehub.model.IdentityId;
import io.freehub.model.Permission;
import io.freehub.model.SasToken;
import io.freehub.model.SymmetricKey;
import io.freehub.model.SymmetricKeys;
import io.freehub.testing.TestAuthority;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdmissionRulesTest {

    private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private static final IdentityId BOILER = IdentityId.parse("boiler");
    private static final SymmetricKeys KEYS = SymmetricKeys.generate();
    private static final SymmetricKeys POLICY_KEYS = SymmetricKeys.generate();
    private static final Map<String, AccessPolicy> POLICIES = Map.of(
            "device", new AccessPolicy("device", POLICY_KEYS, Set.of(Permission.DEVICE_CONNECT)),
            "service", new AccessPolicy("service", POLICY_KEYS, Set.of(Permission.SERVICE_CONNECT)));
    private static final List<String> HOSTS = List.of("HUB.example");
    private static final TestAuthority AUTHORITY = new TestAuthority("root");
    private static final AdmissionRules RULES = rules(AUTHORITY.certificate());

    @Test
    void eitherKeyOfTheDeviceOpens() {
        for (var key : List.of(KEYS.primary(), KEYS.secondary())) {
            assertThat(decide(token("hub.example/devices/boiler", key, Optional.empty()), known()))
                    .isEqualTo(new Admitted(
                            known(), AuthMethod.DEVICE_SAS, NOW.plusSeconds(60).plus(SasToken.CLOCK_SKEW)));
        }
    }

    @Test
    void policyOpensWhatItCovers() {
        for (var resource : List.of("hub.example", "hub.example/devices", "hub.example/devices/boiler")) {
            assertThat(decide(token(resource, POLICY_KEYS.secondary(), Optional.of("device")), known()))
                    .isInstanceOfSatisfying(Admitted.class, admitted -> assertThat(admitted.method())
                            .isEqualTo(AuthMethod.HUB_SAS));
        }
    }

    @Test
    void moduleIsOpenedByItsOwnKeyOnly() {
        var burner = IdentityId.parse("boiler/burner");
        var credentials = Optional.of(new Credentials(burner, "g1", true, new Authentication.Sas(KEYS)));

        assertThat(RULES.decide(burner, device("hub.example/devices/boiler/modules/burner"), credentials, NOW))
                .isInstanceOfSatisfying(Admitted.class, admitted -> assertThat(admitted.method())
                        .isEqualTo(AuthMethod.MODULE_SAS));
        assertThat(RULES.decide(burner, device("hub.example/devices/boiler"), credentials, NOW))
                .isInstanceOf(Refused.class);
        refused(
                device("hub.example/devices/boiler/modules/burner"),
                known(),
                HubError.UNAUTHORIZED,
                "another resource");
    }

    @Test
    void everythingElseIsRefusedAndSaysWhy() {
        refused(new Proof.Nothing(), known(), HubError.UNAUTHORIZED, "neither");
        refused(device("hub.example/devices/boiler"), Optional.empty(), HubError.DEVICE_NOT_FOUND, "no such device");
        refused(device("hub.example/devices/other"), known(), HubError.UNAUTHORIZED, "another resource");
        refused(device("hub.example"), known(), HubError.UNAUTHORIZED, "another resource");
        refused(device("elsewhere.example/devices/boiler"), known(), HubError.UNAUTHORIZED, "another resource");
        refused(
                token("hub.example/devices/boiler", SymmetricKey.generate(), Optional.empty()),
                known(),
                HubError.UNAUTHORIZED,
                "none of its keys");
        refused(
                token("hub.example/devices/boiler", POLICY_KEYS.primary(), Optional.of("service")),
                known(),
                HubError.UNAUTHORIZED,
                "does not allow DeviceConnect");
        refused(
                token("hub.example/devices/boiler", POLICY_KEYS.primary(), Optional.of("unknown")),
                known(),
                HubError.UNAUTHORIZED,
                "no key of a policy");
        refused(
                token("hub.example/devices/boil", POLICY_KEYS.primary(), Optional.of("device")),
                known(),
                HubError.UNAUTHORIZED,
                "another resource");
        refused(
                device("hub.example/devices/boiler"),
                identity(false, new Authentication.Sas(KEYS)),
                HubError.DEVICE_DISABLED,
                "disabled");
        refused(
                device("hub.example/devices/boiler"),
                identity(true, new Authentication.CertificateAuthority()),
                HubError.UNAUTHORIZED,
                "by certificate");
    }

    @ParameterizedTest
    @CsvSource({"SHA-1,primary", "SHA-1,secondary", "SHA-256,primary", "SHA-256,secondary"})
    void certificateOfAThumbprintOpens(String algorithm, String place) {
        // Its name and its dates do not count.
        var shown = new TestAuthority("stranger").issue("anything", NOW.minus(Duration.ofDays(9)), Duration.ofDays(1));
        var known = Optional.of(shown.thumbprint(algorithm).toLowerCase());
        var other = Optional.of("0".repeat(40));
        var device = identity(
                true,
                place.equals("primary")
                        ? new Authentication.SelfSigned(known, Optional.empty())
                        : new Authentication.SelfSigned(other, known));

        assertThat(decide(Proof.of(shown.chain()), device))
                .isEqualTo(new Admitted(device, AuthMethod.DEVICE_X509, Instant.MAX));
        refused(
                Proof.of(AUTHORITY.issue("boiler").chain()),
                device,
                HubError.UNAUTHORIZED,
                "Thumbprint does not match");
    }

    @Test
    void certificateOfAnAuthorityOpensUntilItEnds() {
        var shown = AUTHORITY.issue("boiler");
        var admitted = new Admitted(
                issued(),
                AuthMethod.DEVICE_X509,
                shown.certificate().getNotAfter().toInstant());

        assertThat(decide(Proof.of(shown.chain()), issued())).isEqualTo(admitted);
        // Clients send their authority along or not, as they like.
        assertThat(decide(Proof.of(List.of(shown.certificate())), issued())).isEqualTo(admitted);
    }

    @Test
    void certificateOfAnIntermediateAuthorityOpensWhenTheChainIsWhole() {
        var line = AUTHORITY.intermediate("region").intermediate("factory");
        var shown = line.issue("boiler");

        assertThat(decide(Proof.of(shown.chain()), issued())).isInstanceOf(Admitted.class);
        refused(Proof.of(List.of(shown.certificate())), issued(), HubError.UNAUTHORIZED, "not one of an authority");
        // The hub may know the nearest authority only, and the client may send what is above it.
        assertThat(rules(line.certificate()).decide(BOILER, Proof.of(shown.chain()), Optional.of(issued()), NOW))
                .isInstanceOf(Admitted.class);
    }

    @Test
    void otherCertificatesAreRefused() {
        var namesake = new TestAuthority("root");
        refused(Proof.of(namesake.issue("boiler").chain()), issued(), HubError.UNAUTHORIZED, "not one of an authority");
        refused(
                Proof.of(namesake.issue("boiler")
                        .with(List.of(AUTHORITY.certificate()))
                        .chain()),
                issued(),
                HubError.UNAUTHORIZED,
                "not one of an authority");
        refused(Proof.of(AUTHORITY.issue("Boiler").chain()), issued(), HubError.UNAUTHORIZED, "common name");
        refused(
                Proof.of(AUTHORITY
                        .issue("boiler", NOW.minus(Duration.ofHours(2)), Duration.ofHours(1))
                        .chain()),
                issued(),
                HubError.UNAUTHORIZED,
                "not one of an authority");
        refused(
                Proof.of(AUTHORITY
                        .issue("boiler", NOW.plus(Duration.ofHours(2)), Duration.ofHours(1))
                        .chain()),
                issued(),
                HubError.UNAUTHORIZED,
                "not one of an authority");
        // A device is no authority.
        var device = AUTHORITY.issue("pump");
        refused(
                Proof.of(List.of(AUTHORITY.issue("boiler").certificate(), device.certificate())),
                issued(),
                HubError.UNAUTHORIZED,
                "not one of an authority");
        refused(
                Proof.of(Collections.nCopies(9, AUTHORITY.issue("boiler").certificate())),
                issued(),
                HubError.UNAUTHORIZED,
                "longer than 8");
        refused(new Proof.Nothing(), issued(), HubError.UNAUTHORIZED, "sent none");
        assertThat(new AdmissionRules(HOSTS, _ -> Optional.empty(), List::of)
                        .decide(BOILER, Proof.of(AUTHORITY.issue("boiler").chain()), Optional.of(issued()), NOW))
                .isInstanceOf(Refused.class);
    }

    @Test
    void authorityMustBeValidItself() {
        var authority = new TestAuthority("late");
        var shown = authority.issue("boiler", NOW.plus(Duration.ofDays(2)), Duration.ofDays(1));

        assertThat(rules(authority.certificate())
                        .decide(
                                BOILER,
                                Proof.of(shown.chain()),
                                Optional.of(issued()),
                                NOW.plus(Duration.ofDays(2).plusHours(1))))
                .isInstanceOfSatisfying(Refused.class, refused -> assertThat(refused.reason())
                        .contains("no valid certificate authority"));
    }

    @Test
    void moduleHasItsOwnCommonName() {
        var burner = IdentityId.parse("boiler/burner");
        var credentials = Optional.of(new Credentials(burner, "g1", true, new Authentication.CertificateAuthority()));

        assertThat(RULES.decide(
                        burner, Proof.of(AUTHORITY.issue("boiler/burner").chain()), credentials, NOW))
                .isInstanceOfSatisfying(Admitted.class, admitted -> assertThat(admitted.method())
                        .isEqualTo(AuthMethod.MODULE_X509));
        assertThat(RULES.decide(burner, Proof.of(AUTHORITY.issue("boiler").chain()), credentials, NOW))
                .isInstanceOf(Refused.class);
    }

    @Test
    void certificateDoesNotOpenWhatHasKeys() {
        refused(Proof.of(AUTHORITY.issue("boiler").chain()), known(), HubError.UNAUTHORIZED, "authenticates by token");
    }

    @Test
    void disabledDeviceIsRefusedWithTheRightCertificate() {
        refused(
                Proof.of(AUTHORITY.issue("boiler").chain()),
                identity(false, new Authentication.CertificateAuthority()),
                HubError.DEVICE_DISABLED,
                "disabled");
    }

    private static Credentials issued() {
        return identity(true, new Authentication.CertificateAuthority());
    }

    private static AdmissionRules rules(X509Certificate authority) {
        return new AdmissionRules(HOSTS, name -> Optional.ofNullable(POLICIES.get(name)), () -> List.of(authority));
    }

    @Test
    void tokenIsTakenFiveMinutesPastItsEnd() {
        assertThat(decide(expired(Duration.ofMinutes(4)), known())).isInstanceOf(Admitted.class);
        refused(expired(Duration.ofMinutes(6)), known(), HubError.UNAUTHORIZED, "expired");
    }

    private static void refused(Proof proof, Optional<Credentials> identity, HubError error, String reason) {
        assertThat(decide(proof, identity)).isInstanceOfSatisfying(Refused.class, refused -> {
            assertThat(refused.error()).isEqualTo(error);
            assertThat(refused.reason()).contains(reason);
        });
    }

    private static Admission decide(Proof proof, Credentials identity) {
        return decide(proof, Optional.of(identity));
    }

    private static Admission decide(Proof proof, Optional<Credentials> identity) {
        return RULES.decide(BOILER, proof, identity, NOW);
    }

    private static void refused(Proof proof, Credentials identity, HubError error, String reason) {
        refused(proof, Optional.of(identity), error, reason);
    }

    private static Proof device(String resource) {
        return token(resource, KEYS.primary(), Optional.empty());
    }

    private static Proof expired(Duration ago) {
        return new Proof.Token(SasToken.parse(
                SasToken.create("hub.example/devices/boiler", KEYS.primary(), NOW.minus(ago), Optional.empty())));
    }

    private static Proof token(String resource, SymmetricKey key, Optional<String> policy) {
        return new Proof.Token(SasToken.parse(SasToken.create(resource, key, NOW.plusSeconds(60), policy)));
    }

    private static Credentials known() {
        return identity(true, new Authentication.Sas(KEYS));
    }

    private static Credentials identity(boolean enabled, Authentication authentication) {
        return new Credentials(BOILER, "g1", enabled, authentication);
    }
}
