/** What command-service asks of registry-service. */
@NullMarked
package io.freehub.command.registry;

import org.jspecify.annotations.NullMarked;
