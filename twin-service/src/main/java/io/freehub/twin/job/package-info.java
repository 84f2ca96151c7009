/** Scheduled jobs: one piece of work for many devices. */
@NullMarked
package io.freehub.twin.job;

import org.jspecify.annotations.NullMarked;
