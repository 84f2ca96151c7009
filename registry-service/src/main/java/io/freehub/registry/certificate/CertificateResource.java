package io.freehub.registry.certificate;

import io.freehub.model.DataAction;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.Permission;
import io.freehub.registry.certificate.CertificateChange.Outcome;
import io.freehub.service.http.Precondition;
import io.freehub.service.http.Requires;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The certificates of the authorities that devices come from. */
@Path("/hub/certificates")
@Requires(permission = Permission.HUB_MANAGE, action = DataAction.HUB_MANAGE)
public class CertificateResource {

    private final Certificates certificates;

    CertificateResource(Certificates certificates) {
        this.certificates = certificates;
    }

    /** All of them. */
    @GET
    public Uni<List<CertificateDocument>> list() {
        return certificates
                .all()
                .map(found -> found.stream().map(CertificateDocument::of).toList());
    }

    /** One of them. */
    @GET
    @Path("/{name}")
    public Uni<Response> get(@PathParam("name") String name) {
        AuthorityCertificate.requireName(name);
        return certificates
                .get(name)
                .map(found -> answer(Response.Status.OK, found.orElseThrow(() -> CertificateChange.notFound(name))));
    }

    /** Uploads the certificate or, with If-Match, puts it in the place of another. */
    @PUT
    @Path("/{name}")
    public Uni<Response> put(
            @PathParam("name") String name,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch,
            @Nullable CertificateDocument body) {
        AuthorityCertificate.requireName(name);
        var verified = Optional.ofNullable(body).map(CertificateDocument::isVerified);
        return apply(new CertificateChange.Put(name, precondition(ifMatch), certificate(body), verified));
    }

    /** Removes the certificate. */
    @DELETE
    @Path("/{name}")
    public Uni<Response> delete(
            @PathParam("name") String name, @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch) {
        return apply(new CertificateChange.Delete(AuthorityCertificate.requireName(name), precondition(ifMatch)));
    }

    /** Makes a code that the authority is to sign. */
    @POST
    @Path("/{name}/generateVerificationCode")
    public Uni<Response> generateVerificationCode(
            @PathParam("name") String name, @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch) {
        return apply(new CertificateChange.GenerateCode(AuthorityCertificate.requireName(name), precondition(ifMatch)));
    }

    /** Takes the code, signed: a certificate of that common name. */
    @POST
    @Path("/{name}/verify")
    public Uni<Response> verify(
            @PathParam("name") String name,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch,
            @Nullable CertificateDocument body) {
        AuthorityCertificate.requireName(name);
        return apply(new CertificateChange.Verify(name, precondition(ifMatch), certificate(body)));
    }

    private Uni<Response> apply(CertificateChange change) {
        return certificates.apply(change).map(CertificateResource::answer);
    }

    private static X509Certificate certificate(@Nullable CertificateDocument body) {
        if (body == null) {
            throw new HubException(HubError.ARGUMENT_NULL, "the body is missing");
        }
        return CertificateText.parse(Optional.ofNullable(body.certificate())
                .filter(text -> !text.isBlank())
                .orElseThrow(() -> new HubException(HubError.ARGUMENT_NULL, "certificate is missing")));
    }

    private static Precondition precondition(@Nullable String ifMatch) {
        return Precondition.parse(Optional.ofNullable(ifMatch));
    }

    private static Response answer(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Created(var certificate) -> answer(Response.Status.CREATED, certificate);
            case Outcome.Replaced(var certificate) -> answer(Response.Status.OK, certificate);
            case Outcome.Deleted _ -> Response.noContent().build();
        };
    }

    private static Response answer(Response.Status status, AuthorityCertificate certificate) {
        return Response.status(status)
                .entity(CertificateDocument.of(certificate))
                .header(HttpHeaders.ETAG, certificate.etag().quoted())
                .build();
    }
}
