package io.freehub.gateway.amqp;

/** The client broke the protocol; the connection closes and says why. */
final class ProtocolViolationException extends RuntimeException {

    private final String condition;

    ProtocolViolationException(String condition, String text) {
        super(text);
        this.condition = condition;
    }

    String condition() {
        return condition;
    }
}
