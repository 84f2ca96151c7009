package io.freehub.twin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freehub.model.SasToken;
import io.freehub.model.SymmetricKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;

/** A back end that speaks the REST interface as clients do: any path spelling, any token. */
public final class BackEnd {

    /** The hub's host name in tests. */
    public static final String HOST = "hub.example.net";

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String base;
    private final String authorization;

    private BackEnd(int port, String authorization) {
        this.base = "http://127.0.0.1:" + port;
        this.authorization = authorization;
    }

    /** With a token for the whole hub, by a policy of the hub. */
    public static BackEnd of(int port, String policy) {
        return new BackEnd(port, token(policy));
    }

    private static String token(String policy) {
        return SasToken.create(HOST, primaryKey(policy), Instant.now().plus(Duration.ofHours(1)), Optional.of(policy));
    }

    /** A device id that no other test has. */
    public static String newId() {
        return "d-" + UUID.randomUUID();
    }

    private static SymmetricKey primaryKey(String policy) {
        return new SymmetricKey(ConfigProvider.getConfig().getValue(HubResource.key(policy), String.class));
    }

    public Answer get(String path) {
        return send("GET", path, null);
    }

    public Answer put(String path, String body, String... headers) {
        return send("PUT", path, body, headers);
    }

    public Answer post(String path, String body, String... headers) {
        return send("POST", path, body, headers);
    }

    public Answer patch(String path, String body, String... headers) {
        return send("PATCH", path, body, headers);
    }

    /** Sends a request; the api-version is added where the path names none. */
    public Answer send(String method, String path, @Nullable String body, String... headers) {
        var versioned = path.contains("api-version") || path.contains("no-version")
                ? path
                : path + (path.contains("?") ? "&" : "?") + "api-version=2021-04-12";
        var request = HttpRequest.newBuilder(URI.create(base + versioned))
                .timeout(Duration.ofSeconds(30))
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        request.header("Authorization", authorization);
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return new Answer(HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** What came back. */
    public record Answer(HttpResponse<String> response) {

        public int status() {
            return response.statusCode();
        }

        public String body() {
            return response.body();
        }

        public String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        public JsonNode json() {
            try {
                return JSON.readTree(body());
            } catch (JsonProcessingException e) {
                throw new AssertionError("not JSON: " + body(), e);
            }
        }

        /** The text at a path such as {@code /authentication/type}. */
        public String text(String pointer) {
            return json().at(pointer).asText();
        }
    }
}
