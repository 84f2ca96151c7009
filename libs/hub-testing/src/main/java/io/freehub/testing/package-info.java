/** Real parts for tests: one Kafka broker and one PostgreSQL server for each JVM, readers of topics, certificates. */
@NullMarked
package io.freehub.testing;

import org.jspecify.annotations.NullMarked;
