package io.freehub.registry.policy;

import io.freehub.model.AccessPolicy;
import io.freehub.service.http.ETag;

/**
 * A policy as the hub keeps it.
 *
 * @param version counts writes
 */
record StoredPolicy(AccessPolicy policy, long version) {

    ETag etag() {
        return ETag.of(version);
    }
}
