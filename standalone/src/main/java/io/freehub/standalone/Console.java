package io.freehub.standalone;

import java.util.List;

/** Where the launcher tells what happens. Called from several threads. */
public interface Console {

    /** One event. */
    void say(String line);

    /** Lines of a log that explain it. */
    default void show(List<String> lines) {
        lines.forEach(line -> say("    " + line));
    }

    /** To standard output. */
    static Console standardOutput() {
        return line -> System.out.println("hub: " + line);
    }
}
