package io.freehub.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Speaks the REST interface of a service as clients do: any path spelling, any token. Tests of a service say whose. */
public class RestCaller {

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String base;
    private final String authorization;

    /**
     * @param port of the service, on the loopback address
     * @param authorization header of each request; none when empty
     */
    protected RestCaller(int port, String authorization) {
        this.base = "http://127.0.0.1:" + port;
        this.authorization = authorization;
    }

    /** A device id that no other test has. */
    public static String newId() {
        return "d-" + UUID.randomUUID();
    }

    /** See {@link #send}. */
    public Answer get(String path) {
        return send("GET", path, null);
    }

    /** See {@link #send}. */
    public Answer put(String path, String body, String... headers) {
        return send("PUT", path, body, headers);
    }

    /** See {@link #send}. */
    public Answer post(String path, String body, String... headers) {
        return send("POST", path, body, headers);
    }

    /** See {@link #send}. */
    public Answer patch(String path, String body, String... headers) {
        return send("PATCH", path, body, headers);
    }

    /** See {@link #send}. */
    public Answer delete(String path, String... headers) {
        return send("DELETE", path, null, headers);
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
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
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

        /** HTTP status. */
        public int status() {
            return response.statusCode();
        }

        /** The body as text. */
        public String body() {
            return response.body();
        }

        /** The first of this name; empty when there is none. */
        public String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        /** The body as JSON. */
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
