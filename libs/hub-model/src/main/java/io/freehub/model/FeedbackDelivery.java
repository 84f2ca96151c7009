package io.freehub.model;

import java.time.Instant;

/**
 * A batch of feedback as it is delivered: locked for whoever receives it, until that one settles it or the lock ends.
 *
 * @param lockToken of this delivery, a UUID; another delivery of the batch has another
 * @param enqueuedAt when the batch was made
 * @param body JSON array of the records, printable ASCII without a backslash
 */
public record FeedbackDelivery(String lockToken, Instant enqueuedAt, String body) {}
