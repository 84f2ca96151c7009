package io.freehub.registry.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.model.AccessPolicy;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.Permission;
import io.freehub.model.SymmetricKey;
import io.freehub.model.SymmetricKeys;
import io.freehub.registry.policy.PolicyChange.Fresh;
import io.freehub.registry.policy.PolicyChange.Outcome;
import io.freehub.registry.policy.PolicyChange.WhichKey;
import io.freehub.service.http.ETag;
import io.freehub.service.http.Precondition;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class PolicyChangeTest {

    private static final StoredPolicy OWNER = policy("owner", 7, Permission.HUB_MANAGE, Permission.REGISTRY_WRITE);
    private static final StoredPolicy READER = policy("reader", 3, Permission.REGISTRY_READ);
    private static final Fresh FRESH = new Fresh(SymmetricKeys.generate(), 42);
    private static final Precondition NONE = new Precondition.Absent();
    private static final Precondition ANY = new Precondition.Exists();

    @Test
    void givenNoKeys_whenCreated_thenKeysAreFreshAndVersionBegins() {
        var outcome = decide(new PolicyChange.Put("new", NONE, spec(Permission.SERVICE_CONNECT)));

        assertThat(outcome)
                .isEqualTo(new Outcome.Created(new StoredPolicy(
                        new AccessPolicy("new", FRESH.keys(), Set.of(Permission.SERVICE_CONNECT)), 42)));
    }

    @Test
    void givenOneKey_whenCreated_thenItIsTakenAndTheOtherMade() {
        var key = SymmetricKey.generate();
        var spec = new PolicySpec(Set.of(Permission.SERVICE_CONNECT), Optional.empty(), Optional.of(key));

        var created = (Outcome.Created) decide(new PolicyChange.Put("new", NONE, spec));

        assertThat(created.policy().policy().keys())
                .isEqualTo(new SymmetricKeys(FRESH.keys().primary(), key));
    }

    @Test
    void givenNoKeys_whenReplaced_thenKeysStayAndVersionMoves() {
        var outcome = decide(new PolicyChange.Put(
                "reader", new Precondition.Matches(READER.etag()), spec(Permission.DEVICE_CONNECT)));

        assertThat(outcome)
                .isEqualTo(new Outcome.Replaced(new StoredPolicy(
                        new AccessPolicy("reader", READER.policy().keys(), Set.of(Permission.DEVICE_CONNECT)), 4)));
    }

    @Test
    void givenKey_whenRegenerated_thenOnlyThatOneIsNew() {
        var secondary = (Outcome.Replaced) decide(new PolicyChange.RegenerateKey("reader", NONE, WhichKey.SECONDARY));
        var primary = (Outcome.Replaced) decide(new PolicyChange.RegenerateKey("reader", ANY, WhichKey.PRIMARY));

        assertThat(secondary.policy().policy().keys())
                .isEqualTo(new SymmetricKeys(
                        READER.policy().keys().primary(), FRESH.keys().secondary()));
        assertThat(primary.policy().policy().keys())
                .isEqualTo(new SymmetricKeys(
                        FRESH.keys().primary(), READER.policy().keys().secondary()));
        assertThat(primary.policy().policy().permissions())
                .isEqualTo(READER.policy().permissions());
        assertThat(primary.policy().version()).isEqualTo(4);
    }

    @Test
    void givenExistingPolicy_whenCreatedAgain_thenConflict() {
        assertRefused(
                () -> decide(new PolicyChange.Put("reader", NONE, spec(Permission.REGISTRY_READ))),
                HubError.CONFLICT,
                "exists already");
    }

    @Test
    void givenUnknownPolicy_whenReplacedDeletedOrItsKeyRegenerated_thenNotFound() {
        Stream.of(
                        new PolicyChange.Put("nobody", ANY, spec(Permission.REGISTRY_READ)),
                        new PolicyChange.Delete("nobody", ANY),
                        new PolicyChange.RegenerateKey("nobody", NONE, WhichKey.PRIMARY))
                .forEach(change -> assertRefused(() -> decide(change), HubError.NOT_FOUND, "nobody"));
    }

    @Test
    void givenStaleTag_whenChanged_thenPreconditionFailed() {
        var stale = new Precondition.Matches(ETag.of(2));
        Stream.of(
                        new PolicyChange.Put("reader", stale, spec(Permission.REGISTRY_READ)),
                        new PolicyChange.Delete("reader", stale),
                        new PolicyChange.RegenerateKey("reader", stale, WhichKey.PRIMARY))
                .forEach(change -> assertRefused(() -> decide(change), HubError.PRECONDITION_FAILED, "ETag"));
    }

    @Test
    void givenNoPrecondition_whenDeleted_thenPreconditionFailed() {
        assertRefused(() -> decide(new PolicyChange.Delete("reader", NONE)), HubError.PRECONDITION_FAILED, "If-Match");
        assertThat(decide(new PolicyChange.Delete("reader", ANY))).isEqualTo(new Outcome.Deleted("reader"));
    }

    @Test
    void givenNameOfTheHubsOwn_whenCreated_thenArgumentInvalid() {
        assertRefused(
                () -> decide(new PolicyChange.Put("$mine", NONE, spec(Permission.REGISTRY_READ))),
                HubError.ARGUMENT_INVALID,
                "belong to the hub");
    }

    @Test
    void givenSixteenPolicies_whenAnotherIsCreated_thenConflict() {
        var all = IntStream.rangeClosed(1, 15)
                .mapToObj(i -> policy("p" + i, 1, Permission.REGISTRY_READ))
                .collect(Collectors.toMap(stored -> stored.policy().name(), Function.identity()));
        var seventeenth = new PolicyChange.Put("more", NONE, spec(Permission.REGISTRY_READ));
        all.put("owner", OWNER);

        assertRefused(() -> seventeenth.decide(all, FRESH), HubError.CONFLICT, "16");
        all.remove("p1");
        assertThat(seventeenth.decide(all, FRESH)).isInstanceOf(Outcome.Created.class);
    }

    @Test
    void givenLastPolicyThatManagesTheHub_whenDeletedOrWeakened_thenRefused() {
        assertRefused(() -> decide(new PolicyChange.Delete("owner", ANY)), HubError.CONFLICT, "last policy");
        assertRefused(
                () -> decide(new PolicyChange.Put("owner", ANY, spec(Permission.REGISTRY_WRITE))),
                HubError.CONFLICT,
                "last policy");
        assertThat(decide(new PolicyChange.Put("owner", ANY, spec(Permission.HUB_MANAGE))))
                .isInstanceOf(Outcome.Replaced.class);
    }

    @Test
    void givenAnotherPolicyThatManagesTheHub_whenOneIsDeleted_thenGone() {
        var policies = Map.of("owner", OWNER, "admin", policy("admin", 1, Permission.HUB_MANAGE));

        assertThat(new PolicyChange.Delete("owner", ANY).decide(policies, FRESH))
                .isEqualTo(new Outcome.Deleted("owner"));
    }

    @Test
    void givenPermissionsAndKeys_whenRead_thenWhatIsWrongIsNamed() {
        assertThat(PolicySpec.permissions(List.of("RegistryRead", "hubmanage")))
                .containsExactlyInAnyOrder(Permission.REGISTRY_READ, Permission.HUB_MANAGE);
        assertRefused(
                () -> PolicySpec.permissions(List.of("Everything")),
                HubError.ARGUMENT_INVALID,
                "RegistryRead, RegistryWrite, ServiceConnect, DeviceConnect, HubManage");
        assertRefused(PolicyChangeTest::spec, HubError.ARGUMENT_INVALID, "at least one");
        assertThat(PolicySpec.key("primaryKey", Optional.of(""))).isEmpty();
        assertRefused(
                () -> PolicySpec.key("secondaryKey", Optional.of("c2hvcnQ=")),
                HubError.ARGUMENT_INVALID,
                "secondaryKey");
    }

    private static Outcome decide(PolicyChange change) {
        return change.decide(Map.of("owner", OWNER, "reader", READER), FRESH);
    }

    private static void assertRefused(ThrowingCallable call, HubError error, String text) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(HubException.class, refused -> assertThat(refused.error())
                        .isEqualTo(error))
                .hasMessageContaining(text);
    }

    private static PolicySpec spec(Permission... permissions) {
        return new PolicySpec(Set.of(permissions), Optional.empty(), Optional.empty());
    }

    private static StoredPolicy policy(String name, long version, Permission... permissions) {
        return new StoredPolicy(new AccessPolicy(name, SymmetricKeys.generate(), Set.of(permissions)), version);
    }
}
