/** What the tests of this service share. */
@NullMarked
package io.freehub.twin;

import org.jspecify.annotations.NullMarked;
