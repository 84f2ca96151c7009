package io.freehub.standalone;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * What a child writes. The child itself has the file open, for appending: it goes on writing when the launcher is gone,
 * and cutting the file is safe at any time.
 */
record LogFile(Path file) {

    static final long LIMIT = 16L * 1024 * 1024;

    private static final int TAIL_BYTES = 16 * 1024;

    /** Keeps the last hub's file as the only older one. */
    void rotate() {
        try {
            if (Files.exists(file)) {
                Files.move(file, older(), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot rotate " + file, failed);
        }
    }

    /** Moves the text to the older file when there is too much of it. Lines written meanwhile may be lost. */
    void cutWhenLargerThan(long limit) {
        try {
            if (Files.exists(file) && Files.size(file) > limit) {
                Files.copy(file, older(), StandardCopyOption.REPLACE_EXISTING);
                try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    channel.truncate(0);
                }
            }
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot cut " + file, failed);
        }
    }

    /** The last lines, as many or fewer. */
    List<String> tail(int lines) {
        try (var input = new RandomAccessFile(file.toFile(), "r")) {
            var size = input.length();
            var from = Math.max(0, size - TAIL_BYTES);
            input.seek(from);
            var bytes = new byte[(int) (size - from)];
            input.readFully(bytes);
            var all = new String(bytes, StandardCharsets.UTF_8).lines().toList();
            return all.subList(Math.max(0, all.size() - lines), all.size());
        } catch (IOException unreadable) {
            return List.of();
        }
    }

    private Path older() {
        return file.resolveSibling(file.getFileName() + ".1");
    }
}
