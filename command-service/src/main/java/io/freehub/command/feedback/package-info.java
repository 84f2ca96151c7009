/** Feedback: what became of cloud-to-device messages, for those who sent them. */
@NullMarked
package io.freehub.command.feedback;

import org.jspecify.annotations.NullMarked;
