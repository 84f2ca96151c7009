package io.freehub.testing;

import io.freehub.embedded.Directories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * What is started once for all tests of a JVM.
 *
 * <p>A static field would not do: Quarkus loads test classes more than once, in several class loaders. Where a server is
 * found therefore stands in a system property, and the lock is the one copy of its name.
 */
final class OncePerJvm {

    private OncePerJvm() {}

    /** Calls the supplier the first time; the value names what it started. */
    static String start(String property, Supplier<String> server) {
        synchronized (property.intern()) {
            var running = System.getProperty(property);
            if (running == null) {
                running = server.get();
                System.setProperty(property, running);
            }
            return running;
        }
    }

    static Path temporaryDirectory(String prefix) {
        try {
            return Files.createTempDirectory(prefix);
        } catch (IOException failed) {
            throw new UncheckedIOException("no temporary directory", failed);
        }
    }

    static void atExit(Path directory, AutoCloseable server) {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            try {
                                server.close();
                                Directories.delete(directory);
                            } catch (Exception failed) {
                                failed.printStackTrace();
                            }
                        },
                        "stop-" + directory.getFileName()));
    }
}
