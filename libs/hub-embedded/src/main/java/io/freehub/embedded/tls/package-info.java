/** A certificate authority of one's own, in a directory. */
@NullMarked
package io.freehub.embedded.tls;

import org.jspecify.annotations.NullMarked;
