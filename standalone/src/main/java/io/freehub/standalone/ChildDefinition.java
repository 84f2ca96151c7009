package io.freehub.standalone;

import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * One process of the hub.
 *
 * @param name of its log and pid files, and in what the launcher says
 * @param prepare done once before its first start
 * @param command what runs; stands in process lists, so it holds no secret
 * @param environment added to the launcher's own; secrets go here
 * @param ready asks the process whether it does its work
 * @param stop how it is asked to end
 */
record ChildDefinition(
        String name,
        Runnable prepare,
        List<String> command,
        Map<String, String> environment,
        BooleanSupplier ready,
        Stop stop) {

    enum Stop {
        /** SIGTERM: a JVM runs its shutdown hooks. */
        TERMINATE,
        /** SIGINT: PostgreSQL does not wait for its clients to leave. */
        INTERRUPT
    }
}
