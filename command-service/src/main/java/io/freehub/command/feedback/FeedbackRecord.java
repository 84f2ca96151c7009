package io.freehub.command.feedback;

import io.freehub.model.DeviceId;
import java.time.Instant;

/**
 * What became of one message.
 *
 * @param messageId of the message, printable ASCII without quote and backslash
 * @param generation which life of the device it was for
 * @param at when it ended
 */
public record FeedbackRecord(String messageId, Outcome outcome, DeviceId device, long generation, Instant at) {}
