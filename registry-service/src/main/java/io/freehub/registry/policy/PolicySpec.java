package io.freehub.registry.policy;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.Permission;
import io.freehub.model.SymmetricKey;
import io.freehub.model.SymmetricKeys;
import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a client wants a policy to be.
 *
 * @param primaryKey empty when the hub is to make it, or to keep the one there is
 * @param secondaryKey likewise
 */
record PolicySpec(Set<Permission> permissions, Optional<SymmetricKey> primaryKey, Optional<SymmetricKey> secondaryKey) {

    /** @throws HubException {@link HubError#ARGUMENT_INVALID} when nothing is permitted */
    PolicySpec {
        if (permissions.isEmpty()) {
            throw invalid("permissions must name at least one of " + allPermissions());
        }
        permissions = Set.copyOf(permissions);
    }

    /** The keys asked for, in place of these. */
    SymmetricKeys keysInsteadOf(SymmetricKeys keys) {
        return new SymmetricKeys(primaryKey.orElse(keys.primary()), secondaryKey.orElse(keys.secondary()));
    }

    /** @throws HubException {@link HubError#ARGUMENT_INVALID} naming what there is, when a name is none of a permission */
    static Set<Permission> permissions(Collection<String> names) {
        return names.stream().map(PolicySpec::permission).collect(Collectors.toUnmodifiableSet());
    }

    private static Permission permission(String name) {
        return Arrays.stream(Permission.values())
                .filter(permission -> permission.wireName().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() -> invalid("permissions has an unknown one; there are " + allPermissions()));
    }

    /**
     * Reads a key; a blank one is none.
     *
     * @throws HubException {@link HubError#ARGUMENT_INVALID} naming the field
     */
    static Optional<SymmetricKey> key(String field, Optional<String> base64) {
        try {
            return base64.filter(text -> !text.isBlank()).map(SymmetricKey::new);
        } catch (HubException e) {
            throw invalid(field + " must be base64 of 16 to 64 bytes");
        }
    }

    private static String allPermissions() {
        return Arrays.stream(Permission.values()).map(Permission::wireName).collect(Collectors.joining(", "));
    }

    private static HubException invalid(String detail) {
        return new HubException(HubError.ARGUMENT_INVALID, detail);
    }
}
