/** Twin-service: what back ends want of devices and modules, and what those say of themselves. */
@NullMarked
package io.freehub.twin;

import org.jspecify.annotations.NullMarked;
