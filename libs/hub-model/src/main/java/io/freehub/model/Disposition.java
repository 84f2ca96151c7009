package io.freehub.model;

/** What becomes of a message that was delivered. Source: IoT Hub, "send cloud-to-device messages", life cycle. */
public enum Disposition {
    /** It has been worked on. */
    COMPLETED,
    /** It is to be delivered again. */
    ABANDONED,
    /** It cannot be worked on, and is dead-lettered. */
    REJECTED
}
