package io.freehub.registry.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.AccessPolicy;
import io.freehub.model.Permission;
import io.freehub.model.SymmetricKeys;
import io.freehub.store.OutboxRecord;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PolicyPublisherTest {

    private static final AccessPolicy OWNER = policy("owner");
    private static final AccessPolicy READER = policy("reader");

    @Test
    void givenTopicHoldsAll_whenCompared_thenNothingIsPublished() {
        assertThat(PolicyPublisher.missing(List.of(OWNER, READER), Map.of("owner", OWNER, "reader", READER)))
                .isEmpty();
    }

    @Test
    void givenEmptyTopic_whenCompared_thenAllIsPublished() {
        assertThat(PolicyPublisher.missing(List.of(OWNER, READER), Map.of()))
                .extracting(OutboxRecord::key)
                .containsExactly("owner", "reader");
    }

    @Test
    void givenOtherKeysAndUnknownPolicyOnTheTopic_whenCompared_thenTheDatabaseWins() {
        var records = PolicyPublisher.missing(List.of(OWNER), Map.of("owner", policy("owner"), "stranger", READER));

        assertThat(records).extracting(OutboxRecord::key).containsExactly("owner", "stranger");
        assertThat(records.get(0).value())
                .contains(OWNER.keys().primary().base64())
                .contains("\"permissions\":[\"RegistryRead\"]");
        assertThat(records.get(1).value()).isNull();
    }

    @Test
    void givenDefaults_whenMade_thenPermissionsAreThoseOfIotHubAndKeysAreRandom() {
        var permissions = DefaultPolicies.make().stream()
                .collect(java.util.stream.Collectors.toMap(AccessPolicy::name, AccessPolicy::permissions));

        assertThat(permissions)
                .isEqualTo(Map.of(
                        "iothubowner", Set.of(Permission.values()),
                        "service", Set.of(Permission.SERVICE_CONNECT),
                        "device", Set.of(Permission.DEVICE_CONNECT),
                        "registryRead", Set.of(Permission.REGISTRY_READ),
                        "registryReadWrite", Set.of(Permission.REGISTRY_READ, Permission.REGISTRY_WRITE),
                        "$freehub",
                                Set.of(
                                        Permission.REGISTRY_READ,
                                        Permission.REGISTRY_WRITE,
                                        Permission.SERVICE_CONNECT)));
        assertThat(DefaultPolicies.make().stream()
                        .flatMap(policy -> java.util.stream.Stream.of(
                                policy.keys().primary(), policy.keys().secondary())))
                .doesNotHaveDuplicates();
    }

    private static AccessPolicy policy(String name) {
        return new AccessPolicy(name, SymmetricKeys.generate(), Set.of(Permission.REGISTRY_READ));
    }
}
