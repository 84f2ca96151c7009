/** Who is connected, as gateways tell it. */
@NullMarked
package io.freehub.twin.connection;

import org.jspecify.annotations.NullMarked;
