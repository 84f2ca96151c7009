/** Twins for back ends. */
@NullMarked
package io.freehub.twin.twin;

import org.jspecify.annotations.NullMarked;
