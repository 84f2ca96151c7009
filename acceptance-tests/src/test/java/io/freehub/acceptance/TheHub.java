package io.freehub.acceptance;

import io.freehub.model.ConnectionString;
import io.freehub.standalone.HubFacts;
import io.freehub.standalone.HubOptions;
import io.freehub.standalone.StandaloneHub;
import io.freehub.testing.TestCertificate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * The one hub of all these tests, with two gateways, started on first use and stopped with the JVM. From then on the JVM
 * trusts its authority and no other.
 */
final class TheHub {

    static final String FIRST_GATEWAY = "gateway-0";
    static final String SECOND_GATEWAY = "gateway-1";

    /** Another address of this machine may be given while the standard one is taken: {@code -Dfreehub.test.host=127.0.0.9}. */
    private static final String HOST = System.getProperty("freehub.test.host", HubOptions.DEFAULT_HOST);

    /** Options of JVMs that live for minutes only, the same that those of tests have. */
    static final String SHORT_LIVED = System.getProperty("freehub.test.jvm", "");

    private static final Path DATA = temporaryDirectory();
    private static final StandaloneHub HUB = start();
    private static final SSLContext TRUST = trust();

    private TheHub() {}

    static StandaloneHub hub() {
        return HUB;
    }

    static HubFacts facts() {
        return HUB.facts();
    }

    static String host() {
        return HUB.facts().host();
    }

    /** Connection string of {@code iothubowner}. */
    static String connectionString() {
        return HUB.facts().connectionString().orElseThrow();
    }

    /** The same in its parts. */
    static ConnectionString owner() {
        return ConnectionString.parse(connectionString());
    }

    /** Trusts the hub's authority. */
    static SSLContext trustingContext() {
        return TRUST;
    }

    private static StandaloneHub start() {
        var hub = StandaloneHub.start(HubOptions.in(DATA.resolve("data"))
                .host(HOST)
                .gateways(2)
                .javaOptions(StandaloneHub.KAFKA, shortLived())
                .javaOptions("gateway", shortLived())
                // A registry that was killed gets its job back before a test loses patience.
                .javaOptions("registry", shortLived("-Dfreehub.registry.jobs.lease=5s"))
                .javaOptions("command", shortLived("-Dfreehub.command.feedback.batch-after=1s"))
                .javaOptions("router", shortLived())
                // Slow enough to be in the midst of a job or rollout over some hundred devices.
                .javaOptions(
                        "twin",
                        shortLived(
                                "-Dfreehub.twin.jobs.devices-per-second=200",
                                "-Dfreehub.twin.configurations.batch-size=2",
                                "-Dfreehub.twin.configurations.count-interval=1s"))
                .build());
        Runtime.getRuntime().addShutdownHook(new Thread(hub::close, "stop-hub"));
        return hub;
    }

    private static List<String> shortLived(String... more) {
        return Stream.concat(Stream.of(SHORT_LIVED.split(" ")).filter(option -> !option.isEmpty()), Stream.of(more))
                .toList();
    }

    /** Makes it the JVM's default too; elsewhere {@code -Djavax.net.ssl.trustStore} does that when the JVM starts. */
    private static SSLContext trust() {
        try {
            var context = trusting(HUB.facts().certificateAuthority());
            SSLContext.setDefault(context);
            HttpsURLConnection.setDefaultSSLSocketFactory(context.getSocketFactory());
            return context;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Trusts the hub's authority, and shows a certificate. */
    static SSLContext trustingContext(TestCertificate shown) {
        try {
            return trusting(HUB.facts().certificateAuthority(), shown.keyManagers());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Trusts the authority in this PEM file. */
    static SSLContext trusting(Path pem) throws IOException, GeneralSecurityException {
        return trusting(pem, new KeyManager[0]);
    }

    private static SSLContext trusting(Path pem, KeyManager[] keys) throws IOException, GeneralSecurityException {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (var in = Files.newInputStream(pem)) {
            store.setCertificateEntry(
                    "hub", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(keys, managers.getTrustManagers(), null);
        return context;
    }

    private static Path temporaryDirectory() {
        try {
            return Files.createTempDirectory("freehub-acceptance");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
