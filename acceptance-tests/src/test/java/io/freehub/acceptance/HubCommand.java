package io.freehub.acceptance;

import io.freehub.standalone.Main;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the script {@code hub} runs to manage a hub. */
final class HubCommand {

    private HubCommand() {}

    /** The words of it, for the hub of this {@code hub.env}. */
    static List<String> words(Path hub, String... arguments) {
        var words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        words.addAll(List.of(arguments));
        words.addAll(List.of("--hub", hub.toString()));
        return words;
    }

    /** What it says, for the hub of these tests. */
    static String output(String... arguments) {
        return Program.output(Path.of("."), Map.of(), words(TheHub.facts().environmentFile(), arguments));
    }

    /** The value behind a name in what it said. */
    static String field(String output, String name) {
        return output.lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).strip())
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " in " + output));
    }
}
