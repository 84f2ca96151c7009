package io.freehub.registry.certificate;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;

/** What certificates must be. All failures are {@link HubError#ARGUMENT_INVALID} and say what is wrong. */
final class Possession {

    private static final int KEY_CERT_SIGN = 5;

    private Possession() {}

    /** That the certificate may issue others now. */
    static void requireAuthority(X509Certificate certificate, Instant now) {
        if (certificate.getBasicConstraints() < 0) {
            throw invalid("the certificate is not that of an authority: it lacks the basic constraint CA:TRUE");
        }
        var usage = certificate.getKeyUsage();
        if (usage != null && !usage[KEY_CERT_SIGN]) {
            throw invalid("the certificate is not that of an authority: its key usage lacks keyCertSign");
        }
        requireValid("the certificate", certificate, now);
    }

    /** That whoever made the proof has the key of the authority: it is issued by that one, to the code. */
    static void require(X509Certificate authority, String code, X509Certificate proof, Instant now) {
        requireValid("the verification certificate", proof, now);
        if (!proof.getIssuerX500Principal().equals(authority.getSubjectX500Principal())) {
            throw invalid("the verification certificate names another issuer than the subject of the uploaded one");
        }
        try {
            proof.verify(authority.getPublicKey());
        } catch (GeneralSecurityException e) {
            throw invalid("the verification certificate is not signed with the key of the uploaded one");
        }
        if (!commonName(proof).equals(Optional.of(code))) {
            throw invalid(
                    "the subject's common name in the verification certificate is not the verification code " + code);
        }
    }

    private static void requireValid(String what, X509Certificate certificate, Instant now) {
        try {
            certificate.checkValidity(Date.from(now));
        } catch (CertificateException e) {
            throw invalid("%s is valid from %s to %s only"
                    .formatted(
                            what,
                            certificate.getNotBefore().toInstant(),
                            certificate.getNotAfter().toInstant()));
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

    private static HubException invalid(String detail) {
        return new HubException(HubError.ARGUMENT_INVALID, detail);
    }
}
