package io.freehub.registry.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.registry.certificate.CertificateChange.Delete;
import io.freehub.registry.certificate.CertificateChange.Fresh;
import io.freehub.registry.certificate.CertificateChange.GenerateCode;
import io.freehub.registry.certificate.CertificateChange.Outcome;
import io.freehub.registry.certificate.CertificateChange.Put;
import io.freehub.registry.certificate.CertificateChange.Verify;
import io.freehub.service.http.ETag;
import io.freehub.service.http.Precondition;
import io.freehub.testing.TestAuthority;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CertificateChangeTest {

    private static final TestAuthority AUTHORITY = new TestAuthority("one");
    private static final TestAuthority OTHER = new TestAuthority("other");
    private static final Instant NOW = Instant.now();
    private static final Fresh FRESH = Fresh.make(NOW, new Random(1));
    private static final Precondition NONE = new Precondition.Absent();
    private static final Precondition ANY = new Precondition.Exists();

    @Test
    void givenAuthority_whenUploaded_thenVerifiedOnlyWhenTheClientVouches() {
        var plain = created(new Put("one", NONE, AUTHORITY.certificate(), Optional.empty()));
        var vouched = created(new Put("one", NONE, AUTHORITY.certificate(), Optional.of(true)));

        assertThat(plain)
                .isEqualTo(new AuthorityCertificate(
                        "one", FRESH.version(), AUTHORITY.certificate(), false, Optional.empty(), NOW, NOW));
        assertThat(plain.trusted()).isEmpty();
        assertThat(vouched.trusted()).hasValueSatisfying(trusted -> assertThat(trusted.certificateBase64Der())
                .isEqualTo(TestAuthority.base64(AUTHORITY.certificate())));
    }

    @Test
    void givenSignedCode_whenVerified_thenVerifiedAndTheCodeIsUsedUp() {
        var coded = replaced(new GenerateCode("one", ANY), stored());
        assertThat(coded.verificationCode()).contains(FRESH.code());
        assertThat(coded.etag()).isNotEqualTo(stored().etag());

        var verified =
                replaced(new Verify("one", NONE, AUTHORITY.issue(FRESH.code()).certificate()), coded);

        assertThat(verified.isVerified()).isTrue();
        assertThat(verified.verificationCode()).isEmpty();
        assertThat(verified.version()).isEqualTo(coded.version() + 1);
    }

    @Test
    void givenWrongProof_whenVerified_thenSaidWhatIsWrong() {
        var coded = replaced(new GenerateCode("one", ANY), stored());
        var namesake = new TestAuthority("one");

        assertRefused(verify(AUTHORITY.issue("something").certificate()), coded, "common name");
        assertRefused(verify(AUTHORITY.issue(FRESH.code().toLowerCase()).certificate()), coded, "common name");
        assertRefused(verify(OTHER.issue(FRESH.code()).certificate()), coded, "another issuer");
        assertRefused(verify(namesake.issue(FRESH.code()).certificate()), coded, "not signed with the key");
        assertRefused(verify(AUTHORITY.later(FRESH.code(), Duration.ofDays(-2))), coded, "valid from");
        assertRefused(verify(AUTHORITY.issue(FRESH.code()).certificate()), stored(), "generate one first");
    }

    @Test
    void givenCodeOfAnEarlierVersion_whenVerifiedUnderItsTag_thenPreconditionFailed() {
        var coded = replaced(new GenerateCode("one", ANY), stored());
        var change = new Verify(
                "one",
                new Precondition.Matches(stored().etag()),
                AUTHORITY.issue(FRESH.code()).certificate());

        assertRefused(change, coded, HubError.PRECONDITION_FAILED, "ETag");
    }

    @Test
    void givenVerifiedOne_whenUploadedAgain_thenTheSameStaysVerifiedAndAnotherIsNot() {
        var verified = created(new Put("one", NONE, AUTHORITY.certificate(), Optional.of(true)));
        var coded = replaced(new GenerateCode("one", ANY), verified);
        assertThat(coded.isVerified()).isTrue();

        var same = replaced(new Put("one", ANY, AUTHORITY.certificate(), Optional.empty()), coded);
        assertThat(same.isVerified()).isTrue();
        assertThat(same.verificationCode()).isEmpty();
        assertThat(replaced(new Put("one", ANY, AUTHORITY.certificate(), Optional.of(false)), coded)
                        .isVerified())
                .isFalse();
        assertThat(replaced(new Put("one", ANY, OTHER.certificate(), Optional.empty()), coded)
                        .isVerified())
                .isFalse();
    }

    @Test
    void givenNoAuthority_whenUploaded_thenSaidWhatItLacks() {
        assertRefused(put(AUTHORITY.issue("leaf").certificate()), stored(), "CA:TRUE");
        assertRefused(put(AUTHORITY.withoutTheRightToSign()), stored(), "keyCertSign");
        assertRefused(put(AUTHORITY.later("late", Duration.ofDays(2))), stored(), "valid from");
        assertRefused(put(AUTHORITY.later("early", Duration.ofDays(-2))), stored(), "valid from");
    }

    @Test
    void givenItsNameOrTheSameCertificate_whenUploaded_thenConflict() {
        assertRefused(
                new Put("one", NONE, OTHER.certificate(), Optional.empty()),
                stored(),
                HubError.CONFLICT,
                "exists already");
        assertRefused(put(AUTHORITY.certificate()), stored(), HubError.CONFLICT, "as 'one'");
    }

    @Test
    void givenHundredCertificates_whenAnotherIsUploaded_thenConflict() {
        var hundred = new HashMap<String, AuthorityCertificate>();
        for (int i = 0; i < 100; i++) {
            hundred.put("c" + i, stored());
        }

        assertThatThrownBy(() -> put(OTHER.certificate()).decide(hundred, FRESH))
                .hasMessageContaining("100");
        hundred.remove("c0");
        assertThat(put(OTHER.certificate()).decide(hundred, FRESH)).isInstanceOf(Outcome.Created.class);
    }

    @Test
    void givenUnknownOne_whenChanged_thenCertificateNotFound() {
        for (var change : List.of(
                new Put("nobody", ANY, OTHER.certificate(), Optional.empty()),
                new GenerateCode("nobody", NONE),
                new Verify("nobody", NONE, OTHER.issue("x").certificate()),
                new Delete("nobody", ANY))) {
            assertRefused(change, stored(), HubError.CERTIFICATE_NOT_FOUND, "nobody");
        }
    }

    @Test
    void givenDeletion_whenTagIsMissingOrStale_thenPreconditionFailed() {
        assertRefused(new Delete("one", NONE), stored(), HubError.PRECONDITION_FAILED, "If-Match");
        assertRefused(
                new Delete("one", new Precondition.Matches(ETag.of(1))),
                stored(),
                HubError.PRECONDITION_FAILED,
                "ETag");
        assertThat(new Delete("one", ANY).decide(Map.of("one", stored()), FRESH))
                .isEqualTo(new Outcome.Deleted("one"));
    }

    @Test
    void givenCodes_whenMade_thenEachIsNewAndFitsACommonName() {
        var random = new Random();

        assertThat(Fresh.make(NOW, random).code())
                .matches("[0-9A-F]{48}")
                .isNotEqualTo(Fresh.make(NOW, random).code());
    }

    private static AuthorityCertificate stored() {
        return new AuthorityCertificate("one", 7, AUTHORITY.certificate(), false, Optional.empty(), NOW, NOW);
    }

    private static Put put(X509Certificate certificate) {
        return new Put("new", NONE, certificate, Optional.empty());
    }

    private static Verify verify(X509Certificate proof) {
        return new Verify("one", NONE, proof);
    }

    private static AuthorityCertificate created(CertificateChange change) {
        return ((Outcome.Created) change.decide(Map.of(), FRESH)).certificate();
    }

    private static AuthorityCertificate replaced(CertificateChange change, AuthorityCertificate current) {
        return ((Outcome.Replaced) change.decide(Map.of("one", current), FRESH)).certificate();
    }

    private static void assertRefused(CertificateChange change, AuthorityCertificate current, String text) {
        assertRefused(change, current, HubError.ARGUMENT_INVALID, text);
    }

    private static void assertRefused(
            CertificateChange change, AuthorityCertificate current, HubError error, String text) {
        assertThatThrownBy(() -> change.decide(Map.of("one", current), FRESH))
                .isInstanceOfSatisfying(HubException.class, refused -> assertThat(refused.error())
                        .isEqualTo(error))
                .hasMessageContaining(text);
    }
}
