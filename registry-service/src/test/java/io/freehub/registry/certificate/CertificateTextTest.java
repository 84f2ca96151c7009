package io.freehub.registry.certificate;

import static io.freehub.testing.TestAuthority.base64;
import static io.freehub.testing.TestAuthority.pem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.testing.TestAuthority;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CertificateTextTest {

    private static final X509Certificate CERTIFICATE = new TestAuthority("text").certificate();

    @Test
    void givenCertificateInEachSpelling_whenRead_thenItIsTheSame() {
        var pem = pem(CERTIFICATE);
        for (var text : new String[] {
            pem,
            "subject=CN = text\n\n" + pem.replace("\n", "\r\n"),
            base64(CERTIFICATE),
            base64(CERTIFICATE).replaceAll("(.{76})", "$1\r\n"),
            Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII))
        }) {
            assertThat(CertificateText.parse(text)).isEqualTo(CERTIFICATE);
        }
    }

    static Stream<Arguments> wrong() {
        var pem = pem(CERTIFICATE);
        return Stream.of(
                Arguments.of("hello!", "neither PEM nor base64"),
                Arguments.of("aGVsbG8=", "no X.509 certificate"),
                Arguments.of(base64(CERTIFICATE).substring(0, 200), "no X.509 certificate"),
                Arguments.of(pem + pem, "several certificates"),
                Arguments.of(
                        pem + "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "holds a private key"),
                Arguments.of(
                        "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
                        "no PEM block of type CERTIFICATE"),
                Arguments.of("A".repeat(CertificateText.MAX_LENGTH + 1), "longer than 16384"));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void givenSomethingElse_whenRead_thenSaidWhatItIs(String text, String said) {
        assertThatThrownBy(() -> CertificateText.parse(text))
                .isInstanceOfSatisfying(HubException.class, refused -> assertThat(refused.error())
                        .isEqualTo(HubError.ARGUMENT_INVALID))
                .hasMessageContaining(said);
    }
}
