package io.freehub.testing;

import io.freehub.embedded.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The one Azurite of this JVM, a blob storage that speaks like Azure's and checks signatures as that does: started on
 * first use, gone with the JVM. {@code ./hub test} installs it, by {@code npm ci} in {@code libs/hub-testing/node}.
 */
public final class TestAzurite {

    private static final String RUNNING = "freehub.testing.azurite";
    private static final String HOST = "127.0.0.1";
    private static final Path INSTALLED = Path.of("libs", "hub-testing", "node", "node_modules", "azurite");
    private static final Path PROGRAM = Path.of("dist", "src", "blob", "main.js");
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Duration POLL = Duration.ofMillis(50);

    /** The account that Azurite always has, and its key. Source: Azurite's documentation. */
    private static final String ACCOUNT = "devstoreaccount1";

    private static final byte[] KEY = Base64.getDecoder()
            .decode("Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==");

    /** The last version whose signatures are made so. */
    private static final String SIGNED_VERSION = "2018-11-09";

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private TestAzurite() {}

    /** Makes a container of a name that no other test has. */
    public static Container createContainer() {
        var container = new Container("c-" + UUID.randomUUID());
        send(container.request("", "restype=container").PUT(BodyPublishers.noBody()), 201);
        return container;
    }

    /** A container, and what a test does with it as its owner. */
    public record Container(String name) {

        /**
         * The container's URI with a shared access signature for an hour.
         *
         * @param permissions in the order {@code racwdl}, such as {@code rwdl}
         */
        public String uri(String permissions) {
            return url() + "?" + sas(permissions);
        }

        /** Writes a blob. */
        public void write(String blob, String text) {
            send(request("/" + blob, "").header("x-ms-blob-type", "BlockBlob").PUT(BodyPublishers.ofString(text)), 201);
        }

        /** Reads a blob, which must exist. */
        public String read(String blob) {
            return send(request("/" + blob, "").GET(), 200).body();
        }

        /** Whether there is such a blob. */
        public boolean has(String blob) {
            return send(request("/" + blob, "").method("HEAD", BodyPublishers.noBody()))
                            .statusCode()
                    == 200;
        }

        private String url() {
            return account() + "/" + name;
        }

        private HttpRequest.Builder request(String path, String parameters) {
            return HttpRequest.newBuilder(URI.create(url() + path + "?" + accountSas() + "&" + parameters));
        }

        private String sas(String permissions) {
            var expiry = expiry();
            var resource = "/blob/" + ACCOUNT + "/" + name;
            var signature = sign(String.join(
                    "\n", permissions, "", expiry, resource, "", "", "", SIGNED_VERSION, "c", "", "", "", "", "", ""));
            return "sv=" + SIGNED_VERSION + "&sr=c&sp=" + permissions + "&se=" + encoded(expiry) + "&sig="
                    + encoded(signature);
        }
    }

    private static String account() {
        return "http://" + HOST + ":" + port() + "/" + ACCOUNT;
    }

    private static int port() {
        return Integer.parseInt(OncePerJvm.start(RUNNING, TestAzurite::start));
    }

    private static String accountSas() {
        var expiry = expiry();
        var signature = sign(String.join("\n", ACCOUNT, "rwdlac", "b", "sco", "", expiry, "", "", SIGNED_VERSION, ""));
        return "sv=" + SIGNED_VERSION + "&ss=b&srt=sco&sp=rwdlac&se=" + encoded(expiry) + "&sig=" + encoded(signature);
    }

    private static String expiry() {
        return Instant.now()
                .plus(Duration.ofHours(1))
                .truncatedTo(ChronoUnit.SECONDS)
                .toString();
    }

    private static String sign(String text) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(KEY, "HmacSHA256"));
            return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    private static HttpResponse<String> send(HttpRequest.Builder request, int expected) {
        var answer = send(request);
        if (answer.statusCode() != expected) {
            throw new IllegalStateException("Azurite answered " + answer.statusCode() + " " + answer.body());
        }
        return answer;
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return HTTP.send(request.timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    private static String start() {
        var port = Ports.free(HOST);
        var directory = OncePerJvm.temporaryDirectory("freehub-azurite");
        var log = directory.resolve("log");
        var command = List.of(
                "node",
                program().toString(),
                "--blobHost",
                HOST,
                "--blobPort",
                Integer.toString(port),
                "--inMemoryPersistence",
                "--extentMemoryLimit",
                "512",
                "--disableTelemetry",
                "--silent");
        try {
            var process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            OncePerJvm.atExit(directory, () -> {
                process.destroy();
                process.waitFor(10, TimeUnit.SECONDS);
                process.destroyForcibly();
            });
            awaitReady(process, "http://" + HOST + ":" + port + "/" + ACCOUNT, log);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return Integer.toString(port);
    }

    /** Tests run in the folder of their module. */
    private static Path program() {
        for (var folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            var program = folder.resolve(INSTALLED).resolve(PROGRAM);
            if (Files.exists(program)) {
                return program;
            }
        }
        throw new IllegalStateException(
                "Azurite is not installed: ./hub test does it, or npm ci in libs/hub-testing/node");
    }

    /** Any answer will do. */
    private static void awaitReady(Process process, String probe, Path log) throws IOException {
        var deadline = Instant.now().plus(PATIENCE);
        while (!answers(probe)) {
            try {
                if (process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS)
                        || Instant.now().isAfter(deadline)) {
                    throw new IllegalStateException("Azurite does not start:\n" + Files.readString(log));
                }
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(interrupted);
            }
        }
    }

    private static boolean answers(String probe) {
        try {
            send(HttpRequest.newBuilder(URI.create(probe)));
            return true;
        } catch (UncheckedIOException notYet) {
            return false;
        }
    }
}
