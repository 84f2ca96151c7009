package io.freehub.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freehub.model.ConnectionString;
import io.freehub.model.DeviceId;
import io.freehub.model.IdentityId;
import io.freehub.model.ModuleId;
import io.freehub.model.SasToken;
import io.freehub.model.SymmetricKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;

/** A back end that registers devices for tests whose matter is something else. */
final class BackEnd {

    private static final int BULK = 100;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .sslContext(TheHub.trustingContext())
            .build();

    private BackEnd() {}

    /** A device and its key. */
    record Device(DeviceId id, SymmetricKey key) {

        String connectionString() {
            return ConnectionString.ofDevice(TheHub.host(), id, key);
        }

        /** A token of the device's own key. */
        String token(Instant expiry) {
            return SasToken.create(TheHub.host() + "/devices/" + id, key, expiry, Optional.empty());
        }
    }

    /** A module of a device, and its key. */
    record Module(IdentityId id, SymmetricKey key) {

        String connectionString() {
            return ConnectionString.ofModule(
                    TheHub.host(), id.device(), id.module().orElseThrow(), key);
        }
    }

    /** Adds a module to a device. */
    static Module create(Device device, String id) {
        var key = SymmetricKey.generate();
        var module = new Module(IdentityId.of(device.id(), new ModuleId(id)), key);
        call(
                "POST",
                "/devices",
                List.of(Map.of(
                        "id",
                        device.id().value(),
                        "moduleId",
                        id,
                        "importMode",
                        "create",
                        "authentication",
                        sas(key))));
        return module;
    }

    static Device create(String id) {
        return create(List.of(id)).getFirst();
    }

    static List<Device> create(List<String> ids) {
        var devices = ids.stream()
                .map(id -> new Device(new DeviceId(id), SymmetricKey.generate()))
                .toList();
        for (int i = 0; i < devices.size(); i += BULK) {
            var items = new ArrayList<Map<String, Object>>();
            for (var device : devices.subList(i, Math.min(devices.size(), i + BULK))) {
                items.add(
                        Map.of("id", device.id().value(), "importMode", "create", "authentication", sas(device.key())));
            }
            call("POST", "/devices", items);
        }
        return devices;
    }

    static JsonNode get(DeviceId device) {
        return call("GET", path(device), "");
    }

    static void delete(DeviceId device) {
        call("DELETE", path(device), "");
    }

    /** Enables or disables the device; its key stays. */
    static void setStatus(Device device, String status) {
        call(
                "PUT",
                path(device.id()),
                Map.of("deviceId", device.id().value(), "status", status, "authentication", sas(device.key())));
    }

    private static Map<String, Object> sas(SymmetricKey key) {
        return Map.of("type", "sas", "symmetricKey", Map.of("primaryKey", key.base64(), "secondaryKey", key.base64()));
    }

    private static String path(DeviceId device) {
        return "/devices/" + URLEncoder.encode(device.value(), StandardCharsets.UTF_8);
    }

    /** Sends a message to the device. */
    static void send(Device device, String body, Map<String, String> headers) throws IOException {
        int status = trySend(device, body, headers);
        if (status != 204) {
            throw new IllegalStateException("a message to " + device.id() + " was answered " + status);
        }
    }

    /** Tries to; the status of the answer. */
    static int trySend(Device device, String body, Map<String, String> headers) throws IOException {
        return exchange("POST", path(device.id()) + "/messages/deviceBound", body, headers)
                .statusCode();
    }

    /** Calls a method of the device, which has so many seconds to answer; the status of the answer over HTTP. */
    static int tryMethod(Device device, int seconds) throws IOException {
        return exchange(
                        "POST",
                        "/twins/" + device.id() + "/methods",
                        "{\"methodName\":\"reboot\",\"responseTimeoutInSeconds\":" + seconds + "}",
                        Map.of("Content-Type", "application/json"))
                .statusCode();
    }

    /** Takes feedback until there is some on the message; its status. */
    static String feedbackOn(String messageId) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> takeFeedback(messageId), Optional::isPresent)
                .orElseThrow();
    }

    private static Optional<String> takeFeedback(String messageId) throws IOException {
        var answer = exchange("GET", "/hub/feedback", "", Map.of());
        if (answer.statusCode() != 200) {
            return Optional.empty();
        }
        var lockToken = answer.headers().firstValue("iothub-messagelocktoken").orElseThrow();
        exchange("DELETE", "/hub/feedback/" + lockToken, "", Map.of());
        for (var record : JSON.readTree(answer.body())) {
            if (record.path("originalMessageId").asText().equals(messageId)) {
                return Optional.of(record.path("statusCode").asText());
            }
        }
        return Optional.empty();
    }

    private static HttpResponse<String> exchange(String method, String path, String body, Map<String, String> headers)
            throws IOException {
        var request = request(TheHub.owner(), TheHub.facts().httpsPorts().get(TheHub.FIRST_GATEWAY), path)
                .method(method, BodyPublishers.ofString(body));
        headers.forEach(request::header);
        return send(CLIENT, request.build());
    }

    /** Calls the REST API as {@code iothubowner} and expects it to succeed. */
    static JsonNode call(String method, String path, Object body) {
        return call(CLIENT, TheHub.owner(), TheHub.facts().httpsPorts().get(TheHub.FIRST_GATEWAY), method, path, body);
    }

    /** Calls it to create something that must not exist yet. */
    static JsonNode create(String path, Object body) {
        return call(
                CLIENT,
                TheHub.owner(),
                TheHub.facts().httpsPorts().get(TheHub.FIRST_GATEWAY),
                "PUT",
                path,
                body,
                Optional.empty());
    }

    /** Calls any hub. */
    static JsonNode call(HttpClient client, ConnectionString owner, int port, String method, String path, Object body) {
        return call(client, owner, port, method, path, body, Optional.of("*"));
    }

    private static JsonNode call(
            HttpClient client,
            ConnectionString owner,
            int port,
            String method,
            String path,
            Object body,
            Optional<String> ifMatch) {
        try {
            var text = body.equals("") ? "" : JSON.writeValueAsString(body);
            var request = request(owner, port, path)
                    .header("Content-Type", "application/json")
                    .method(method, BodyPublishers.ofString(text));
            ifMatch.ifPresent(tag -> request.header("If-Match", tag));
            var answer = send(client, request.build());
            if (answer.statusCode() >= 300) {
                throw new IllegalStateException(method + " " + path + ": " + answer.statusCode() + " " + answer.body());
            }
            return JSON.readTree(answer.body().isEmpty() ? "null" : answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static HttpRequest.Builder request(ConnectionString owner, int port, String path) {
        var host = owner.part("HostName").orElseThrow();
        var token = SasToken.create(
                host,
                new SymmetricKey(owner.part("SharedAccessKey").orElseThrow()),
                Instant.now().plusSeconds(3600),
                owner.part("SharedAccessKeyName"));
        return HttpRequest.newBuilder(URI.create("https://" + host + ":" + port + path + "?api-version=2021-04-12"))
                .header("Authorization", token)
                .timeout(Duration.ofSeconds(30));
    }

    private static HttpResponse<String> send(HttpClient client, HttpRequest request) throws IOException {
        try {
            return client.send(request, BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
