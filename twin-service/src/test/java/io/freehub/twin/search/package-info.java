/** Tests of queries. */
@NullMarked
package io.freehub.twin.search;

import org.jspecify.annotations.NullMarked;
