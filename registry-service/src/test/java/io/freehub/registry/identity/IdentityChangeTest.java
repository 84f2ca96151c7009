package io.freehub.registry.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.Authentication;
import io.freehub.model.DeviceId;
import io.freehub.model.DeviceIdentity.Status;
import io.freehub.model.HubError;
import io.freehub.model.IdentityId;
import io.freehub.model.RegistryEvent;
import io.freehub.model.SymmetricKeys;
import io.freehub.registry.identity.IdentityChange.Delete;
import io.freehub.registry.identity.IdentityChange.Fresh;
import io.freehub.registry.identity.IdentityChange.Outcome;
import io.freehub.registry.identity.IdentityChange.Put;
import io.freehub.registry.identity.IdentityChange.RegenerateKeys;
import io.freehub.registry.identity.IdentityChange.WhichKey;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class IdentityChangeTest {

    private static final DeviceId BOILER = new DeviceId("boiler");
    private static final Instant NOW = Instant.parse("2026-08-15T09:11:06.1234567Z");
    private static final Precondition ABSENT = new Precondition.Absent();
    private static final Precondition EXISTS = new Precondition.Exists();

    private final Fresh fresh = new Fresh(SymmetricKeys.generate(), 41, NOW);
    private final Device boiler = created(new Put(BOILER, ABSENT, spec(Status.ENABLED)));

    @Test
    void givenNoDevice_whenPutWithoutCondition_thenCreatedWithFreshKeysVersionAndGeneration() {
        assertThat(boiler.identity().authentication()).isEqualTo(new Authentication.Sas(fresh.keys()));
        assertThat(boiler.identity().version()).isEqualTo(41);
        assertThat(boiler.identity().generationId()).isEqualTo("639223818661234567");
        assertThat(boiler.etag()).isEqualTo(new ETag("NDE="));
        assertThat(boiler.statusUpdatedAt()).isEmpty();
    }

    @Test
    void givenDevice_whenPutWithoutCondition_thenRefused() {
        assertRefused(
                new Put(BOILER, ABSENT, spec(Status.ENABLED)), Optional.of(boiler), HubError.DEVICE_ALREADY_EXISTS);
    }

    @Test
    void givenDevice_whenReplaced_thenSameGenerationNextVersionAndFreshKeys() {
        var later = new Fresh(SymmetricKeys.generate(), 7, NOW.plusSeconds(60));

        var outcome = new Put(BOILER, EXISTS, spec(Status.DISABLED)).decide(Optional.of(boiler), later);

        assertThat(outcome).isInstanceOfSatisfying(Outcome.Replaced.class, replaced -> {
            var identity = replaced.device().identity();
            assertThat(identity.generationId()).isEqualTo(boiler.identity().generationId());
            assertThat(identity.version()).isEqualTo(42);
            assertThat(identity.authentication()).isEqualTo(new Authentication.Sas(later.keys()));
            assertThat(replaced.device().statusUpdatedAt()).contains(later.now());
            assertThat(replaced.event())
                    .isEqualTo(new RegistryEvent.Updated(
                            IdentityId.of(BOILER), identity.generationId(), 42, Status.DISABLED, later.now()));
        });
    }

    @Test
    void givenSameStatus_whenReplaced_thenStatusTimeStays() {
        var outcome = new Put(BOILER, new Precondition.Matches(boiler.etag()), spec(Status.ENABLED))
                .decide(Optional.of(boiler), fresh);

        assertThat(outcome).isInstanceOfSatisfying(Outcome.Replaced.class, replaced -> assertThat(
                        replaced.device().statusUpdatedAt())
                .isEmpty());
    }

    @Test
    void givenOtherTagOrNoDevice_whenReplacedOrDeleted_thenRefused() {
        var stale = new Precondition.Matches(new ETag("NDA="));

        assertRefused(new Put(BOILER, stale, spec(Status.ENABLED)), Optional.of(boiler), HubError.PRECONDITION_FAILED);
        assertRefused(new Put(BOILER, EXISTS, spec(Status.ENABLED)), Optional.empty(), HubError.DEVICE_NOT_FOUND);
        assertRefused(new Delete(BOILER, stale), Optional.of(boiler), HubError.PRECONDITION_FAILED);
        assertRefused(new Delete(BOILER, EXISTS), Optional.empty(), HubError.DEVICE_NOT_FOUND);
        assertRefused(new Delete(BOILER, ABSENT), Optional.of(boiler), HubError.PRECONDITION_FAILED);
    }

    @Test
    void givenDevice_whenDeleted_thenTold() {
        assertThat(new Delete(BOILER, EXISTS).decide(Optional.of(boiler), fresh))
                .isEqualTo(new Outcome.Deleted(new RegistryEvent.Deleted(
                        IdentityId.of(BOILER), boiler.identity().generationId(), NOW)));
    }

    @ParameterizedTest
    @EnumSource
    void givenKeys_whenRegenerated_thenOnlyTheNamedOnesChange(WhichKey which) {
        var later = new Fresh(SymmetricKeys.generate(), 7, NOW);

        var outcome = new RegenerateKeys(BOILER, which).decide(Optional.of(boiler), later);

        assertThat(outcome).isInstanceOfSatisfying(Outcome.Replaced.class, replaced -> {
            var keys = ((Authentication.Sas) replaced.device().identity().authentication()).keys();
            assertThat(keys.primary())
                    .isEqualTo(
                            (which == WhichKey.SECONDARY ? fresh : later).keys().primary());
            assertThat(keys.secondary())
                    .isEqualTo(
                            (which == WhichKey.PRIMARY ? fresh : later).keys().secondary());
        });
    }

    @Test
    void givenDeviceWithoutKeys_whenRegenerated_thenRefused() {
        var spec = new DeviceSpec(
                Status.ENABLED,
                Optional.empty(),
                Optional.of(new Authentication.CertificateAuthority()),
                false,
                Optional.empty(),
                Optional.empty());
        var device = created(new Put(BOILER, ABSENT, spec));

        assertRefused(new RegenerateKeys(BOILER, WhichKey.BOTH), Optional.of(device), HubError.ARGUMENT_INVALID);
    }

    private Device created(Put put) {
        return ((Outcome.Created) put.decide(Optional.empty(), fresh)).device();
    }

    private void assertRefused(IdentityChange change, Optional<Device> current, HubError error) {
        assertThat(change.decide(current, fresh))
                .isInstanceOfSatisfying(Outcome.Refused.class, refused -> assertThat(refused.error())
                        .isEqualTo(error));
    }

    private static DeviceSpec spec(Status status) {
        return new DeviceSpec(status, Optional.empty(), Optional.empty(), false, Optional.empty(), Optional.empty());
    }
}
