/** Who is connected, as gateways tell it. */
@NullMarked
package io.freehub.registry.connection;

import org.jspecify.annotations.NullMarked;
