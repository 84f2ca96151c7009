package io.freehub.service.http;

import io.freehub.model.PercentCoding;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Path of a request, decoded. Clients encode as they like: Azure IoT Explorer sends {@code /devices%2Fd1}, the Java SDK
 * puts ids in raw, so that a {@code %} need not begin an escape. An id holds no slash: splitting after decoding is
 * unambiguous.
 *
 * @param segments none empty
 */
public record RequestPath(List<String> segments) {

    private static final String PLAIN = "-._~!$&'()*+,=:@";

    /** Reads a path as it stands in the request line. */
    public static RequestPath parse(String raw) {
        return new RequestPath(Arrays.stream(PercentCoding.decode(raw).split("/"))
                .filter(segment -> !segment.isEmpty())
                .toList());
    }

    /** Whether a router that decodes segment by segment may take this path as it stands in the request line. */
    public static boolean isCanonical(String raw) {
        return raw.indexOf('%') < 0
                && raw.indexOf(';') < 0
                && !raw.contains("//")
                && (raw.length() == 1 || !raw.endsWith("/"));
    }

    /** The one spelling that such a router understands. */
    public String canonical() {
        return segments.stream().map(RequestPath::encode).collect(Collectors.joining("/", "/", ""));
    }

    private static String encode(String segment) {
        var encoded = new StringBuilder();
        for (byte b : segment.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xFF);
            if (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || PLAIN.indexOf(c) >= 0) {
                encoded.append(c);
            } else {
                encoded.append(String.format("%%%02X", b & 0xFF));
            }
        }
        return encoded.toString();
    }
}
