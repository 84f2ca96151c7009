/** Kafka and PostgreSQL without a container engine: inside a test's JVM, or as processes of their own. */
@NullMarked
package io.freehub.embedded;

import org.jspecify.annotations.NullMarked;
