package io.freehub.gateway.identity;

import io.freehub.gateway.identity.Admission.Admitted;
import io.freehub.gateway.identity.Admission.Refused;
import io.freehub.model.AccessPolicy;
import io.freehub.model.AuthMethod;
import io.freehub.model.Authentication;
import io.freehub.model.Credentials;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.model.Permission;
import io.freehub.model.SasToken;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Decides who may come in. How an identity authenticates is a property of it: a token does not open for one that has a
 * certificate, nor the other way round.
 *
 * @param hosts names of the hub that a token may be made for
 * @param policies finds a shared access policy by its name
 * @param authorities the certificate authorities that the hub trusts now
 */
public record AdmissionRules(
        List<String> hosts,
        Function<String, Optional<AccessPolicy>> policies,
        Supplier<Collection<X509Certificate>> authorities) {

    /**
     * Decides on what a client shows.
     *
     * @param credentials what the registry knows of the identity
     */
    public Admission decide(IdentityId identity, Proof proof, Optional<Credentials> credentials, Instant now) {
        if (credentials.isEmpty()) {
            return identity.isModule()
                    ? new Refused(HubError.MODULE_NOT_FOUND, "the hub has no such module")
                    : new Refused(HubError.DEVICE_NOT_FOUND, "the hub has no such device");
        }
        try {
            var admitted =
                    switch (credentials.get().authentication()) {
                        case Authentication.Sas(var keys) ->
                            byToken(identity, proof, credentials.get(), token -> token.isSignedBy(keys), now);
                        case Authentication.SelfSigned(var primary, var secondary) -> {
                            ClientCertificate.checkThumbprint(chain(proof).getFirst(), primary, secondary);
                            yield byCertificate(identity, credentials.get(), Instant.MAX);
                        }
                        case Authentication.CertificateAuthority() -> {
                            var chain = chain(proof);
                            ClientCertificate.checkIssued(chain, authorities.get(), identity.toString(), now);
                            yield byCertificate(
                                    identity,
                                    credentials.get(),
                                    chain.getFirst().getNotAfter().toInstant());
                        }
                        case Authentication.None() -> throw unauthorized("it has no credentials of its own");
                    };
            // Only who has proved to be the device learns, in the log, that it is disabled.
            return credentials.get().enabled()
                    ? admitted
                    : new Refused(HubError.DEVICE_DISABLED, "the device is disabled");
        } catch (HubException e) {
            return new Refused(e.error(), e.getMessage());
        }
    }

    /** Whether the token is one of a policy that opens the identity: its bearer may learn that there is no such identity. */
    public boolean isOfPolicy(IdentityId identity, SasToken token, Instant now) {
        if (token.policy().isEmpty() || token.isExpiredAt(now)) {
            return false;
        }
        try {
            checkPolicy(identity, token, policies.apply(token.policy().get()));
            return true;
        } catch (HubException e) {
            return false;
        }
    }

    private Admitted byToken(
            IdentityId identity, Proof proof, Credentials credentials, Predicate<SasToken> own, Instant now) {
        var token = token(proof);
        if (token.isExpiredAt(now)) {
            throw unauthorized("the token expired at " + token.expiry());
        }
        AuthMethod method;
        if (token.policy().isPresent()) {
            checkPolicy(identity, token, policies.apply(token.policy().get()));
            method = AuthMethod.HUB_SAS;
        } else {
            if (hosts.stream().noneMatch(host -> token.isFor(host, identity))) {
                throw unauthorized("the token is for another resource: " + token);
            }
            if (!own.test(token)) {
                throw unauthorized("the token is signed with none of its keys");
            }
            method = identity.isModule() ? AuthMethod.MODULE_SAS : AuthMethod.DEVICE_SAS;
        }
        return new Admitted(credentials, method, token.expiry().plus(SasToken.CLOCK_SKEW));
    }

    private void checkPolicy(IdentityId identity, SasToken token, Optional<AccessPolicy> policy) {
        if (policy.isEmpty() || !token.isSignedBy(policy.get().keys())) {
            throw unauthorized("the token is signed with no key of a policy of its name");
        }
        if (!policy.get().allows(Permission.DEVICE_CONNECT)) {
            throw unauthorized("the policy '" + policy.get().name() + "' does not allow DeviceConnect");
        }
        if (hosts.stream().noneMatch(host -> token.covers(host, identity.path()))) {
            throw unauthorized("the token is for another resource: " + token);
        }
    }

    private static Admitted byCertificate(IdentityId identity, Credentials credentials, Instant until) {
        return new Admitted(credentials, identity.isModule() ? AuthMethod.MODULE_X509 : AuthMethod.DEVICE_X509, until);
    }

    private static SasToken token(Proof proof) {
        return switch (proof) {
            case Proof.Token(var token) -> token;
            case Proof.Certificates _ -> throw unauthorized("it authenticates by token, and sent a certificate only");
            case Proof.Nothing() -> throw unauthorized("neither a token nor a certificate was sent");
        };
    }

    private static List<X509Certificate> chain(Proof proof) {
        return switch (proof) {
            case Proof.Token _ -> throw unauthorized("it authenticates by certificate, not by token");
            case Proof.Certificates(var chain) -> chain;
            case Proof.Nothing() -> throw unauthorized("it authenticates by certificate, and sent none");
        };
    }

    private static HubException unauthorized(String reason) {
        return new HubException(HubError.UNAUTHORIZED, reason);
    }
}
