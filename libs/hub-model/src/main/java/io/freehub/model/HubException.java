package io.freehub.model;

/** A failure that can only be passed on to the client: one of the catalogue, and what was wrong this time. */
public final class HubException extends RuntimeException {

    private final HubError error;

    /** @param detail what was wrong and what was expected; goes to the client, so it holds no secret */
    public HubException(HubError error, String detail) {
        super(detail);
        this.error = error;
    }

    /** Keeps the cause for the log; the client sees the detail only. */
    public HubException(HubError error, String detail, Throwable cause) {
        super(detail, cause);
        this.error = error;
    }

    /** The catalogue entry. */
    public HubError error() {
        return error;
    }
}
