package io.freehub.registry.identity;

import io.freehub.model.CredentialsLookup;
import io.freehub.model.DataAction;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.Permission;
import io.freehub.service.http.Requires;
import io.freehub.service.json.HubJson;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/** What gateways ask when devices connect: of many at once, since many connect at once. */
@Path("/internal/credentials")
public class CredentialsResource {

    private final Identities identities;

    CredentialsResource(Identities identities) {
        this.identities = identities;
    }

    /** The credentials of those that exist. */
    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    @Requires(permission = Permission.REGISTRY_READ, action = DataAction.DEVICES_READ)
    public Uni<byte[]> find(byte[] body) {
        return identities
                .credentials(lookup(body).identities())
                .map(CredentialsLookup.Answer::new)
                .map(HubJson::write);
    }

    private static CredentialsLookup lookup(byte[] body) {
        try {
            return HubJson.read(body, CredentialsLookup.class);
        } catch (IllegalArgumentException e) {
            throw new HubException(
                    HubError.FORMAT_ERROR,
                    "the body is no look-up of at most " + CredentialsLookup.MAX_IDENTITIES + " identities");
        }
    }
}
