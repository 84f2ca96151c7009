package io.freehub.standalone.manage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.freehub.model.ConnectionString;
import io.freehub.model.HubException;
import io.freehub.model.SasToken;
import io.freehub.model.SymmetricKey;
import io.freehub.standalone.HubEnvironment;
import io.freehub.standalone.LauncherException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Calls the REST interface of the hub that a file {@code hub.env} tells of. */
final class ManagementClient implements AutoCloseable {

    static final String ANY = "*";

    private static final String CONNECTION_STRING = "IOTHUB_CONNECTION_STRING";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration TOKEN_LIFE = Duration.ofMinutes(10);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final HubEnvironment environment;
    private final ConnectionString connection;
    private final URI hub;
    private final HttpClient http;

    /** @throws LauncherException when the file tells of no hub */
    ManagementClient(Path file) {
        this.file = file;
        this.environment = HubEnvironment.read(file);
        this.connection = connection(value(CONNECTION_STRING));
        var port = Optional.ofNullable(environment.values().get("IOTHUB_HTTPS_PORT"))
                .orElse("443");
        this.hub = URI.create("https://" + value("IOTHUB_HOST") + ":" + port);
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(PATIENCE)
                .sslContext(trusting(Path.of(value("IOTHUB_CA_FILE"))))
                .build();
    }

    JsonNode get(String path) {
        return send("GET", path, BodyPublishers.noBody(), Optional.empty());
    }

    /** @param ifMatch empty to create something */
    JsonNode put(String path, JsonNode body, Optional<String> ifMatch) {
        return send("PUT", path, BodyPublishers.ofString(body.toString()), ifMatch);
    }

    JsonNode post(String path) {
        return send("POST", path, BodyPublishers.noBody(), Optional.empty());
    }

    JsonNode post(String path, JsonNode body) {
        return send("POST", path, BodyPublishers.ofString(body.toString()), Optional.empty());
    }

    void delete(String path) {
        send("DELETE", path, BodyPublishers.noBody(), Optional.of(ANY));
    }

    /** How a back end connects with this policy. */
    String connectionString(JsonNode policy) {
        return ConnectionString.ofPolicy(
                part("HostName"),
                policy.path("name").asText(),
                new SymmetricKey(policy.path("primaryKey").asText()));
    }

    /** Whether the file has this policy. */
    boolean connectsWith(String policy) {
        return policy.equals(part("SharedAccessKeyName"));
    }

    /** The hub's own storage, when this machine shares it. */
    Path storage() {
        return Path.of(value("IOTHUB_STORAGE"));
    }

    /** The file. */
    @Override
    public String toString() {
        return file.toString();
    }

    /** Puts the policy's new key into the file when the file has a key of it that no longer is one. */
    boolean follow(JsonNode policy) {
        var key = part("SharedAccessKey");
        if (!connectsWith(policy.path("name").asText())
                || policy.path("primaryKey").asText().equals(key)
                || policy.path("secondaryKey").asText().equals(key)) {
            return false;
        }
        environment.put(CONNECTION_STRING, connectionString(policy)).writeTo(file);
        return true;
    }

    @Override
    public void close() {
        http.close();
    }

    private JsonNode send(String method, String path, HttpRequest.BodyPublisher body, Optional<String> ifMatch) {
        var request = HttpRequest.newBuilder(hub.resolve(path))
                .timeout(PATIENCE)
                .method(method, body)
                .header("Content-Type", "application/json")
                .header("Authorization", token());
        ifMatch.ifPresent(tag -> request.header("If-Match", tag));
        try {
            var answer = http.send(request.build(), BodyHandlers.ofString());
            if (answer.statusCode() >= 300) {
                throw new LauncherException(complaint(answer.body())
                        .orElseGet(() -> "the hub answered with HTTP status " + answer.statusCode()));
            }
            return answer.body().isEmpty() ? MissingNode.getInstance() : JSON.readTree(answer.body());
        } catch (IOException failed) {
            throw new LauncherException("cannot reach the hub at " + hub + ": " + failed, failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new LauncherException("interrupted", interrupted);
        }
    }

    /** What the hub has to say, in either of its forms: {@code ErrorCode:Name;text}, or JSON in the text. */
    private static Optional<String> complaint(String body) {
        try {
            var message = JSON.readTree(body).path("Message").asText();
            var text = message.startsWith("{")
                    ? JSON.readTree(message).path("message").asText()
                    : message.substring(message.indexOf(';') + 1);
            return Optional.of(text).filter(told -> !told.isEmpty());
        } catch (JsonProcessingException foreign) {
            return Optional.empty();
        }
    }

    private String token() {
        return SasToken.create(
                part("HostName"),
                new SymmetricKey(part("SharedAccessKey")),
                Instant.now().plus(TOKEN_LIFE),
                Optional.of(part("SharedAccessKeyName")));
    }

    private String part(String name) {
        return connection
                .part(name)
                .orElseThrow(() -> new LauncherException(CONNECTION_STRING + " in " + file + " has no " + name));
    }

    private String value(String name) {
        return Optional.ofNullable(environment.values().get(name))
                .orElseThrow(() -> new LauncherException(file + " has no " + name));
    }

    private static ConnectionString connection(String text) {
        try {
            return ConnectionString.parse(text);
        } catch (HubException broken) {
            throw new LauncherException(CONNECTION_STRING + ": " + broken.getMessage());
        }
    }

    private static SSLContext trusting(Path pem) {
        try (var in = Files.newInputStream(pem)) {
            var store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setCertificateEntry(
                    "hub", CertificateFactory.getInstance("X.509").generateCertificate(in));
            var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(store);
            var context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException failed) {
            throw new LauncherException("cannot read the certificate in " + pem + ": " + failed, failed);
        }
    }
}
