package io.freehub.service.http;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Tag of one version of what back ends read and write, without quotes.
 *
 * <p>Source: IoT Hub REST API, {@code ETag} and {@code If-Match}.
 */
public record ETag(String value) {

    /** The tag of a version that counts writes: base64 of its decimal form. */
    public static ETag of(long version) {
        return new ETag(
                Base64.getEncoder().encodeToString(Long.toString(version).getBytes(StandardCharsets.US_ASCII)));
    }

    /** As in an {@code ETag} header. */
    public String quoted() {
        return '"' + value + '"';
    }
}
