/** What the tests of this service share. */
@NullMarked
package io.freehub.registry;

import org.jspecify.annotations.NullMarked;
