/** The front door of the hub. */
@NullMarked
package io.freehub.gateway;

import org.jspecify.annotations.NullMarked;
