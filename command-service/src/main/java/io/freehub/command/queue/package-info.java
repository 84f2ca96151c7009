/** Cloud-to-device messages: a queue for each device, and what becomes of what is in it. */
@NullMarked
package io.freehub.command.queue;

import org.jspecify.annotations.NullMarked;
