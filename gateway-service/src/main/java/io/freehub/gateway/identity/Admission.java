package io.freehub.gateway.identity;

import io.freehub.model.AccessPolicy;
import io.freehub.model.AuthMethod;
import io.freehub.model.Authentication;
import io.freehub.model.Credentials;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.model.Permission;
import io.freehub.model.SasToken;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Whether a device may come in. */
public sealed interface Admission {

    /**
     * It may.
     *
     * @param until when the connection ends unless the device comes again with a new token
     */
    record Admitted(Credentials credentials, AuthMethod method, Instant until) implements Admission {}

    /** It may not; the reason is for the log, since no protocol tells it to the device. */
    record Refused(HubError error, String reason) implements Admission {}

    /**
     * Decides on a token that was presented for a device or module.
     *
     * @param hosts names of the hub that a token may be made for
     * @param token absent when the client sent no password
     * @param credentials what the registry knows of the identity
     * @param policies the shared access policies by name
     */
    static Admission decide(
            List<String> hosts,
            IdentityId identity,
            Optional<SasToken> token,
            Optional<Credentials> credentials,
            Function<String, Optional<AccessPolicy>> policies,
            Instant now) {
        if (credentials.isEmpty()) {
            return identity.isModule()
                    ? new Refused(HubError.MODULE_NOT_FOUND, "the hub has no such module")
                    : new Refused(HubError.DEVICE_NOT_FOUND, "the hub has no such device");
        }
        if (token.isEmpty()) {
            return new Refused(HubError.UNAUTHORIZED, "no token was sent");
        }
        if (token.get().isExpiredAt(now)) {
            return new Refused(
                    HubError.UNAUTHORIZED, "the token expired at " + token.get().expiry());
        }
        try {
            var method = token.get().policy().isPresent()
                    ? byPolicy(
                            hosts,
                            identity,
                            token.get(),
                            policies.apply(token.get().policy().get()))
                    : byOwnKey(hosts, identity, token.get(), credentials.get().authentication());
            // Only who has proved to be the device learns, in the log, that it is disabled.
            return credentials.get().enabled()
                    ? new Admitted(
                            credentials.get(), method, token.get().expiry().plus(SasToken.CLOCK_SKEW))
                    : new Refused(HubError.DEVICE_DISABLED, "the device is disabled");
        } catch (HubException e) {
            return new Refused(e.error(), e.getMessage());
        }
    }

    private static AuthMethod byOwnKey(
            List<String> hosts, IdentityId identity, SasToken token, Authentication authentication) {
        return switch (authentication) {
            case Authentication.Sas sas -> {
                if (hosts.stream().noneMatch(host -> token.isFor(host, identity))) {
                    throw unauthorized("the token is for another resource: " + token);
                }
                if (!token.isSignedBy(sas.keys())) {
                    throw unauthorized("the token is signed with none of its keys");
                }
                yield identity.isModule() ? AuthMethod.MODULE_SAS : AuthMethod.DEVICE_SAS;
            }
            case Authentication.SelfSigned _, Authentication.CertificateAuthority _ ->
                throw unauthorized("it authenticates by certificate, not by token");
        };
    }

    private static AuthMethod byPolicy(
            List<String> hosts, IdentityId identity, SasToken token, Optional<AccessPolicy> policy) {
        if (policy.isEmpty() || !token.isSignedBy(policy.get().keys())) {
            throw unauthorized("the token is signed with no key of a policy of its name");
        }
        if (!policy.get().allows(Permission.DEVICE_CONNECT)) {
            throw unauthorized("the policy '" + policy.get().name() + "' does not allow DeviceConnect");
        }
        if (hosts.stream().noneMatch(host -> token.covers(host, identity.path()))) {
            throw unauthorized("the token is for another resource: " + token);
        }
        return AuthMethod.HUB_SAS;
    }

    private static HubException unauthorized(String reason) {
        return new HubException(HubError.UNAUTHORIZED, reason);
    }
}
