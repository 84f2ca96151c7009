package io.freehub.command.feedback;

/** How a message ended. All but the first are ways of being dead-lettered. */
public enum Outcome {
    /** The device completed it. */
    SUCCESS("Success"),
    /** It waited longer than its time to live. */
    EXPIRED("Expired"),
    /** It was delivered too often without being settled. */
    DELIVERY_COUNT_EXCEEDED("DeliveryCountExceeded"),
    /** The device cannot work on it. */
    REJECTED("Rejected"),
    /** A back end emptied the queue. */
    PURGED("Purged");

    private final String wireName;

    Outcome(String wireName) {
        this.wireName = wireName;
    }

    /** As in a feedback record. */
    public String wireName() {
        return wireName;
    }
}
