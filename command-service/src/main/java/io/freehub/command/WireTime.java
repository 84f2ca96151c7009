package io.freehub.command;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** Times as clients read them. */
public final class WireTime {

    /** .NET's round-trip format, which the C# SDK parses exactly. */
    private static final DateTimeFormatter FORMAT =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSS'Z'").withZone(ZoneOffset.UTC);

    private WireTime() {}

    /** In UTC, with seven digits of a fraction: {@code 2026-01-02T03:04:05.1234567Z}. */
    public static String format(Instant time) {
        return FORMAT.format(time);
    }
}
