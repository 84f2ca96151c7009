package io.freehub.service.http;

import io.freehub.model.AccessPolicy;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.Permission;
import io.freehub.model.SasToken;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Decides whether a token of a back end opens an operation. */
final class BackEndTokens {

    private static final String REFUSED = "the signature is wrong or there is no such policy";

    private BackEndTokens() {}

    /**
     * The policy that lets the caller in.
     *
     * @param authorization the {@code Authorization} header
     * @param policies finds a policy by its name
     * @param hosts names of the hub
     * @param path decoded segments of the request
     * @throws HubException one of 401 that says what is wrong with the token; wrong keys and unknown policies read alike
     */
    static AccessPolicy check(
            Optional<String> authorization,
            Function<String, Optional<AccessPolicy>> policies,
            List<String> hosts,
            List<String> path,
            Permission needed,
            Instant now) {
        var token = SasToken.parse(authorization.orElseThrow(
                () -> new HubException(HubError.UNAUTHORIZED, "Authorization header missing")));
        var name = token.policy()
                .orElseThrow(() -> new HubException(
                        HubError.UNAUTHORIZED, "the shared access signature names no policy (skn is missing)"));
        var policy = policies.apply(name)
                .filter(found -> token.isSignedBy(found.keys()))
                .orElseThrow(() -> new HubException(HubError.UNAUTHORIZED_ACCESS, REFUSED));
        if (token.isExpiredAt(now)) {
            throw new HubException(HubError.UNAUTHORIZED, "the shared access signature expired at " + token.expiry());
        }
        if (hosts.stream().noneMatch(host -> token.covers(host, path))) {
            throw new HubException(
                    HubError.UNAUTHORIZED, "the resource of the shared access signature does not cover this request");
        }
        if (!policy.allows(needed)) {
            throw new HubException(
                    HubError.UNAUTHORIZED_ACCESS,
                    "Authorization rule '" + name + "' does not allow access: it lacks " + needed.wireName());
        }
        return policy;
    }
}
