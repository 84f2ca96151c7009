package io.freehub.registry.job;

import io.freehub.registry.job.JobStorage.Blob;
import java.util.Arrays;
import java.util.Optional;

/** The lines of a blob, read in parts: never more than a part and the longest line are in memory. */
final class BlobLines {

    /** Longest line: a device and a twin of the largest size that Azure knows fit. */
    static final int MAX_LINE = 256 * 1024;

    private static final int PART = 1024 * 1024;

    private final JobStorage storage;
    private final Blob blob;
    private byte[] buffer = {};
    private int start;
    /** Where in the blob the buffer ends. */
    private long fetched;

    private long number;

    /**
     * A line without its end.
     *
     * @param number from 1
     * @param end where in the blob the next one begins
     * @param cut whether it was longer than {@link #MAX_LINE}; then what is here is its beginning
     */
    record Line(byte[] text, long number, long end, boolean cut) {}

    /**
     * Begins in the midst.
     *
     * @param position where a line begins
     * @param linesBefore how many lines there are before
     */
    BlobLines(JobStorage storage, Blob blob, long position, long linesBefore) {
        this.storage = storage;
        this.blob = blob;
        this.fetched = position;
        this.number = linesBefore;
    }

    /** The next line; empty at the end of the blob. */
    Optional<Line> next() throws StorageException {
        int from = start;
        while (true) {
            int newline = newline(from);
            if (newline >= 0) {
                return Optional.of(take(newline, newline + 1));
            }
            int kept = buffer.length - start;
            if (kept > MAX_LINE) {
                return Optional.of(cutLine());
            }
            if (!fetch()) {
                return kept == 0 ? Optional.empty() : Optional.of(take(buffer.length, buffer.length));
            }
            from = kept;
        }
    }

    /** A line that is too long: its beginning is kept, the rest is passed over. */
    private Line cutLine() throws StorageException {
        var beginning = Arrays.copyOfRange(buffer, start, start + MAX_LINE);
        while (true) {
            start = buffer.length;
            if (!fetch()) {
                break;
            }
            int newline = newline(0);
            if (newline >= 0) {
                start = newline + 1;
                break;
            }
        }
        return new Line(beginning, ++number, fetched - (buffer.length - start), true);
    }

    private Line take(int to, int next) {
        int end = to > start && buffer[to - 1] == '\r' ? to - 1 : to;
        boolean cut = end - start > MAX_LINE;
        var text = Arrays.copyOfRange(buffer, start, cut ? start + MAX_LINE : end);
        start = next;
        return new Line(text, ++number, fetched - (buffer.length - next), cut);
    }

    private int newline(int from) {
        for (int i = from; i < buffer.length; i++) {
            if (buffer[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    /** Drops what was read and adds the next part; false at the end of the blob. */
    private boolean fetch() throws StorageException {
        int length = (int) Math.min(PART, blob.size() - fetched);
        if (length <= 0) {
            return false;
        }
        var part = storage.read(blob, fetched, length);
        int kept = buffer.length - start;
        var joined = new byte[kept + part.length];
        System.arraycopy(buffer, start, joined, 0, kept);
        System.arraycopy(part, 0, joined, kept, part.length);
        buffer = joined;
        start = 0;
        fetched += part.length;
        return true;
    }
}
