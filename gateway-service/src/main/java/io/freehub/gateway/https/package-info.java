/** The door for back ends. */
@NullMarked
package io.freehub.gateway.https;

import org.jspecify.annotations.NullMarked;
