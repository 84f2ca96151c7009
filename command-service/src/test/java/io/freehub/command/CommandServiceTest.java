package io.freehub.command;

import io.freehub.testing.KafkaResource;
import io.freehub.testing.PostgresResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Runs a test against the service with a real Kafka and PostgreSQL, which all such tests share. */
@QuarkusTest
@QuarkusTestResource(KafkaResource.class)
@QuarkusTestResource(
        value = PostgresResource.class,
        initArgs = @ResourceArg(name = "database", value = CommandServiceTest.DATABASE))
@QuarkusTestResource(HubResource.class)
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface CommandServiceTest {

    /** Name of the database. */
    String DATABASE = "command";
}
