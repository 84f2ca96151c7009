package io.freehub.standalone;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A terminal sends Ctrl-C to every process of its foreground group. The launcher's children must not get it: they are
 * stopped by the launcher, in order.
 */
final class Sessions {

    private static final List<String> DETACHING = findProgram("setsid")
            .map(List::of)
            // macOS has no setsid. A JVM that starts with the signal ignored goes on ignoring it.
            .orElse(List.of("/bin/sh", "-c", "trap '' INT; exec \"$@\"", "sh"));

    private Sessions() {}

    /** What a command is prefixed with; the process id stays the same. */
    static List<String> detaching() {
        return DETACHING;
    }

    private static Optional<String> findProgram(String name) {
        return Arrays.stream(
                        System.getenv().getOrDefault("PATH", "/usr/bin:/bin").split(":"))
                .map(directory -> Path.of(directory, name))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }
}
