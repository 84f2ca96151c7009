package io.freehub.registry.certificate;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.service.http.Precondition;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** A change of a certificate that a client asks for, and the decision what becomes of it. */
sealed interface CertificateChange {

    /** Certificates that a hub can have. */
    int MOST = 100;

    /** Name of the certificate in question. */
    String name();

    /**
     * Upload a certificate or, when the precondition names one, put another in its place.
     *
     * @param verified whether the client vouches for it; when empty, the same certificate stays what it was, another is not
     *     verified
     */
    record Put(String name, Precondition precondition, X509Certificate certificate, Optional<Boolean> verified)
            implements CertificateChange {}

    /** Ask for a code to sign. The code counts until the certificate is uploaded again. */
    record GenerateCode(String name, Precondition precondition) implements CertificateChange {}

    /** Prove possession of the key by a certificate that it signed. */
    record Verify(String name, Precondition precondition, X509Certificate proof) implements CertificateChange {}

    /** Remove the certificate. */
    record Delete(String name, Precondition precondition) implements CertificateChange {}

    /** What became of a change. */
    sealed interface Outcome {

        /** The certificate is new. */
        record Created(AuthorityCertificate certificate) implements Outcome {}

        /** The certificate was there before. */
        record Replaced(AuthorityCertificate certificate) implements Outcome {}

        /** The certificate is gone. */
        record Deleted(String name) implements Outcome {}
    }

    /**
     * What a decision cannot make itself.
     *
     * @param version where a new certificate begins to count
     * @param code 48 random hex digits, as IoT Hub's codes are: together with little else they fit a common name
     */
    record Fresh(String code, long version, Instant now) {

        private static final int CODE_BYTES = 24;

        /** Versions begin anywhere, so that a tag of an earlier certificate of the same name does not fit by chance. */
        static Fresh make(Instant now, RandomGenerator random) {
            var code = new byte[CODE_BYTES];
            random.nextBytes(code);
            return new Fresh(HexFormat.of().withUpperCase().formatHex(code), random.nextLong(1, 1L << 30), now);
        }
    }

    /**
     * Decides.
     *
     * @param certificates all there are, by name
     * @throws HubException when nothing is to change, saying why
     */
    default Outcome decide(Map<String, AuthorityCertificate> certificates, Fresh fresh) {
        return switch (this) {
            case Put put -> {
                Possession.requireAuthority(put.certificate(), fresh.now());
                requireOnce(certificates, put);
                yield put.precondition() instanceof Precondition.Absent
                        ? create(certificates, put, fresh)
                        : replace(existing(certificates, put.precondition()), put, fresh);
            }
            case GenerateCode(var _, var precondition) -> coded(existing(certificates, precondition), fresh);
            case Verify(var _, var precondition, var proof) ->
                verified(existing(certificates, precondition), proof, fresh);
            case Delete(var _, Precondition.Absent _) ->
                throw new HubException(
                        HubError.PRECONDITION_FAILED, "If-Match is missing: the etag of the certificate, or * for any");
            case Delete(var name, var precondition) -> {
                existing(certificates, precondition);
                yield new Outcome.Deleted(name);
            }
        };
    }

    private static Outcome create(Map<String, AuthorityCertificate> certificates, Put put, Fresh fresh) {
        if (certificates.containsKey(put.name())) {
            throw new HubException(
                    HubError.CONFLICT,
                    "A certificate with the name '" + put.name() + "' exists already. To replace it, send If-Match.");
        }
        if (certificates.size() >= MOST) {
            throw new HubException(HubError.CONFLICT, "there are " + MOST + " certificates, and a hub has no more");
        }
        return new Outcome.Created(new AuthorityCertificate(
                put.name(),
                fresh.version(),
                put.certificate(),
                put.verified().orElse(false),
                Optional.empty(),
                fresh.now(),
                fresh.now()));
    }

    private static Outcome replace(AuthorityCertificate current, Put put, Fresh fresh) {
        boolean same = put.certificate().equals(current.certificate());
        return written(
                current,
                put.certificate(),
                put.verified().orElse(same && current.isVerified()),
                Optional.empty(),
                fresh);
    }

    private static Outcome coded(AuthorityCertificate current, Fresh fresh) {
        return written(current, current.certificate(), current.isVerified(), Optional.of(fresh.code()), fresh);
    }

    private static Outcome verified(AuthorityCertificate current, X509Certificate proof, Fresh fresh) {
        var code = current.verificationCode()
                .orElseThrow(() -> new HubException(
                        HubError.ARGUMENT_INVALID,
                        "there is no verification code since the certificate was uploaded: generate one first"));
        Possession.require(current.certificate(), code, proof, fresh.now());
        return written(current, current.certificate(), true, Optional.empty(), fresh);
    }

    private static Outcome written(
            AuthorityCertificate before,
            X509Certificate certificate,
            boolean verified,
            Optional<String> code,
            Fresh fresh) {
        return new Outcome.Replaced(new AuthorityCertificate(
                before.name(), before.version() + 1, certificate, verified, code, before.createdAt(), fresh.now()));
    }

    private static void requireOnce(Map<String, AuthorityCertificate> certificates, Put put) {
        certificates.values().stream()
                .filter(other ->
                        !other.name().equals(put.name()) && other.certificate().equals(put.certificate()))
                .findFirst()
                .ifPresent(other -> {
                    throw new HubException(
                            HubError.CONFLICT, "the hub has this certificate already, as '" + other.name() + "'");
                });
    }

    private AuthorityCertificate existing(Map<String, AuthorityCertificate> certificates, Precondition precondition) {
        var certificate = Optional.ofNullable(certificates.get(name())).orElseThrow(() -> notFound(name()));
        precondition.check(certificate.etag());
        return certificate;
    }

    /** Says that there is no such certificate. */
    static HubException notFound(String name) {
        return new HubException(
                HubError.CERTIFICATE_NOT_FOUND, "There is no certificate with the name '" + name + "'.");
    }
}
