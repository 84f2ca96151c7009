/** Tests of what every request meets. */
@NullMarked
package io.freehub.registry.access;

import org.jspecify.annotations.NullMarked;
