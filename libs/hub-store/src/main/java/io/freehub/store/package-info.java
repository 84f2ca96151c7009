/** What services with a database share: transactions, what their failures mean, and the outbox. */
@NullMarked
package io.freehub.store;

import org.jspecify.annotations.NullMarked;
