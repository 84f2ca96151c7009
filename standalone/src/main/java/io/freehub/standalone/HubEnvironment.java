package io.freehub.standalone;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** The file {@code hub.env}: read by a shell's {@code source} and by simple dotenv parsers alike. */
final class HubEnvironment {

    /** What a shell replaces within double quotes. */
    private static final String SPECIAL = "\"\\$`";

    private final Map<String, String> values = new LinkedHashMap<>();

    HubEnvironment put(String name, String value) {
        values.put(name, value);
        return this;
    }

    Map<String, String> values() {
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
