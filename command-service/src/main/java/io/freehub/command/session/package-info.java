/** Who is connected where, and which gateways are gone. */
@NullMarked
package io.freehub.command.session;

import org.jspecify.annotations.NullMarked;
