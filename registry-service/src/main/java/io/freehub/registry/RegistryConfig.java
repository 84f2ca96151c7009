package io.freehub.registry;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** What an operator may set of registry-service. */
@ConfigMapping(prefix = "freehub.registry")
public interface RegistryConfig {

    /** Connection events that are stored in one transaction. */
    @WithDefault("1000")
    int connectionBatchSize();

    /** Longest pause between tries to store connection events while the database is away. */
    @WithDefault("2s")
    Duration connectionMaxBackoff();

    /** Longest wait at the start for the policies and certificates that were published before. */
    @WithDefault("60s")
    Duration topicStartup();

    /** Where jobs find and leave blobs. */
    Storage storage();

    /** Imports and exports. */
    Jobs jobs();

    /** Where jobs find and leave blobs. */
    interface Storage {

        /** The hub's own storage: a directory that all replicas see. Without it there is none. */
        Optional<Path> directory();

        /** Whether containers may be reached without TLS. */
        @WithDefault("false")
        boolean allowHttp();
    }

    /** Imports and exports. */
    interface Jobs {

        /** Lines of an import that are applied in one transaction. */
        @WithDefault("500")
        int batchSize();

        /** Largest file that is imported. */
        @WithDefault("4G")
        MemorySize maxImportSize();

        /** How often an idle replica looks whether there is a job. */
        @WithDefault("2s")
        Duration pollInterval();

        /** After this long without a sign of life another replica goes on with a job. */
        @WithDefault("60s")
        Duration lease();

        /** How long jobs that ended are kept. */
        @WithDefault("30d")
        Duration history();
    }
}
