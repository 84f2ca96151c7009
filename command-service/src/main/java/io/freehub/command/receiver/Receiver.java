package io.freehub.command.receiver;

import io.freehub.model.SessionAddress;

/**
 * A session that receives.
 *
 * @param generation which life of the identity opened it
 * @param window how many messages may be unsettled, or calls unanswered, at a time
 */
public record Receiver(SessionAddress address, long generation, int window) {}
