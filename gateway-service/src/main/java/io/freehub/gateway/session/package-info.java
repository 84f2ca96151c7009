/** The connections of devices at this gateway and, through the log, at the others. */
@NullMarked
package io.freehub.gateway.session;

import org.jspecify.annotations.NullMarked;
