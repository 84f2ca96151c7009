/** Device identities: what they are, who may change them how, and the API for it. */
@NullMarked
package io.freehub.registry.identity;

import org.jspecify.annotations.NullMarked;
