package io.freehub.model;

/** What became of a {@link Downlink.MethodCalled}. */
public sealed interface MethodReply {

    /** Greatest payload of a call and of its answer, in bytes. Source: IoT Hub, "direct methods". */
    int MAX_PAYLOAD = 128 << 10;

    /** Id of the call. */
    String call();

    /**
     * The device has answered.
     *
     * @param status the device's own; any number
     * @param payload as the device sent it; nothing when it sent none
     */
    record Answered(String call, int status, byte[] payload) implements MethodReply {}

    /**
     * The device did not get the call, or its answer cannot be passed on.
     *
     * @param error {@link HubError#DEVICE_NOT_ONLINE} when the session is gone or takes no calls, {@link
     *     HubError#TOO_MANY_METHOD_CALLS} when it has as many as it may have, {@link HubError#MESSAGE_TOO_LARGE} when the
     *     answer has more than {@value #MAX_PAYLOAD} bytes
     */
    record Undelivered(String call, HubError error) implements MethodReply {}
}
