package io.freehub.testing;

import io.freehub.embedded.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The one Keycloak of this JVM, a real OpenID Connect provider: started on first use, gone with the JVM. Each test class
 * makes a realm of its own.
 *
 * <p>The module's build unpacks Keycloak into {@code target/keycloak}; it is large, so only modules whose tests use it do.
 */
public final class TestKeycloak {

    private static final String RUNNING = "freehub.testing.keycloak";
    private static final String HOST = "127.0.0.1";
    private static final String ADMIN = "admin";
    private static final Path UNPACKED = Path.of("target", "keycloak");
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Pattern ACCESS_TOKEN = Pattern.compile("\"access_token\":\"([^\"]+)\"");

    /**
     * A server that lives for a minute: the first compiler only, no collector threads. All options, since they replace
     * those of Keycloak's start script.
     */
    private static final String JVM = "-Xms64m -Xmx384m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
            + " -Djava.util.concurrent.ForkJoinPool.common.threadFactory="
            + "io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory";

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private TestKeycloak() {}

    /** Port on 127.0.0.1. Tokens name {@code http://127.0.0.1:<port>} in their issuer however they are asked for. */
    public static int port() {
        return Integer.parseInt(OncePerJvm.start(RUNNING, TestKeycloak::start));
    }

    /**
     * Makes a realm.
     *
     * @param json as Keycloak exports it, with this name in {@code realm}
     */
    public static Realm createRealm(String name, String json) {
        var answer = send(HttpRequest.newBuilder(URI.create(url() + "/admin/realms"))
                .header("Authorization", "Bearer " + adminToken())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json)));
        if (answer.statusCode() != 201) {
            throw new IllegalStateException("no realm " + name + ": " + answer.statusCode() + " " + answer.body());
        }
        return new Realm(name, url() + "/realms/" + name);
    }

    /**
     * A realm.
     *
     * @param issuer of its tokens; what a service is configured with
     */
    public record Realm(String name, String issuer) {

        /** An access token of a client that has a service account. */
        public String token(String client, String secret) {
            return accessToken(
                    issuer, Map.of("grant_type", "client_credentials", "client_id", client, "client_secret", secret));
        }
    }

    private static String adminToken() {
        return accessToken(
                url() + "/realms/master",
                Map.of("grant_type", "password", "client_id", "admin-cli", "username", ADMIN, "password", ADMIN));
    }

    private static String accessToken(String issuer, Map<String, String> form) {
        var answer = send(HttpRequest.newBuilder(URI.create(issuer + "/protocol/openid-connect/token"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form.entrySet().stream()
                        .map(field ->
                                field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&")))));
        var token = ACCESS_TOKEN.matcher(answer.body());
        if (!token.find()) {
            throw new IllegalStateException("no token of " + issuer + ": " + answer.statusCode() + " " + answer.body());
        }
        return token.group(1);
    }

    private static String url() {
        return "http://" + HOST + ":" + port();
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
        var url = "http://" + HOST + ":" + port;
        var directory = OncePerJvm.temporaryDirectory("freehub-keycloak");
        var log = directory.resolve("log");
        var builder = new ProcessBuilder(List.of(
                        home().resolve("bin/kc.sh").toString(),
                        "start-dev",
                        "--db=dev-mem",
                        "--cache=local",
                        "--http-host=" + HOST,
                        "--http-port=" + port,
                        "--hostname=" + url))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment()
                .putAll(Map.of(
                        "JAVA_HOME", System.getProperty("java.home"),
                        "JAVA_OPTS", JVM,
                        "KC_BOOTSTRAP_ADMIN_USERNAME", ADMIN,
                        "KC_BOOTSTRAP_ADMIN_PASSWORD", ADMIN));
        try {
            var process = builder.start();
            OncePerJvm.atExit(directory, () -> stop(process));
            awaitReady(process, url + "/realms/master", log);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return Integer.toString(port);
    }

    private static Path home() {
        try (var unpacked = Files.list(UNPACKED)) {
            return unpacked.filter(path -> Files.exists(path.resolve("bin/kc.sh")))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no Keycloak in " + UNPACKED.toAbsolutePath()));
        } catch (IOException failed) {
            throw new UncheckedIOException(
                    "the build of this module has not unpacked Keycloak into " + UNPACKED.toAbsolutePath(), failed);
        }
    }

    private static void awaitReady(Process process, String probe, Path log) throws IOException {
        var deadline = Instant.now().plus(PATIENCE);
        while (!answers(probe)) {
            if (ended(process, POLL) || Instant.now().isAfter(deadline)) {
                throw new IllegalStateException("Keycloak does not start:\n" + Files.readString(log));
            }
        }
    }

    private static boolean answers(String probe) {
        try {
            return send(HttpRequest.newBuilder(URI.create(probe))).statusCode() == 200;
        } catch (UncheckedIOException notYet) {
            return false;
        }
    }

    /** The start script passes SIGTERM on; what is left after a while is ended with what it started. */
    private static void stop(Process process) {
        process.destroy();
        if (!ended(process, Duration.ofSeconds(10))) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static boolean ended(Process process, Duration patience) {
        try {
            return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }
}
