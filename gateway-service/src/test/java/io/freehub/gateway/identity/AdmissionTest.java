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
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class AdmissionTest {

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final IdentityId BOILER = IdentityId.parse("boiler");
    private static final SymmetricKeys KEYS = SymmetricKeys.generate();
    private static final SymmetricKeys POLICY_KEYS = SymmetricKeys.generate();
    private static final Map<String, AccessPolicy> POLICIES = Map.of(
            "device", new AccessPolicy("device", POLICY_KEYS, Set.of(Permission.DEVICE_CONNECT)),
            "service", new AccessPolicy("service", POLICY_KEYS, Set.of(Permission.SERVICE_CONNECT)));
    private static final Function<String, Optional<AccessPolicy>> POLICY =
            name -> Optional.ofNullable(POLICIES.get(name));
    private static final List<String> HOSTS = List.of("HUB.example");

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

        assertThat(Admission.decide(
                        HOSTS, burner, device("hub.example/devices/boiler/modules/burner"), credentials, POLICY, NOW))
                .isInstanceOfSatisfying(Admitted.class, admitted -> assertThat(admitted.method())
                        .isEqualTo(AuthMethod.MODULE_SAS));
        assertThat(Admission.decide(HOSTS, burner, device("hub.example/devices/boiler"), credentials, POLICY, NOW))
                .isInstanceOf(Refused.class);
        refused(
                device("hub.example/devices/boiler/modules/burner"),
                known(),
                HubError.UNAUTHORIZED,
                "another resource");
    }

    @Test
    void everythingElseIsRefusedAndSaysWhy() {
        refused(Optional.empty(), known(), HubError.UNAUTHORIZED, "no token");
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

    @Test
    void tokenIsTakenFiveMinutesPastItsEnd() {
        assertThat(decide(expired(Duration.ofMinutes(4)), known())).isInstanceOf(Admitted.class);
        refused(expired(Duration.ofMinutes(6)), known(), HubError.UNAUTHORIZED, "expired");
    }

    private static void refused(
            Optional<SasToken> token, Optional<Credentials> identity, HubError error, String reason) {
        assertThat(decide(token, identity)).isInstanceOfSatisfying(Refused.class, refused -> {
            assertThat(refused.error()).isEqualTo(error);
            assertThat(refused.reason()).contains(reason);
        });
    }

    private static Admission decide(Optional<SasToken> token, Credentials identity) {
        return decide(token, Optional.of(identity));
    }

    private static Admission decide(Optional<SasToken> token, Optional<Credentials> identity) {
        return Admission.decide(HOSTS, BOILER, token, identity, POLICY, NOW);
    }

    private static void refused(Optional<SasToken> token, Credentials identity, HubError error, String reason) {
        refused(token, Optional.of(identity), error, reason);
    }

    private static Optional<SasToken> device(String resource) {
        return token(resource, KEYS.primary(), Optional.empty());
    }

    private static Optional<SasToken> expired(Duration ago) {
        return Optional.of(SasToken.parse(
                SasToken.create("hub.example/devices/boiler", KEYS.primary(), NOW.minus(ago), Optional.empty())));
    }

    private static Optional<SasToken> token(String resource, SymmetricKey key, Optional<String> policy) {
        return Optional.of(SasToken.parse(SasToken.create(resource, key, NOW.plusSeconds(60), policy)));
    }

    private static Credentials known() {
        return identity(true, new Authentication.Sas(KEYS));
    }

    private static Credentials identity(boolean enabled, Authentication authentication) {
        return new Credentials(BOILER, "g1", enabled, authentication);
    }
}
