package io.freehub.standalone;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The file {@code hub.env}: read by a shell's {@code source} and by simple dotenv parsers alike. */
public final class HubEnvironment {

    private static final Pattern LINE = Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)=(['\"]?)(.*)\\2");

    /** What a shell replaces within double quotes. */
    private static final String SPECIAL = "\"\\$`";

    private final Map<String, String> values = new LinkedHashMap<>();

    /**
     * What a file says that {@link #writeTo} wrote.
     *
     * @throws LauncherException when it cannot be read
     */
    public static HubEnvironment read(Path file) {
        var environment = new HubEnvironment();
        try (var lines = Files.lines(file)) {
            lines.map(LINE::matcher)
                    .filter(Matcher::matches)
                    .forEach(line -> environment.put(line.group(1), line.group(3)));
            return environment;
        } catch (NoSuchFileException missing) {
            throw new LauncherException(
                    "there is no " + file + ": start a hub with ./hub up, or say where one is with --data or --hub");
        } catch (IOException | UncheckedIOException failed) {
            throw new LauncherException("cannot read " + file + ": " + failed.getMessage(), failed);
        }
    }

    /**
     * Writes the file, for its owner alone to read.
     *
     * @throws LauncherException when that fails
     */
    public void writeTo(Path file) {
        try {
            DataDirectory.writePrivately(file, text());
        } catch (IOException failed) {
            throw new LauncherException("cannot write " + file + ": " + failed.getMessage(), failed);
        }
    }

    /** Sets a value. */
    public HubEnvironment put(String name, String value) {
        values.put(name, value);
        return this;
    }

    /** All values by name. */
    public Map<String, String> values() {
        return Map.copyOf(values);
    }

    String text() {
        return values.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + quoted(entry.getKey(), entry.getValue()) + "\n")
                .collect(Collectors.joining());
    }

    /** Single quotes keep all but themselves in both worlds, double quotes what no shell replaces; escapes differ. */
    private static String quoted(String name, String value) {
        if (value.chars().anyMatch(Character::isISOControl)) {
            throw new LauncherException(name + " has a control character: " + value);
        }
        if (!value.contains("'")) {
            return "'" + value + "'";
        }
        if (value.chars().noneMatch(character -> SPECIAL.indexOf(character) >= 0)) {
            return '"' + value + '"';
        }
        throw new LauncherException(
                name + " cannot be quoted for shells and dotenv parsers, choose a simpler --data: " + value);
    }
}
