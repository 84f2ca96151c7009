package io.freehub.gateway.amqp;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes the sections of a message into one array. Thousands of events a second go out of each reader: a codec that is told of
 * every value by an object takes several times as long.
 *
 * <p>Source: AMQP 1.0, sections 1.6 and 3.2.
 */
final class SectionWriter {

    private static final int DESCRIBED = 0x00;
    private static final int SMALL_ULONG = 0x53;
    private static final int NULL = 0x40;
    private static final int LONG = 0x81;
    private static final int TIMESTAMP = 0x83;
    private static final int BINARY_8 = 0xa0;
    private static final int STRING_8 = 0xa1;
    private static final int SYMBOL_8 = 0xa3;
    private static final int LIST_32 = 0xd0;
    private static final int MAP_32 = 0xd1;

    /** A type with a length of four bytes is the one of a single byte, and this. */
    private static final int WIDE = 0x10;

    private byte[] bytes;
    private int length;
    private int compound;
    private int count;

    SectionWriter(int expected) {
        bytes = new byte[expected];
    }

    /** What was written. */
    byte[] done() {
        return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }

    /** A section that is a map; keys and values follow, and {@link #end}. */
    void beginMap(int section) {
        begin(section, MAP_32);
    }

    /** A section that is a list; its fields follow, and {@link #end}. */
    void beginList(int section) {
        begin(section, LIST_32);
    }

    private void begin(int section, int type) {
        described(section);
        put(type);
        compound = length;
        count = 0;
        ensure(2 * Integer.BYTES);
        length += 2 * Integer.BYTES;
    }

    /** The map or list is complete. */
    void end() {
        setInt(compound, length - compound - Integer.BYTES);
        setInt(compound + Integer.BYTES, count);
    }

    /** The section of the body. */
    void data(byte[] body) {
        described(0x75);
        variable(BINARY_8, body);
    }

    void symbol(byte[] ascii) {
        count++;
        variable(SYMBOL_8, ascii);
    }

    void string(byte[] utf8) {
        count++;
        variable(STRING_8, utf8);
    }

    void string(String text) {
        string(text.getBytes(StandardCharsets.UTF_8));
    }

    void binary(byte[] value) {
        count++;
        variable(BINARY_8, value);
    }

    void nothing() {
        count++;
        put(NULL);
    }

    void number(long value) {
        fixed(LONG, value);
    }

    /** @param millis since the epoch */
    void timestamp(long millis) {
        fixed(TIMESTAMP, millis);
    }

    private void described(int section) {
        put(DESCRIBED);
        put(SMALL_ULONG);
        put(section);
    }

    private void fixed(int type, long value) {
        count++;
        put(type);
        ensure(Long.BYTES);
        setInt(length, (int) (value >> Integer.SIZE));
        setInt(length + Integer.BYTES, (int) value);
        length += Long.BYTES;
    }

    private void variable(int type, byte[] value) {
        if (value.length <= 0xff) {
            put(type);
            put(value.length);
        } else {
            put(type + WIDE);
            ensure(Integer.BYTES);
            setInt(length, value.length);
            length += Integer.BYTES;
        }
        ensure(value.length);
        System.arraycopy(value, 0, bytes, length, value.length);
        length += value.length;
    }

    private void put(int value) {
        ensure(1);
        bytes[length++] = (byte) value;
    }

    private void setInt(int at, int value) {
        bytes[at] = (byte) (value >> 24);
        bytes[at + 1] = (byte) (value >> 16);
        bytes[at + 2] = (byte) (value >> 8);
        bytes[at + 3] = (byte) value;
    }

    private void ensure(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
        }
    }
}
