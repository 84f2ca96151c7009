package io.freehub.registry.policy;

import io.freehub.model.AccessPolicy;
import io.freehub.model.Permission;
import io.freehub.model.SymmetricKey;
import io.freehub.model.SymmetricKeys;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.Arrays;
import java.util.stream.Collectors;

/** A policy in its table. */
@Entity
@Table(name = "access_policy")
class PolicyRow {

    @Id
    String name = "";

    @Column(name = "primary_key")
    String primaryKey = "";

    @Column(name = "secondary_key")
    String secondaryKey = "";

    /** Names of the constants. */
    String[] permissions = {};

    long version;

    static PolicyRow of(StoredPolicy stored) {
        var row = new PolicyRow();
        row.name = stored.policy().name();
        row.take(stored);
        return row;
    }

    /** Becomes what the policy is. */
    final void take(StoredPolicy stored) {
        var policy = stored.policy();
        primaryKey = policy.keys().primary().base64();
        secondaryKey = policy.keys().secondary().base64();
        permissions =
                policy.permissions().stream().sorted().map(Permission::name).toArray(String[]::new);
        version = stored.version();
    }

    StoredPolicy stored() {
        var keys = new SymmetricKeys(new SymmetricKey(primaryKey), new SymmetricKey(secondaryKey));
        var permitted = Arrays.stream(permissions).map(Permission::valueOf).collect(Collectors.toUnmodifiableSet());
        return new StoredPolicy(new AccessPolicy(name, keys, permitted), version);
    }
}
