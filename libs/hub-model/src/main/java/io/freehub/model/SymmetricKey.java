package io.freehub.model;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;

/**
 * A shared secret of 16 to 64 bytes in base64, kept as the client wrote it: it is echoed byte for byte. Never shown by
 * {@link #toString()}.
 *
 * <p>Source: IoT Hub identity registry, "symmetric key".
 */
public record SymmetricKey(String base64) {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int GENERATED_BYTES = 32;

    /** @throws HubException {@link HubError#ARGUMENT_INVALID} when the text is not base64 of 16 to 64 bytes */
    public SymmetricKey {
        int length;
        try {
            length = Base64.getDecoder().decode(base64).length;
        } catch (IllegalArgumentException e) {
            throw new HubException(HubError.ARGUMENT_INVALID, "Invalid device key: it is not base64");
        }
        if (length < 16 || length > 64) {
            throw new HubException(
                    HubError.ARGUMENT_INVALID, "Invalid device key length: " + length + " bytes, expected 16 to 64");
        }
    }

    /** A new random key of 32 bytes, as IoT Hub makes them. */
    public static SymmetricKey generate() {
        var bytes = new byte[GENERATED_BYTES];
        RANDOM.nextBytes(bytes);
        return new SymmetricKey(Base64.getEncoder().encodeToString(bytes));
    }

    /** The secret itself. */
    public byte[] bytes() {
        return Base64.getDecoder().decode(base64);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SymmetricKey key && Arrays.equals(bytes(), key.bytes());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes());
    }

    @Override
    public String toString() {
        return "SymmetricKey[***]";
    }
}
