package io.freehub.model;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A shared access signature: {@code SharedAccessSignature sr=…&sig=…&se=…[&skn=…]}, fields in any order. The signature
 * covers the resource and the expiry exactly as they were received: clients differ in what they percent-encode and in
 * the case of their escapes, so nothing is decoded and encoded again.
 *
 * <p>Source: IoT Hub, "control access with shared access signatures"; the spellings of the device and service SDKs.
 *
 * @param resource the value of {@code sr} as received, escapes and all
 * @param signature the decoded {@code sig}
 * @param expiry when the token ends ({@code se}, seconds since the epoch)
 * @param policy name of the shared access policy ({@code skn}); empty when an identity's own key signed
 */
public record SasToken(String resource, byte[] signature, String expiryText, Instant expiry, Optional<String> policy) {

    /** Clocks may differ by this much: a token is taken that long past its expiry. */
    public static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

    /** A longer token is refused before it is looked into. */
    public static final int MAX_LENGTH = 4096;

    private static final Pattern EXPIRY = Pattern.compile("[0-9]{1,12}");
    private static final String PREFIX = "SharedAccessSignature ";

    /**
     * Reads a token.
     *
     * @throws HubException {@link HubError#UNAUTHORIZED} saying which part is missing or wrong
     */
    public static SasToken parse(String text) {
        if (text.length() > MAX_LENGTH) {
            throw malformed("it is longer than " + MAX_LENGTH + " characters");
        }
        if (!text.regionMatches(true, 0, PREFIX, 0, PREFIX.length())) {
            throw malformed("it does not start with 'SharedAccessSignature '");
        }
        String resource = null;
        String signature = null;
        String expiry = null;
        String policy = null;
        for (String field : text.substring(PREFIX.length()).strip().split("&")) {
            int equals = field.indexOf('=');
            if (equals < 0) {
                throw malformed("a field has no '='");
            }
            var value = field.substring(equals + 1);
            switch (field.substring(0, equals).toLowerCase(Locale.ROOT)) {
                case "sr" -> resource = value;
                case "sig" -> signature = value;
                case "se" -> expiry = value;
                case "skn" -> policy = PercentCoding.decode(value);
                default -> {
                    // Unknown fields are not signed and mean nothing to the hub.
                }
            }
        }
        if (resource == null || resource.isEmpty()) {
            throw malformed("sr (the resource) is missing");
        }
        if (signature == null || signature.isEmpty()) {
            throw malformed("sig (the signature) is missing");
        }
        if (expiry == null || !EXPIRY.matcher(expiry).matches()) {
            throw malformed("se (the expiry) is missing or no number of seconds");
        }
        return new SasToken(
                resource,
                decodeSignature(signature),
                expiry,
                Instant.ofEpochSecond(Long.parseLong(expiry)),
                Optional.ofNullable(policy).filter(name -> !name.isEmpty()));
    }

    /**
     * Makes a token.
     *
     * @param resource what it opens, not encoded, such as {@code hub.example.net/devices/d1}
     * @param policy name of the policy the key belongs to; empty for a key of an identity
     */
    public static String create(String resource, SymmetricKey key, Instant expiry, Optional<String> policy) {
        var encoded = URLEncoder.encode(resource, StandardCharsets.UTF_8);
        var signature = Base64.getEncoder().encodeToString(hmac(key.bytes(), encoded + "\n" + expiry.getEpochSecond()));
        return PREFIX + "sr=" + encoded + "&sig=" + URLEncoder.encode(signature, StandardCharsets.UTF_8) + "&se="
                + expiry.getEpochSecond()
                + policy.map(name -> "&skn=" + URLEncoder.encode(name, StandardCharsets.UTF_8))
                        .orElse("");
    }

    /** Whether one of the keys made the signature. Takes the same time wherever a wrong signature differs. */
    public boolean isSignedBy(SymmetricKeys keys) {
        return isSignedBy(keys, SymmetricKey::bytes);
    }

    /**
     * Whether the text of one of the keys made the signature.
     *
     * <p>Source: the SDKs of Event Hubs, which take a key in base64 for the secret itself and do not decode it.
     */
    public boolean isSignedByTextOf(SymmetricKeys keys) {
        return isSignedBy(keys, key -> key.base64().getBytes(StandardCharsets.UTF_8));
    }

    private boolean isSignedBy(SymmetricKeys keys, Function<SymmetricKey, byte[]> secret) {
        var signed = resource + "\n" + expiryText;
        // Both are always computed: the time taken does not tell which key was right.
        boolean primary = MessageDigest.isEqual(hmac(secret.apply(keys.primary()), signed), signature);
        boolean secondary = MessageDigest.isEqual(hmac(secret.apply(keys.secondary()), signed), signature);
        return primary | secondary;
    }

    /** Whether the token has ended at the given time, the clock skew allowed for. */
    public boolean isExpiredAt(Instant now) {
        return now.isAfter(expiry.plus(CLOCK_SKEW));
    }

    /**
     * Whether the token covers a path of the hub: its resource is the host or a prefix of the target that ends at a
     * segment boundary.
     *
     * @param host host name of the hub; compared without regard to case
     * @param path decoded segments behind the host, such as {@code ["devices", "d1"]}; compared exactly
     */
    public boolean covers(String host, List<String> path) {
        return matches(host, path, false, true);
    }

    /**
     * Whether the token is one of this device or module: its resource names exactly that. Ids are compared without
     * regard to case, since the identity's own key pins it.
     */
    public boolean isFor(String host, IdentityId identity) {
        return matches(host, identity.path(), true, false);
    }

    private boolean matches(String host, List<String> path, boolean ignoreCase, boolean prefix) {
        var segments = PercentCoding.decode(resource).split("/");
        if (segments.length == 0 || !segments[0].equalsIgnoreCase(host)) {
            return false;
        }
        if (segments.length - 1 > path.size() || !prefix && segments.length - 1 < path.size()) {
            return false;
        }
        for (int i = 1; i < segments.length; i++) {
            if (!sameSegment(segments[i], path.get(i - 1), ignoreCase)) {
                return false;
            }
        }
        return true;
    }

    /** The C# SDK encodes ids twice, so an id matches in its once or its twice decoded form. */
    private static boolean sameSegment(String once, String expected, boolean ignoreCase) {
        var twice = PercentCoding.decode(once);
        return ignoreCase
                ? once.equalsIgnoreCase(expected) || twice.equalsIgnoreCase(expected)
                : once.equals(expected) || twice.equals(expected);
    }

    private static byte[] decodeSignature(String text) {
        try {
            return Base64.getDecoder().decode(PercentCoding.decode(text));
        } catch (IllegalArgumentException e) {
            throw malformed("sig (the signature) is not base64");
        }
    }

    private static byte[] hmac(byte[] secret, String text) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    private static HubException malformed(String what) {
        return new HubException(HubError.UNAUTHORIZED, "the shared access signature is malformed: " + what);
    }

    /** Says what the token is for; never the signature. */
    @Override
    public String toString() {
        return "SasToken[resource=" + Texts.shown(resource) + ", expiry=" + expiry + ", policy=" + policy.orElse("none")
                + "]";
    }
}
