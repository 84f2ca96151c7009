/** What twin-service asks of command-service. */
@NullMarked
package io.freehub.twin.command;

import org.jspecify.annotations.NullMarked;
