package io.freehub.registry.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.model.Authentication;
import io.freehub.model.DeviceStatus;
import io.freehub.model.HubError;
import io.freehub.model.IdentityId;
import io.freehub.model.RegistryEvent;
import io.freehub.model.SymmetricKeys;
import io.freehub.registry.identity.IdentityChange.CreateOrReplace;
import io.freehub.registry.identity.IdentityChange.Delete;
import io.freehub.registry.identity.IdentityChange.Fresh;
import io.freehub.registry.identity.IdentityChange.Put;
import io.freehub.registry.identity.IdentityChange.Refused;
import io.freehub.registry.identity.IdentityChange.RegenerateKeys;
import io.freehub.registry.identity.IdentityChange.WhichKey;
import io.freehub.registry.identity.Written.Created;
import io.freehub.registry.identity.Written.Deleted;
import io.freehub.registry.identity.Written.Replaced;
import io.freehub.service.http.ETag;
import io.freehub.service.http.Precondition;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class IdentityChangeTest {

    private static final IdentityId BOILER = IdentityId.parse("boiler");
    private static final IdentityId BURNER = IdentityId.parse("boiler/burner");
    private static final IdentityId AGENT = IdentityId.parse("boiler/$edgeAgent");
    private static final IdentityId EDGE_HUB = IdentityId.parse("boiler/$edgeHub");
    private static final Instant NOW = Instant.parse("2026-08-15T09:11:06.1234567Z");
    private static final Precondition ABSENT = new Precondition.Absent();
    private static final Precondition EXISTS = new Precondition.Exists();
    private static final IdentitySpec.Module ANY_MODULE = new IdentitySpec.Module(Optional.empty(), Optional.empty());

    private final Fresh fresh = new Fresh(SymmetricKeys.generate(), 41, NOW);
    private final Fresh later = new Fresh(SymmetricKeys.generate(), 7, NOW.plusSeconds(60));
    private final Identity boiler = Identity.create(BOILER, device(DeviceStatus.ENABLED), fresh);
    private final Identity edge = Identity.create(BOILER, edgeDevice(), fresh);
    private final Identity burner = Identity.create(BURNER, ANY_MODULE, fresh);
    private final Identity agent = SystemModules.of(BOILER, fresh).getFirst();
    private final Identity edgeHub = SystemModules.of(BOILER, fresh).getLast();

    @Test
    void givenNoDevice_whenPutWithoutCondition_thenCreatedWithFreshKeysVersionAndGeneration() {
        var created = created(new Put(BOILER, ABSENT, device(DeviceStatus.ENABLED)));

        assertThat(created.authentication()).isEqualTo(new Authentication.Sas(fresh.keys()));
        assertThat(created.version()).isEqualTo(41);
        assertThat(created.generationId()).isEqualTo("639223818661234567");
        assertThat(created.etag()).isEqualTo(new ETag("NDE="));
        assertThat(created.kind())
                .isEqualTo(new Identity.Kind.Device(
                        DeviceStatus.ENABLED, Optional.empty(), Optional.empty(), new EdgeRole.Leaf(Optional.empty())));
    }

    @Test
    void givenDevice_whenModuleIsPutWithoutCondition_thenCreatedLikeADevice() {
        var created =
                created(new Put(BURNER, ABSENT, new IdentitySpec.Module(Optional.empty(), Optional.of("me"))), boiler);

        assertThat(created)
                .isEqualTo(new Identity(
                        BURNER,
                        fresh.generationId(),
                        41,
                        new Authentication.Sas(fresh.keys()),
                        new Identity.Kind.Module(Optional.of("me"))));
    }

    @Test
    void givenNone_whenCreatedOrReplaced_thenCreatedWhateverTheCondition() {
        var stale = new Precondition.Matches(new ETag("c3RhbGU="));

        assertThat(created(new CreateOrReplace(BOILER, stale, device(DeviceStatus.DISABLED)))
                        .status())
                .isEqualTo(DeviceStatus.DISABLED);
        assertRefused(new CreateOrReplace(BURNER, EXISTS, ANY_MODULE), HubError.DEVICE_NOT_FOUND);
    }

    @Test
    void givenIdentity_whenCreatedOrReplaced_thenReplacedIfTheConditionHolds() {
        var current = new Precondition.Matches(boiler.etag());
        var stale = new Precondition.Matches(new ETag("c3RhbGU="));
        var disabled = device(DeviceStatus.DISABLED);

        for (var condition : List.of(EXISTS, current)) {
            var decision = new CreateOrReplace(BOILER, condition, disabled).decide(family(boiler), later);
            assertThat(decision.outcome()).isInstanceOfSatisfying(Replaced.class, replaced -> assertThat(
                            replaced.identity().status())
                    .isEqualTo(DeviceStatus.DISABLED));
        }
        assertRefused(new CreateOrReplace(BOILER, stale, disabled), HubError.PRECONDITION_FAILED, boiler);
    }

    @Test
    void givenIdentity_whenPutWithoutCondition_thenRefused() {
        assertRefused(new Put(BOILER, ABSENT, device(DeviceStatus.ENABLED)), HubError.DEVICE_ALREADY_EXISTS, boiler);
        assertRefused(new Put(BURNER, ABSENT, ANY_MODULE), HubError.MODULE_ALREADY_EXISTS, boiler, burner);
    }

    @Test
    void givenDevice_whenReplaced_thenSameGenerationNextVersionAndFreshKeys() {
        var outcome = new Put(BOILER, EXISTS, device(DeviceStatus.DISABLED))
                .decide(family(boiler, burner), later)
                .outcome();

        assertThat(outcome).isInstanceOfSatisfying(Replaced.class, replaced -> {
            var identity = replaced.identity();
            assertThat(identity.generationId()).isEqualTo(boiler.generationId());
            assertThat(identity.version()).isEqualTo(42);
            assertThat(identity.authentication()).isEqualTo(new Authentication.Sas(later.keys()));
            assertThat(((Identity.Kind.Device) identity.kind()).statusUpdatedAt())
                    .contains(later.now());
            assertThat(replaced.event(NOW))
                    .isEqualTo(new RegistryEvent.Updated(
                            BOILER,
                            identity.generationId(),
                            42,
                            DeviceStatus.DISABLED,
                            Optional.of(identity.description()),
                            NOW));
        });
    }

    @Test
    void givenModule_whenReplaced_thenOmittedFieldsAreClearedAndTheEventSaysEnabled() {
        var managed = Identity.create(BURNER, new IdentitySpec.Module(Optional.empty(), Optional.of("me")), fresh);

        var outcome = new Put(BURNER, new Precondition.Matches(managed.etag()), ANY_MODULE)
                .decide(family(boiler, managed), later)
                .outcome();

        assertThat(outcome).isInstanceOfSatisfying(Replaced.class, replaced -> {
            assertThat(replaced.identity().kind()).isEqualTo(new Identity.Kind.Module(Optional.empty()));
            assertThat(replaced.event(NOW))
                    .isEqualTo(new RegistryEvent.Updated(
                            BURNER,
                            managed.generationId(),
                            42,
                            DeviceStatus.ENABLED,
                            Optional.of(replaced.identity().description()),
                            NOW));
        });
    }

    @Test
    void givenSameStatus_whenReplaced_thenStatusTimeStays() {
        var outcome = new Put(BOILER, new Precondition.Matches(boiler.etag()), device(DeviceStatus.ENABLED))
                .decide(family(boiler), fresh)
                .outcome();

        assertThat(outcome).isInstanceOfSatisfying(Replaced.class, replaced -> assertThat(
                        ((Identity.Kind.Device) replaced.identity().kind()).statusUpdatedAt())
                .isEmpty());
    }

    @Test
    void givenOtherTagOrNoIdentity_whenReplacedOrDeleted_thenRefused() {
        var stale = new Precondition.Matches(new ETag("NDA="));
        var anyDevice = device(DeviceStatus.ENABLED);

        assertRefused(new Put(BOILER, stale, anyDevice), HubError.PRECONDITION_FAILED, boiler);
        assertRefused(new Put(BOILER, EXISTS, anyDevice), HubError.DEVICE_NOT_FOUND);
        assertRefused(new Delete(BOILER, stale), HubError.PRECONDITION_FAILED, boiler);
        assertRefused(new Delete(BOILER, EXISTS), HubError.DEVICE_NOT_FOUND);
        assertRefused(new Delete(BOILER, ABSENT), HubError.PRECONDITION_FAILED, boiler);

        assertRefused(new Put(BURNER, stale, ANY_MODULE), HubError.PRECONDITION_FAILED, boiler, burner);
        assertRefused(new Put(BURNER, ABSENT, ANY_MODULE), HubError.DEVICE_NOT_FOUND);
        assertRefused(new Put(BURNER, EXISTS, ANY_MODULE), HubError.MODULE_NOT_FOUND, boiler);
        assertRefused(new Put(BURNER, EXISTS, ANY_MODULE), HubError.DEVICE_NOT_FOUND);
        assertRefused(new Delete(BURNER, stale), HubError.PRECONDITION_FAILED, boiler, burner);
        assertRefused(new Delete(BURNER, EXISTS), HubError.MODULE_NOT_FOUND, boiler);
        assertRefused(new Delete(BURNER, EXISTS), HubError.DEVICE_NOT_FOUND);
        assertRefused(new Delete(BURNER, ABSENT), HubError.PRECONDITION_FAILED, boiler, burner);
        assertRefused(new RegenerateKeys(BURNER, WhichKey.BOTH), HubError.MODULE_NOT_FOUND, boiler);
    }

    @Test
    void givenDevice_whenDeleted_thenItsModulesGoAndAreToldFirst() {
        var decision = new Delete(BOILER, EXISTS).decide(family(edge, agent, edgeHub, burner), later);

        assertThat(decision.outcome()).isEqualTo(new Deleted(edge));
        assertThat(decision.writes())
                .containsExactly(new Deleted(agent), new Deleted(edgeHub), new Deleted(burner), new Deleted(edge));
        assertThat(new Deleted(edge).event(NOW)).isEqualTo(new RegistryEvent.Deleted(BOILER, edge.generationId(), NOW));
    }

    @Test
    void givenModule_whenDeleted_thenOnlyItGoes() {
        assertThat(new Delete(BURNER, EXISTS)
                        .decide(family(boiler, burner), later)
                        .writes())
                .containsExactly(new Deleted(burner));
    }

    @Test
    void givenNoDevice_whenEdgeDeviceIsCreated_thenItsSystemModulesToo() {
        var decision = new Put(BOILER, ABSENT, edgeDevice()).decide(family(), fresh);

        assertThat(decision.writes()).containsExactly(new Created(edge), new Created(agent), new Created(edgeHub));
        assertThat(agent)
                .isEqualTo(new Identity(
                        AGENT,
                        fresh.generationId(),
                        41,
                        new Authentication.None(),
                        new Identity.Kind.Module(Optional.of("iotEdge"))));
        assertThat(edgeHub.id()).isEqualTo(EDGE_HUB);
    }

    @Test
    void givenDevice_whenItBecomesOrCeasesToBeAnEdgeDevice_thenSystemModulesComeAndGo() {
        var becomes = new Put(BOILER, EXISTS, edgeDevice()).decide(family(boiler, burner), later);
        var stays = new Put(BOILER, EXISTS, edgeDevice()).decide(family(edge, agent, edgeHub, burner), later);
        var ceases = new Put(BOILER, EXISTS, device(DeviceStatus.ENABLED))
                .decide(family(edge, agent, edgeHub, burner), later);

        assertThat(becomes.writes().stream().skip(1))
                .extracting(written -> written.getClass().getSimpleName() + " "
                        + written.identity().id())
                .containsExactly("Created boiler/$edgeAgent", "Created boiler/$edgeHub");
        assertThat(stays.writes()).hasExactlyElementsOfTypes(Replaced.class);
        assertThat(ceases.writes().stream().skip(1)).containsExactly(new Deleted(agent), new Deleted(edgeHub));
    }

    @Test
    void givenSystemModules_whenClientsCreateOrRemoveThem_thenRefusedButTheyMayGetKeys() {
        assertRefused(new Put(AGENT, ABSENT, ANY_MODULE), HubError.ARGUMENT_INVALID, boiler);
        assertRefused(new Put(IdentityId.parse("boiler/$mine"), ABSENT, ANY_MODULE), HubError.ARGUMENT_INVALID, boiler);
        assertRefused(new Delete(AGENT, EXISTS), HubError.ARGUMENT_INVALID, edge, agent, edgeHub);
        assertRefused(new RegenerateKeys(AGENT, WhichKey.BOTH), HubError.ARGUMENT_INVALID, edge, agent, edgeHub);

        var outcome = new Put(AGENT, EXISTS, ANY_MODULE)
                .decide(family(edge, agent, edgeHub), later)
                .outcome();

        assertThat(outcome)
                .isEqualTo(new Replaced(new Identity(
                        AGENT,
                        agent.generationId(),
                        42,
                        new Authentication.Sas(later.keys()),
                        new Identity.Kind.Module(Optional.of("iotEdge")))));
    }

    @Test
    void givenFiftyModules_whenAnotherIsCreated_thenTooManyButSystemModulesDoNotCount() {
        var modules = IntStream.range(0, 50)
                .mapToObj(i -> Identity.create(IdentityId.parse("boiler/m" + i), ANY_MODULE, fresh));
        var full = family(Stream.concat(Stream.of(edge, agent, edgeHub), modules));
        var put = new Put(BURNER, ABSENT, ANY_MODULE);

        assertRefused(put, HubError.TOO_MANY_MODULES, full);
        full.remove(IdentityId.parse("boiler/m7"));
        assertThat(put.decide(full, later).outcome()).isInstanceOf(Created.class);
    }

    @ParameterizedTest
    @EnumSource
    void givenKeys_whenRegenerated_thenOnlyTheNamedOnesChange(WhichKey which) {
        for (var identity : List.of(boiler, burner)) {
            var outcome = new RegenerateKeys(identity.id(), which)
                    .decide(family(boiler, burner), later)
                    .outcome();

            assertThat(outcome).isInstanceOfSatisfying(Replaced.class, replaced -> {
                var keys = ((Authentication.Sas) replaced.identity().authentication()).keys();
                assertThat(keys.primary())
                        .isEqualTo((which == WhichKey.SECONDARY ? fresh : later)
                                .keys()
                                .primary());
                assertThat(keys.secondary())
                        .isEqualTo((which == WhichKey.PRIMARY ? fresh : later)
                                .keys()
                                .secondary());
            });
        }
    }

    @Test
    void givenDeviceWithoutKeys_whenRegenerated_thenRefused() {
        var byCertificate = Identity.create(
                BOILER,
                new IdentitySpec.Device(
                        DeviceStatus.ENABLED,
                        Optional.empty(),
                        Optional.of(new Authentication.CertificateAuthority()),
                        false,
                        Optional.empty(),
                        Optional.empty()),
                fresh);

        assertRefused(new RegenerateKeys(BOILER, WhichKey.BOTH), HubError.ARGUMENT_INVALID, byCertificate);
    }

    @Test
    void givenSpecOfTheOtherKind_whenPut_thenThatIsAnErrorOfTheProgram() {
        assertThatThrownBy(() -> new Put(BOILER, ABSENT, ANY_MODULE)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Put(BURNER, ABSENT, device(DeviceStatus.ENABLED)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private Identity created(IdentityChange put, Identity... family) {
        return ((Created) put.decide(family(family), fresh).outcome()).identity();
    }

    private void assertRefused(IdentityChange change, HubError error, Identity... family) {
        assertRefused(change, error, family(family));
    }

    private void assertRefused(IdentityChange change, HubError error, SortedMap<IdentityId, Identity> family) {
        var decision = change.decide(family, later);

        assertThat(decision.outcome()).isInstanceOfSatisfying(Refused.class, refused -> assertThat(refused.error())
                .isEqualTo(error));
        assertThat(decision.writes()).isEmpty();
    }

    private static SortedMap<IdentityId, Identity> family(Identity... members) {
        return family(Stream.of(members));
    }

    private static SortedMap<IdentityId, Identity> family(Stream<Identity> members) {
        var family = new TreeMap<IdentityId, Identity>();
        members.forEach(member -> family.put(member.id(), member));
        return family;
    }

    private static IdentitySpec.Device device(DeviceStatus status) {
        return new IdentitySpec.Device(
                status, Optional.empty(), Optional.empty(), false, Optional.empty(), Optional.empty());
    }

    private static IdentitySpec.Device edgeDevice() {
        return new IdentitySpec.Device(
                DeviceStatus.ENABLED, Optional.empty(), Optional.empty(), true, Optional.empty(), Optional.empty());
    }
}
