package io.freehub.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.freehub.model.DeviceId;
import io.freehub.model.SasToken;
import io.freehub.model.SymmetricKey;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Registers devices as a back end does: through the REST API, a hundred with each call. */
final class Registration implements AutoCloseable {

    private static final int MOST_AT_ONCE = 100;
    private static final Duration TOKEN_LIFE = Duration.ofHours(1);

    private final HubUnderTest hub;
    private final HttpClient client;
    private final ObjectMapper json = new ObjectMapper();

    Registration(HubUnderTest hub) {
        this.hub = hub;
        this.client = HttpClient.newBuilder().sslContext(trusting(hub)).build();
    }

    /** @param prefix of the device ids */
    List<Device> create(String prefix, int count) {
        var devices = new ArrayList<Device>();
        for (int i = 0; i < count; i++) {
            devices.add(new Device(new DeviceId("%s-%07d".formatted(prefix, i)), SymmetricKey.generate()));
        }
        post(devices, "create");
        return devices;
    }

    void delete(List<Device> devices) {
        post(devices, "delete");
    }

    private void post(List<Device> devices, String mode) {
        for (int i = 0; i < devices.size(); i += MOST_AT_ONCE) {
            post(devices.subList(i, Math.min(devices.size(), i + MOST_AT_ONCE)).stream()
                    .map(device -> item(device, mode))
                    .toList());
        }
    }

    private static Map<String, Object> item(Device device, String mode) {
        var key = device.key().base64();
        var item = new LinkedHashMap<String, Object>();
        item.put("id", device.id().value());
        item.put("importMode", mode);
        item.put("status", "enabled");
        item.put(
                "authentication",
                Map.of("type", "sas", "symmetricKey", Map.of("primaryKey", key, "secondaryKey", key)));
        return item;
    }

    private void post(List<Map<String, Object>> items) {
        try {
            var request = HttpRequest.newBuilder(URI.create("https://%s:%d/devices?api-version=2021-04-12"
                            .formatted(hub.host(), hub.ports().https())))
                    .header("Authorization", token())
                    .header("Content-Type", "application/json; charset=utf-8")
                    .POST(BodyPublishers.ofByteArray(json.writeValueAsBytes(items)))
                    .timeout(Duration.ofMinutes(1))
                    .build();
            var answer = client.send(request, BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new BenchmarkException(
                        "the registry answered " + answer.statusCode() + " to a bulk call: " + answer.body());
            }
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
