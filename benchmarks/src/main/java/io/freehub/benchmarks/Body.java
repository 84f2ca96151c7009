package io.freehub.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * The body of a message: JSON of a fixed length, with every number at a fixed place, so that the generator patches ten
 * digits where it would otherwise encode.
 */
final class Body {

    static final int MIN_SIZE = 128;

    private static final String FORMAT = "{\"run\":\"%016x\",\"device\":\"%010d\",\"sequence\":\"%010d\",\"pad\":\"";
    private static final int RUN = FORMAT.indexOf('%');
    private static final int DEVICE = RUN + 16 + "\",\"device\":\"".length();
    private static final int DIGITS = 10;

    /** Where the sequence number stands, in bytes from the start. */
    static final int SEQUENCE = DEVICE + DIGITS + "\",\"sequence\":\"".length();

    private Body() {}

    /** A body of this size with sequence number 0. */
    static byte[] create(long run, int device, int size) {
        var start = FORMAT.formatted(run, device, 0);
        return (start + "x".repeat(size - start.length() - 2) + "\"}").getBytes(US_ASCII);
    }

    static void putSequence(byte[] target, int at, int sequence) {
        int rest = sequence;
        for (int i = at + DIGITS - 1; i >= at; i--) {
            target[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }

    /** Whether the body is a message of this run. */
    static boolean isOf(long run, byte[] body) {
        return body.length >= MIN_SIZE && new String(body, RUN, 16, US_ASCII).equals("%016x".formatted(run));
    }

    static int device(byte[] body) {
        return number(body, DEVICE);
    }

    static int sequence(byte[] body) {
        return number(body, SEQUENCE);
    }

    private static int number(byte[] body, int at) {
        int number = 0;
        for (int i = at; i < at + DIGITS; i++) {
            number = number * 10 + body[i] - '0';
        }
        return number;
    }
}
