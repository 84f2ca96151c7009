/**
 * The query language of the hub: what a back end asks of twins and what a route asks of a message. A text becomes a
 * {@link io.freehub.query.Query} or an {@link io.freehub.query.Expression}; these are evaluated on a document in memory,
 * or translated to SQL, with the same meaning.
 */
@NullMarked
package io.freehub.query;

import org.jspecify.annotations.NullMarked;
