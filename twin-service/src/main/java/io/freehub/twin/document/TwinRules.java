package io.freehub.twin.document;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import java.nio.charset.StandardCharsets;

/**
 * What a section of a twin may hold.
 *
 * <p>Source: IoT Hub, "device twins", "tags and properties format" and "device twin size"; that {@code #} in keys and null
 * in arrays are refused was observed. The limits of numbers that are no integers, and the refusal of U+0000 and of halves
 * of a surrogate pair, are what PostgreSQL's JSON can hold.
 *
 * @param path of the section, as errors name it
 * @param maxSize in bytes, see {@link #size}
 */
public record TwinRules(String path, int maxSize) {

    /** Of tags. */
    public static final TwinRules TAGS = new TwinRules("tags", 8 << 10);
    /** Of desired properties. */
    public static final TwinRules DESIRED = new TwinRules("properties.desired", 32 << 10);

    static final TwinRules REPORTED = new TwinRules("properties.reported", 32 << 10);

    private static final int MAX_KEY = 1024;
    private static final int MAX_STRING = 4096;
    private static final int MAX_DEPTH = 10;
    private static final long MAX_INTEGER = (1L << 52) - 1;
    private static final long MIN_INTEGER = -(1L << 52);
    private static final int MAX_INTEGER_LENGTH = 17;
    private static final int MAX_NUMBER_LENGTH = 64;
    private static final int NUMBER_SIZE = 8;
    private static final int BOOLEAN_SIZE = 4;
    private static final int MAX_PATH_SHOWN = 256;
    private static final int MAX_TEXT = 256 << 10;

    /**
     * Checks each value that a write brings; null stands for a member that is to go.
     *
     * @throws HubException {@link HubError#ARGUMENT_INVALID} with the path of the first that breaks a rule
     */
    public void check(Json.Fields section) {
        checkMembers(section, path, 0, true);
    }

    /**
     * Checks the size, and that the JSON text is no longer than it can be with reason: what does not count for
     * {@link #size} is not for nothing either, when somebody may write it as often as he likes.
     *
     * @throws HubException {@link HubError#ARGUMENT_INVALID} when the whole section is too large
     */
    public void checkSize(Json.Fields section) {
        long size = size(section);
        if (size > maxSize) {
            throw new HubException(
                    HubError.ARGUMENT_INVALID,
                    path + " would be " + size + " bytes large; it may have at most " + maxSize);
        }
        int length = JsonText.write(section).length();
        if (length > MAX_TEXT) {
            throw new HubException(
                    HubError.ARGUMENT_INVALID,
                    path + " would be " + length + " characters of JSON; it may have at most " + MAX_TEXT);
        }
    }

    /** Bytes of keys and strings in UTF-8 without control characters, 8 for a number and 4 for a boolean. */
    static long size(Json value) {
        return switch (value) {
            case Json.Fields(var members) ->
                members.entrySet().stream()
                        .mapToLong(member -> size(member.getKey()) + size(member.getValue()))
                        .sum();
            case Json.Items(var values) ->
                values.stream().mapToLong(TwinRules::size).sum();
            case Json.Text(var text) -> size(text);
            case Json.Number _ -> NUMBER_SIZE;
            case Json.Bool _ -> BOOLEAN_SIZE;
            case Json.Null() -> 0;
        };
    }

    private static long size(String text) {
        return bytes(text)
                - text.chars()
                        .filter(Character::isISOControl)
                        .map(c -> c < 0x80 ? 1 : 2)
                        .sum();
    }

    private static void checkMembers(Json.Fields object, String at, int depth, boolean nullRemoves) {
        object.members().forEach((key, value) -> {
            checkKey(key, at);
            checkValue(value, at + "." + key, depth, nullRemoves);
        });
    }

    private static void checkKey(String key, String at) {
        if (bytes(key) > MAX_KEY) {
            throw invalid(at, "a key of " + bytes(key) + " bytes; a key has at most " + MAX_KEY);
        }
        if (key.chars().anyMatch(c -> Character.isISOControl(c) || ".$# ".indexOf(c) >= 0)) {
            throw invalid(
                    at,
                    "the key '" + key.replaceAll("\\p{Cntrl}", "?")
                            + "'; a key has no control character, dot, dollar sign, number sign or space");
        }
        checkCharacters(key, at);
    }

    private static void checkValue(Json value, String at, int depth, boolean nullRemoves) {
        switch (value) {
            case Json.Fields fields -> {
                if (depth == MAX_DEPTH) {
                    throw invalid(at, "an object at level " + (depth + 1) + "; there are at most " + MAX_DEPTH);
                }
                checkMembers(fields, at, depth + 1, nullRemoves);
            }
            case Json.Items(var values) -> {
                for (int i = 0; i < values.size(); i++) {
                    checkValue(values.get(i), at + "[" + i + "]", depth, false);
                }
            }
            case Json.Text(var text) -> {
                if (bytes(text) > MAX_STRING) {
                    throw invalid(at, "a string of " + bytes(text) + " bytes; a string has at most " + MAX_STRING);
                }
                checkCharacters(text, at);
            }
            case Json.Number number -> checkNumber(number, at);
            case Json.Null() -> {
                if (!nullRemoves) {
                    throw invalid(at, "null in an array");
                }
            }
            case Json.Bool _ -> {}
        }
    }

    private static void checkNumber(Json.Number number, String at) {
        var text = number.text();
        if (number.isInteger()) {
            if (text.length() > MAX_INTEGER_LENGTH
                    || Long.parseLong(text) > MAX_INTEGER
                    || Long.parseLong(text) < MIN_INTEGER) {
                throw invalid(at, "an integer that is not from " + MIN_INTEGER + " to " + MAX_INTEGER);
            }
        } else if (text.length() > MAX_NUMBER_LENGTH || !isDouble(text)) {
            throw invalid(
                    at, "a number that is no double precision one of at most " + MAX_NUMBER_LENGTH + " characters");
        }
    }

    private static boolean isDouble(String text) {
        double value = Double.parseDouble(text);
        boolean isZero = text.chars().takeWhile(c -> c != 'e' && c != 'E').noneMatch(c -> c >= '1' && c <= '9');
        // Zero may be written with any exponent, which PostgreSQL would not read.
        return Double.isFinite(value) && (isZero ? text.chars().noneMatch(c -> c == 'e' || c == 'E') : value != 0);
    }

    private static void checkCharacters(String text, String at) {
        if (text.indexOf('\0') >= 0 || !StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw invalid(at, "U+0000 or half of a surrogate pair in a string");
        }
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static HubException invalid(String at, String what) {
        var shown = at.length() > MAX_PATH_SHOWN ? at.substring(0, MAX_PATH_SHOWN) + "…" : at;
        return new HubException(HubError.ARGUMENT_INVALID, shown.replaceAll("\\p{Cntrl}", "?") + " has " + what);
    }
}
