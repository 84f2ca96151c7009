package io.freehub.benchmarks;

/** How the devices of a fleet send. */
sealed interface Workload {

    /** Messages of one device that may wait for their acknowledgement. */
    int window();

    /** Nothing is sent. */
    record Idle() implements Workload {
        @Override
        public int window() {
            return 0;
        }
    }

    /** Each device keeps so many messages in flight: an acknowledgement is answered with the next message. */
    record ClosedLoop(int window) implements Workload {}

    /**
     * All devices together send so many messages a second, whether or not the hub keeps up. A latency counts from the
     * moment at which the message was to be sent, so that one stall is not hidden by those it held back.
     */
    record OpenLoop(double messagesPerSecond) implements Workload {
        @Override
        public int window() {
            return 1024;
        }
    }
}
