package io.freehub.standalone;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The command line of a JVM, the same JDK as the launcher's. */
final class JavaCommand {

    private static final List<String> COMMON = List.of(
            // Half-dead is worse than dead: the launcher restarts it.
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:+UseCompactObjectHeaders",
            // Netty's and the compressors' native code, and Netty's direct buffers.
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow");

    private final List<String> words = new ArrayList<>();

    JavaCommand(List<String> memory) {
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(COMMON);
        words.addAll(memory);
    }

    JavaCommand marked(String marker) {
        words.add(marker);
        return this;
    }

    JavaCommand properties(Map<String, String> properties) {
        properties.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(property -> words.add("-D" + property.getKey() + "=" + property.getValue()));
        return this;
    }

    /** Given by the operator: after all others, so that they win. */
    JavaCommand options(List<String> options) {
        words.addAll(options);
        return this;
    }

    List<String> jar(Path file) {
        words.add("-jar");
        words.add(file.toString());
        return List.copyOf(words);
    }

    /** The class path goes by the environment: {@code CLASSPATH}. */
    List<String> mainClass(Class<?> type, String... arguments) {
        words.add(type.getName());
        words.addAll(List.of(arguments));
        return List.copyOf(words);
    }
}
