package io.freehub.gateway.websocket;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What becomes of a request to speak a protocol over a WebSocket (RFC 6455, section 4.2). */
sealed interface WebSocketHandshake {

    /** The only version there is. */
    String VERSION = "13";

    /**
     * The client may go on.
     *
     * @param protocol as the client spelt it, since some compare
     * @param accept value of {@code Sec-WebSocket-Accept}
     */
    record Accepted(String protocol, String accept) implements WebSocketHandshake {}

    /** It may not; the text says what was expected. */
    record Refused(int status, String expected) implements WebSocketHandshake {}

    /** @param protocols names of those there are; clients write them in any case: the C SDK asks for {@code MQTT} */
    static WebSocketHandshake of(HttpMethod method, MultiMap headers, List<String> protocols) {
        if (!method.equals(HttpMethod.GET)
                || !contains(headers, "Connection", "upgrade")
                || !contains(headers, "Upgrade", "websocket")) {
            return new Refused(
                    426,
                    "This is the path of WebSockets: expected is a GET with 'Connection: Upgrade' and "
                            + "'Upgrade: websocket'.");
        }
        if (!VERSION.equals(headers.get("Sec-WebSocket-Version"))) {
            return new Refused(426, "Expected is 'Sec-WebSocket-Version: 13'.");
        }
        if (headers.contains("Transfer-Encoding")
                || !"0".equals(headers.contains("Content-Length") ? headers.get("Content-Length") : "0")) {
            return new Refused(400, "A request for a WebSocket has no body.");
        }
        var key = Optional.ofNullable(headers.get("Sec-WebSocket-Key")).map(String::strip);
        if (key.filter(WebSocketHandshake::isKey).isEmpty()) {
            return new Refused(400, "Expected is a 'Sec-WebSocket-Key' of 16 bytes in base64.");
        }
        return items(headers, "Sec-WebSocket-Protocol")
                .filter(asked -> protocols.stream().anyMatch(asked::equalsIgnoreCase))
                .findFirst()
                .<WebSocketHandshake>map(protocol -> new Accepted(protocol, accept(key.get())))
                .orElseGet(() -> new Refused(
                        400, "Expected is 'Sec-WebSocket-Protocol: " + String.join("' or '", protocols) + "'."));
    }

    private static boolean contains(MultiMap headers, String name, String wanted) {
        return items(headers, name).anyMatch(wanted::equalsIgnoreCase);
    }

    private static Stream<String> items(MultiMap headers, String name) {
        List<String> values = headers.getAll(name);
        return values.stream().flatMap(value -> Stream.of(value.split(","))).map(String::strip);
    }

    private static boolean isKey(String key) {
        try {
            return Base64.getDecoder().decode(key).length == 16;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String accept(String key) {
        try {
            var sha1 = MessageDigest.getInstance("SHA-1");
            return Base64.getEncoder()
                    .encodeToString(sha1.digest(
                            (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }
}
