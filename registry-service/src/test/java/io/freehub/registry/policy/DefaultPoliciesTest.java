package io.freehub.registry.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.AccessPolicy;
import io.freehub.model.Permission;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DefaultPoliciesTest {

    @Test
    void givenDefaults_whenMade_thenPermissionsAreThoseOfIotHubWithTheHubForItsOwnerAndKeysAreRandom() {
        var permissions = DefaultPolicies.make().stream()
                .collect(Collectors.toMap(AccessPolicy::name, AccessPolicy::permissions));

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
                        .flatMap(policy ->
                                Stream.of(policy.keys().primary(), policy.keys().secondary())))
                .doesNotHaveDuplicates();
    }
}
