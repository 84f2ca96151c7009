package io.freehub.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.gateway.identity.Admission.Admitted;
import io.freehub.gateway.identity.Admission.Refused;
import io.freehub.model.AccessPolicy;
import io.freehub.model.AuthMethod;
import io.freehub.model.DeviceId;
import io.freehub.model.DeviceIdentity;
import io.freehub.model.DeviceIdentity.Authentication;
import io.freehub.model.DeviceIdentity.Status;
import io.freehub.model.HubError;
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
import org.junit.jupiter.api.Test;

class AdmissionTest {

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final DeviceId BOILER = new DeviceId("boiler");
    private static final SymmetricKeys KEYS = SymmetricKeys.generate();
    private static final SymmetricKeys POLICY_KEYS = SymmetricKeys.generate();
    private static final Map<String, AccessPolicy> POLICIES = Map.of(
            "device", new AccessPolicy("device", POLICY_KEYS, Set.of(Permission.DEVICE_CONNECT)),
            "service", new AccessPolicy("service", POLICY_KEYS, Set.of(Permission.SERVICE_CONNECT)));

    @Test
    void eitherKeyOfTheDeviceOpens() {
        for (var key : List.of(KEYS.primary(), KEYS.secondary())) {
            assertThat(decide(token("hub.example/devices/boiler", key, Optional.empty()), anIdentity()))
                    .isEqualTo(new Admitted(
                            anIdentity(),
                            AuthMethod.DEVICE_SAS,
                            NOW.plusSeconds(60).plus(SasToken.CLOCK_SKEW)));
        }
    }

    @Test
    void policyOpensWhatItCovers() {
        for (var resource : List.of("hub.example", "hub.example/devices", "hub.example/devices/boiler")) {
            assertThat(decide(token(resource, POLICY_KEYS.secondary(), Optional.of("device")), anIdentity()))
                    .isInstanceOfSatisfying(Admitted.class, admitted -> assertThat(admitted.method())
                            .isEqualTo(AuthMethod.HUB_SAS));
        }
    }

    @Test
    void everythingElseIsRefusedAndSaysWhy() {
        refused(Optional.empty(), anIdentity(), HubError.UNAUTHORIZED, "no token");
        refused(device("hub.example/devices/boiler"), Optional.empty(), HubError.DEVICE_NOT_FOUND, "no such device");
        refused(device("hub.example/devices/other"), anIdentity(), HubError.UNAUTHORIZED, "another resource");
        refused(device("hub.example"), anIdentity(), HubError.UNAUTHORIZED, "another resource");
        refused(device("elsewhere.example/devices/boiler"), anIdentity(), HubError.UNAUTHORIZED, "another resource");
        refused(
                token("hub.example/devices/boiler", SymmetricKey.generate(), Optional.empty()),
                anIdentity(),
                HubError.UNAUTHORIZED,
                "none of the device's keys");
        refused(
                token("hub.example/devices/boiler", POLICY_KEYS.primary(), Optional.of("service")),
                anIdentity(),
                HubError.UNAUTHORIZED,
                "does not allow DeviceConnect");
        refused(
                token("hub.example/devices/boiler", POLICY_KEYS.primary(), Optional.of("unknown")),
                anIdentity(),
                HubError.UNAUTHORIZED,
                "no key of a policy");
        refused(
                token("hub.example/devices/boil", POLICY_KEYS.primary(), Optional.of("device")),
                anIdentity(),
                HubError.UNAUTHORIZED,
                "another resource");
        refused(
                device("hub.example/devices/boiler"),
                identity(Status.DISABLED, new Authentication.Sas(KEYS)),
                HubError.DEVICE_DISABLED,
                "disabled");
        refused(
                device("hub.example/devices/boiler"),
                identity(Status.ENABLED, new Authentication.CertificateAuthority()),
                HubError.UNAUTHORIZED,
                "by certificate");
    }

    @Test
    void tokenIsTakenFiveMinutesPastItsEnd() {
        assertThat(decide(expired(Duration.ofMinutes(4)), anIdentity())).isInstanceOf(Admitted.class);
        refused(expired(Duration.ofMinutes(6)), anIdentity(), HubError.UNAUTHORIZED, "expired");
    }

    private static void refused(
            Optional<SasToken> token, Optional<DeviceIdentity> identity, HubError error, String reason) {
        assertThat(decide(token, identity)).isInstanceOfSatisfying(Refused.class, refused -> {
            assertThat(refused.error()).isEqualTo(error);
            assertThat(refused.reason()).contains(reason);
        });
    }

    private static Admission decide(Optional<SasToken> token, DeviceIdentity identity) {
        return decide(token, Optional.of(identity));
    }

    private static Admission decide(Optional<SasToken> token, Optional<DeviceIdentity> identity) {
        return Admission.decide(
                List.of("HUB.example"), BOILER, token, identity, name -> Optional.ofNullable(POLICIES.get(name)), NOW);
    }

    private static void refused(Optional<SasToken> token, DeviceIdentity identity, HubError error, String reason) {
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

    private static DeviceIdentity anIdentity() {
        return identity(Status.ENABLED, new Authentication.Sas(KEYS));
    }

    private static DeviceIdentity identity(Status status, Authentication authentication) {
        return new DeviceIdentity(BOILER, "g1", 1, status, Optional.empty(), authentication);
    }
}
