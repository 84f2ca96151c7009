package io.freehub.registry.job;

/** Why a container did not do what it was asked. The message is for clients: it holds no signature. */
final class StorageException extends Exception {

    /** What it means for the job. */
    enum Reason {
        /** Not allowed, or not possible, and will not be. */
        REFUSED,
        /** The container or the blob does not exist. */
        MISSING,
        /** The blob is not any more what it was. */
        CHANGED,
        /** May work a little later. */
        UNAVAILABLE
    }

    private final Reason reason;

    StorageException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    StorageException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    Reason reason() {
        return reason;
    }
}
