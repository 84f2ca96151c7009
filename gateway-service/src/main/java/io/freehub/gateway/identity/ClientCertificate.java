package io.freehub.gateway.identity;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.MessageDigest;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;

/**
 * Decides whether a client's certificate is the right one.
 *
 * <p>Source: IoT Hub, "authenticate identities with X.509 certificates"; for paths RFC 5280, section 6.
 */
final class ClientCertificate {

    /** A longer chain is not looked into: checking it would take the event loop's time. */
    private static final int MAX_CHAIN = 8;

    private ClientCertificate() {}

    /**
     * Checks a certificate that is known by its thumbprint. Its dates do not count: the thumbprint is what is trusted.
     *
     * @throws HubException {@link HubError#UNAUTHORIZED} when no thumbprint is that of the certificate
     */
    static void checkThumbprint(X509Certificate certificate, Optional<String> primary, Optional<String> secondary) {
        var sha1 = thumbprint(certificate, "SHA-1");
        var sha256 = thumbprint(certificate, "SHA-256");
        if (Stream.of(primary, secondary)
                .flatMap(Optional::stream)
                .noneMatch(known -> known.equalsIgnoreCase(sha1) || known.equalsIgnoreCase(sha256))) {
            throw new HubException(
                    HubError.UNAUTHORIZED,
                    "Thumbprint does not match configuration: Thumbprint: SHA1Hash=%s, SHA2Hash=%s; Configuration: "
                                    .formatted(sha1, sha256)
                            + "PrimaryThumbprint=%s, SecondaryThumbprint=%s"
                                    .formatted(primary.orElse("none"), secondary.orElse("none")));
        }
    }

    /**
     * Checks a chain that must lead from the client to an authority of the hub.
     *
     * @param name what the common name of the first certificate must be
     * @throws HubException {@link HubError#UNAUTHORIZED} saying what is wrong
     */
    static void checkIssued(
            List<X509Certificate> chain, Collection<X509Certificate> authorities, String name, Instant now) {
        if (chain.size() > MAX_CHAIN) {
            throw refused("the chain of " + chain.size() + " certificates is longer than " + MAX_CHAIN);
        }
        var commonName = commonName(chain.getFirst());
        if (!commonName.equals(Optional.of(name))) {
            throw refused("the common name of the certificate is '" + commonName.orElse("") + "', not '" + name + "'");
        }
        checkPath(belowAuthorities(chain, authorities), anchors(authorities, now), now);
    }

    /** Clients may send their authority along, and what is above it; what counts is the way up to the first one known. */
    private static List<X509Certificate> belowAuthorities(
            List<X509Certificate> chain, Collection<X509Certificate> authorities) {
        var below = new ArrayList<>(List.of(chain.getFirst()));
        chain.stream()
                .skip(1)
                .takeWhile(certificate -> authorities.stream().noneMatch(certificate::equals))
                .forEach(below::add);
        return below;
    }

    private static Set<TrustAnchor> anchors(Collection<X509Certificate> authorities, Instant now) {
        var date = Date.from(now);
        return authorities.stream()
                .filter(authority -> !date.before(authority.getNotBefore()) && !date.after(authority.getNotAfter()))
                .map(authority -> new TrustAnchor(authority, null))
                .collect(Collectors.toSet());
    }

    private static void checkPath(List<X509Certificate> path, Set<TrustAnchor> anchors, Instant now) {
        try {
            var parameters = new PKIXParameters(anchors);
            // A device is revoked by disabling it.
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(now));
            CertPathValidator.getInstance("PKIX")
                    .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
        } catch (InvalidAlgorithmParameterException e) {
            throw refused("the hub has no valid certificate authority");
        } catch (CertPathValidatorException | CertificateException e) {
            throw refused("the certificate is not one of an authority of this hub: " + e.getMessage());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK checks certificates", e);
        }
    }

    private static Optional<String> commonName(X509Certificate certificate) {
        try {
            return new LdapName(certificate.getSubjectX500Principal().getName())
                    .getRdns().reversed().stream()
                            .filter(part -> part.getType().equalsIgnoreCase("CN"))
                            .map(part -> part.getValue().toString())
                            .findFirst();
        } catch (InvalidNameException e) {
            return Optional.empty();
        }
    }

    private static String thumbprint(X509Certificate certificate, String algorithm) {
        try {
            return HexFormat.of()
                    .withUpperCase()
                    .formatHex(MessageDigest.getInstance(algorithm).digest(certificate.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw refused("the certificate cannot be read: " + e.getMessage());
        }
    }

    private static HubException refused(String reason) {
        return new HubException(HubError.UNAUTHORIZED, reason);
    }
}
