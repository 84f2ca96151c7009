package io.freehub.standalone;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;

/** The directory with all state of one hub, held by one launcher at a time. */
final class DataDirectory implements AutoCloseable {

    /** Changes when an older launcher could not use the directory any more, or a newer one not yet. */
    private static final String LAYOUT = "1";

    private final Path root;
    private final FileChannel lockFile;

    private DataDirectory(Path root, FileChannel lockFile) {
        this.root = root;
        this.lockFile = lockFile;
    }

    /** @throws LauncherException when another launcher has it, or it holds something else */
    static DataDirectory open(Path root) {
        try {
            requireOurs(root);
            Files.createDirectories(root);
            Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
            var directory = new DataDirectory(root, lock(root));
            directory.prepare();
            return directory;
        } catch (IOException failed) {
            throw new LauncherException("cannot use the data directory " + root + ": " + failed, failed);
        }
    }

    Path root() {
        return root;
    }

    Path kafka() {
        return root.resolve("kafka");
    }

    Path postgres() {
        return root.resolve("postgres");
    }

    Path tls() {
        return root.resolve("tls");
    }

    /** Containers of the hub's own storage. */
    Path storage() {
        return root.resolve("storage");
    }

    Path run() {
        return root.resolve("run");
    }

    Path logs() {
        return root.resolve("logs");
    }

    Path log(String child) {
        return logs().resolve(child + ".log");
    }

    Path environment() {
        return root.resolve("hub.env");
    }

    /** Password of the database, made when first asked for. */
    String databasePassword() {
        var file = root.resolve("postgres.password");
        try {
            if (!Files.exists(file)) {
                var random = new byte[24];
                new SecureRandom().nextBytes(random);
                writePrivately(file, HexFormat.of().formatHex(random));
            }
            return Files.readString(file).strip();
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot keep the password of the database", failed);
        }
    }

    /** Writes a file that only its owner can read; a reader sees the old text or the new one. */
    static void writePrivately(Path file, String text) throws IOException {
        var partial = Files.createTempFile(
                file.getParent(),
                file.getFileName().toString(),
                ".partial",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(partial, text);
        Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void close() {
        try {
            lockFile.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private void prepare() throws IOException {
        var version = root.resolve("version");
        if (!Files.exists(version)) {
            Files.writeString(version, LAYOUT + "\n");
        }
        var found = Files.readString(version).strip();
        if (!found.equals(LAYOUT)) {
            close();
            throw new LauncherException(
                    "the data in %s have layout version %s, this Freehub has version %s: use the Freehub that wrote them, or another directory (--data)"
                            .formatted(root, found, LAYOUT));
        }
        Files.createDirectories(run());
        Files.createDirectories(logs());
    }

    /** An existing directory must be empty or a hub's: what it holds otherwise is somebody's. */
    private static void requireOurs(Path root) throws IOException {
        if (!Files.exists(root) || Files.exists(root.resolve("version")) || Files.exists(root.resolve("lock"))) {
            return;
        }
        try (var entries = Files.newDirectoryStream(root)) {
            if (entries.iterator().hasNext()) {
                throw new LauncherException(
                        root + " holds something else than a hub: choose another directory (--data)");
            }
        }
    }

    private static FileChannel lock(Path root) throws IOException {
        var file = root.resolve("lock");
        var channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        if (!tryLock(channel)) {
            var holder = holder(file);
            channel.close();
            throw new LauncherException(
                    "the data directory %s is in use by another hub%s: stop that one, or choose another directory (--data)"
                            .formatted(root, holder));
        }
        channel.truncate(0);
        channel.write(
                ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
        return channel;
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException heldInThisProcess) {
            return false;
        }
    }

    private static String holder(Path file) throws IOException {
        try {
            var pid = Files.readString(file).strip();
            return pid.isEmpty() ? "" : " (process " + pid + ")";
        } catch (NoSuchFileException gone) {
            return "";
        }
    }
}
