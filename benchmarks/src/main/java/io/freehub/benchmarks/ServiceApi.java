package io.freehub.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freehub.model.SasToken;
import io.freehub.model.SymmetricKey;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Calls the REST API of a hub as its owner. */
final class ServiceApi implements AutoCloseable {

    /** A body of nothing. */
    static final Object NONE = "";

    private static final Duration TOKEN_LIFE = Duration.ofHours(1);

    private final HubUnderTest hub;
    private final HttpClient client;
    private final ObjectMapper json = new ObjectMapper();

    ServiceApi(HubUnderTest hub) {
        this.hub = hub;
        this.client = HttpClient.newBuilder().sslContext(trusting(hub)).build();
    }

    /** @throws BenchmarkException when the answer is not 200 */
    JsonNode send(String method, String path, Object body) {
        try {
            return json.readTree(answer(method, path, body).body());
        } catch (IOException failed) {
            throw new BenchmarkException("the registry answered no JSON", failed);
        }
    }

    /** @throws BenchmarkException when it is not deleted */
    void delete(String path) {
        answer(204, "DELETE", path, NONE);
    }

    /**
     * The answer with its headers.
     *
     * @param headers names and values in turn
     * @throws BenchmarkException when it is not 200
     */
    HttpResponse<String> answer(String method, String path, Object body, String... headers) {
        return answer(200, method, path, body, headers);
    }

    private HttpResponse<String> answer(int wanted, String method, String path, Object body, String... headers) {
        try {
            var request = HttpRequest.newBuilder(URI.create("https://%s:%d%s?api-version=2021-04-12"
                            .formatted(hub.host(), hub.ports().https(), path)))
                    .header("Authorization", token())
                    .header("Content-Type", "application/json; charset=utf-8")
                    .method(
                            method,
                            body.equals(NONE)
                                    ? BodyPublishers.noBody()
                                    : BodyPublishers.ofByteArray(json.writeValueAsBytes(body)))
                    .timeout(Duration.ofMinutes(1));
            if (headers.length > 0) {
                request.headers(headers);
            }
            var answer = client.send(request.build(), BodyHandlers.ofString());
            if (answer.statusCode() != wanted) {
                throw new BenchmarkException("the registry answered " + answer.statusCode() + " to " + method + " "
                        + path + ": " + answer.body());
            }
            return answer;
        } catch (IOException failed) {
            throw new BenchmarkException("the registry cannot be reached: " + failed, failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new BenchmarkException("interrupted", interrupted);
        }
    }

    private String token() {
        var owner = hub.owner();
        return SasToken.create(
                hub.host(),
                new SymmetricKey(owner.part("SharedAccessKey").orElseThrow()),
                Instant.now().plus(TOKEN_LIFE),
                owner.part("SharedAccessKeyName"));
    }

    private static SSLContext trusting(HubUnderTest hub) {
        try (var in = Files.newInputStream(hub.certificateAuthority())) {
            var store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setCertificateEntry(
                    "hub", CertificateFactory.getInstance("X.509").generateCertificate(in));
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            var context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException failed) {
            throw new BenchmarkException("cannot trust " + hub.certificateAuthority(), failed);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
