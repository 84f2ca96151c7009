package io.freehub.registry.job;

import io.freehub.registry.job.StorageException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * A directory of the hub's own storage. Names can lead nowhere else: they have no separator and begin with no dot, and no
 * link is followed. What is made here only its owner can read, since it holds keys.
 */
final class OwnContainer implements JobStorage {

    private static final Pattern BLOB_NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}");
    private static final FileAttribute<Set<PosixFilePermission>> OWNERS_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final FileAttribute<Set<PosixFilePermission>> OWNERS_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path directory;

    /**
     * Opens the container.
     *
     * @param create whether it is made where it does not exist
     */
    static OwnContainer open(Path storage, Container.Own container, boolean create) throws StorageException {
        var directory = storage.resolve(container.name());
        try {
            if (create) {
                Files.createDirectories(storage, OWNERS_DIRECTORY);
                if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
                    Files.createDirectories(directory, OWNERS_DIRECTORY);
                }
            }
        } catch (IOException e) {
            throw unavailable(e);
        }
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            throw new StorageException(Reason.MISSING, "there is no container " + container);
        }
        return new OwnContainer(directory);
    }

    private OwnContainer(Path directory) {
        this.directory = directory;
    }

    @Override
    public Optional<Blob> find(String name) throws StorageException {
        try {
            var file = Files.readAttributes(file(name), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return file.isRegularFile()
                    ? Optional.of(
                            new Blob(name, file.size(), file.lastModifiedTime().toString()))
                    : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw unavailable(e);
        }
    }

    @Override
    public byte[] read(Blob blob, long offset, int length) throws StorageException {
        if (!find(blob.name()).equals(Optional.of(blob))) {
            throw new StorageException(Reason.CHANGED, "'" + blob.name() + "' was changed while it was read");
        }
        try (SeekableByteChannel channel =
                Files.newByteChannel(file(blob.name()), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            var bytes = ByteBuffer.allocate(length);
            channel.position(offset);
            while (bytes.hasRemaining()) {
                if (channel.read(bytes) < 0) {
                    throw new StorageException(Reason.CHANGED, "'" + blob.name() + "' became shorter");
                }
            }
            return bytes.array();
        } catch (IOException e) {
            throw unavailable(e);
        }
    }

    @Override
    public Upload write(String name) throws StorageException {
        var target = file(name);
        // No blob has such a name.
        var partial = directory.resolve("." + UUID.randomUUID() + ".partial");
        try {
            return new FileUpload(
                    target,
                    partial,
                    FileChannel.open(
                            partial, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNERS_FILE));
        } catch (IOException e) {
            throw unavailable(e);
        }
    }

    @Override
    public void delete(String name) throws StorageException {
        try {
            Files.deleteIfExists(file(name));
        } catch (IOException e) {
            throw unavailable(e);
        }
    }

    private Path file(String name) throws StorageException {
        if (!BLOB_NAME.matcher(name).matches()) {
            throw new StorageException(
                    Reason.REFUSED,
                    "a blob of the hub's own storage has a name of 1 to 200 letters, digits and _ . -,"
                            + " the first of them neither . nor -");
        }
        return directory.resolve(name);
    }

    private static StorageException unavailable(IOException cause) {
        return new StorageException(Reason.UNAVAILABLE, "the hub's own storage cannot be used", cause);
    }

    private record FileUpload(Path target, Path partial, FileChannel channel) implements Upload {

        @Override
        public void append(byte[] block) throws StorageException {
            try {
                var bytes = ByteBuffer.wrap(block);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            } catch (IOException e) {
                throw unavailable(e);
            }
        }

        @Override
        public void commit() throws StorageException {
            try {
                channel.force(true);
                Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException e) {
                throw unavailable(e);
            }
        }

        @Override
        public void close() throws StorageException {
            try {
                channel.close();
                Files.deleteIfExists(partial);
            } catch (IOException e) {
                throw unavailable(e);
            }
        }
    }
}
