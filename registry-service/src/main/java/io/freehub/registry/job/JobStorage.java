package io.freehub.registry.job;

import java.util.Optional;

/** A container of blobs, opened. Its methods wait: not for an event loop. Blobs are written whole or not at all. */
interface JobStorage {

    /**
     * A blob as it was when it was looked for.
     *
     * @param version changes whenever the contents do
     */
    record Blob(String name, long size, String version) {}

    /** Looks for a blob. */
    Optional<Blob> find(String name) throws StorageException;

    /**
     * Reads part of a blob.
     *
     * @param length at least 1; the blob has as many bytes from the offset on
     * @throws StorageException {@link StorageException.Reason#CHANGED} when the blob has another version by now
     */
    byte[] read(Blob blob, long offset, int length) throws StorageException;

    /** Begins to write a blob; one of this name is replaced when it is committed, and nothing is touched before. */
    Upload write(String name) throws StorageException;

    /** Removes a blob, if there is one. */
    void delete(String name) throws StorageException;

    /** A blob that is being written. Nobody sees it before {@link #commit}. */
    interface Upload extends AutoCloseable {

        /** Adds a block. */
        void append(byte[] block) throws StorageException;

        /** Makes the blob what was appended. */
        void commit() throws StorageException;

        /** Gives up what was not committed. */
        @Override
        void close() throws StorageException;
    }
}
