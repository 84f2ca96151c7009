/** Many identities in one request. */
@NullMarked
package io.freehub.registry.bulk;

import org.jspecify.annotations.NullMarked;
