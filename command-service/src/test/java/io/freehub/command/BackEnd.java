package io.freehub.command;

import io.freehub.model.SasToken;
import io.freehub.model.SymmetricKey;
import io.freehub.testing.RestCaller;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.eclipse.microprofile.config.ConfigProvider;

/** A back end that speaks the REST interface as clients do: any path spelling, any token. */
public final class BackEnd extends RestCaller {

    /** The hub's host name in tests. */
    public static final String HOST = "hub.example.net";

    private BackEnd(int port, String authorization) {
        super(port, authorization);
    }

    /** With a token for the whole hub, by a policy of the hub. */
    public static BackEnd of(int port, String policy) {
        return new BackEnd(port, authorization(policy));
    }

    /** Header of a request by a policy of the hub. */
    public static String authorization(String policy) {
        return SasToken.create(HOST, primaryKey(policy), Instant.now().plus(Duration.ofHours(1)), Optional.of(policy));
    }

    private static SymmetricKey primaryKey(String policy) {
        return new SymmetricKey(ConfigProvider.getConfig().getValue(HubResource.key(policy), String.class));
    }
}
