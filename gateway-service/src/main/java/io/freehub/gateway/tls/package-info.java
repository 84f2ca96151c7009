/** The certificates of the doors. */
@NullMarked
package io.freehub.gateway.tls;

import org.jspecify.annotations.NullMarked;
