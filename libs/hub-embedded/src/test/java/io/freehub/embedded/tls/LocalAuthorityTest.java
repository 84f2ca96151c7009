package io.freehub.embedded.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalAuthorityTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final String HOST = "hub.example.org";

    @TempDir
    Path directory;

    @Test
    void givenHostName_whenIssued_thenBothLeavesStandForItForLocalhostAndForTheOtherNames() throws Exception {
        for (var leaf : leaves(at(NOW), HOST, "global.azure-devices-provisioning.net")) {
            assertThat(leaf.getSubjectAlternativeNames())
                    .containsExactly(
                            List.of(2, HOST),
                            List.of(2, "localhost"),
                            List.of(7, "127.0.0.1"),
                            List.of(2, "global.azure-devices-provisioning.net"));
        }
    }

    @Test
    void givenAddressAsHost_whenIssued_thenItIsAnAddressInTheCertificate() throws Exception {
        for (var leaf : leaves(at(NOW), "127.0.0.2")) {
            assertThat(leaf.getSubjectAlternativeNames()).contains(List.of(7, "127.0.0.2"));
        }
    }

    @Test
    void whenIssued_thenTheFirstLeafHasAnEllipticKeyAndTheSecondAnRsaKeyAndBothVerify() throws Exception {
        var authority = at(NOW);

        var leaves = leaves(authority, HOST);

        assertThat(leaves)
                .extracting(leaf -> leaf.getPublicKey().getAlgorithm())
                .containsExactly("EC", "RSA");
        for (var leaf : leaves) {
            assertThatNoException()
                    .isThrownBy(() -> leaf.verify(authority.certificate().getPublicKey()));
            assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
            assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
        }
    }

    @Test
    void whenIssued_thenKeysAreForTheirOwnerOnly() throws Exception {
        for (var files : at(NOW).serverCertificates(HOST, List.of())) {
            assertThat(Files.getPosixFilePermissions(files.key()))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        }
        assertThat(Files.getPosixFilePermissions(directory.resolve("ca.key")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void givenSameNames_whenOpenedAgain_thenAuthorityAndLeavesAreKept() throws Exception {
        var first = leaves(at(NOW), HOST);
        var authority = at(NOW).certificate();

        assertThat(leaves(at(NOW.plus(Duration.ofDays(300))), HOST)).isEqualTo(first);
        assertThat(at(NOW).certificate()).isEqualTo(authority);
    }

    @Test
    void givenOtherNames_whenOpenedAgain_thenLeavesAreNewAndTheAuthorityIsKept() throws Exception {
        var first = leaves(at(NOW), HOST);
        var authority = at(NOW).certificate();

        assertThat(leaves(at(NOW), HOST, "other.example.org")).doesNotContainAnyElementsOf(first);
        assertThat(at(NOW).certificate()).isEqualTo(authority);
    }

    @Test
    void givenLeavesNearTheirEnd_whenOpenedAgain_thenTheyAreReplaced() throws Exception {
        var first = leaves(at(NOW), HOST);
        var later = NOW.plus(Duration.ofDays(750));

        var second = leaves(at(later), HOST);

        assertThat(second).doesNotContainAnyElementsOf(first);
        assertThat(second).allSatisfy(leaf -> assertThat(leaf.getNotAfter().toInstant())
                .isAfter(later.plus(Duration.ofDays(700))));
    }

    @Test
    void givenKeyOfAnotherLeaf_whenOpenedAgain_thenTheLeafIsReplaced() throws Exception {
        var files = at(NOW).serverCertificates(HOST, List.of()).getFirst();
        var stale = Files.readString(files.key());
        at(NOW).serverCertificates("other.example.org", List.of());
        Files.writeString(files.key(), stale);

        at(NOW).serverCertificates("other.example.org", List.of());

        assertThat(Files.readString(files.key())).isNotEqualTo(stale);
    }

    @Test
    void givenExpiredAuthority_whenOpened_thenItIsRefused() {
        at(NOW);

        assertThatThrownBy(() -> at(NOW.plus(Duration.ofDays(4000))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("cannot be used");
    }

    private LocalAuthority at(Instant now) {
        return LocalAuthority.in(directory, InstantSource.fixed(now));
    }

    private static List<X509Certificate> leaves(LocalAuthority authority, String host, String... others)
            throws Exception {
        var files = authority.serverCertificates(host, List.of(others));
        return List.of(
                Pem.readCertificate(files.get(0).certificate()),
                Pem.readCertificate(files.get(1).certificate()));
    }
}
