package io.freehub.command.session;

import io.freehub.model.DataAction;
import io.freehub.model.DeviceId;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.Permission;
import io.freehub.service.http.Requires;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who is connected, for operators. */
@Path("/hub/sessions")
@Requires(permission = Permission.HUB_MANAGE, action = DataAction.HUB_MANAGE)
public class SessionResource {

    private static final String CONTINUATION = "x-ms-continuation";
    private static final String TOKEN = "sessions:";
    private static final int DEFAULT_PAGE = 100;
    private static final int MAX_PAGE = 1000;

    private final SessionPages pages;

    SessionResource(SessionPages pages) {
        this.pages = pages;
    }

    /** Open sessions, of one device and its modules or on one gateway if that is asked for. */
    @GET
    public Uni<Response> list(
            @QueryParam("deviceId") @Nullable String deviceId,
            @QueryParam("gateway") @Nullable String gateway,
            @QueryParam("top") @Nullable String top,
            @HeaderParam(CONTINUATION) @Nullable String continuation) {
        return pages.page(
                        given(deviceId).map(id -> new DeviceId(id).value()),
                        given(gateway).map(text -> number("gateway", text, 0, Integer.MAX_VALUE)),
                        given(continuation).map(SessionResource::position).orElse(""),
                        given(top).map(text -> number("top", text, 1, MAX_PAGE)).orElse(DEFAULT_PAGE))
                .map(page -> {
                    var response = Response.ok(page.sessions());
                    // Not an empty one: clients take any for a further page.
                    page.last().ifPresent(last -> response.header(CONTINUATION, token(last)));
                    return response.build();
                });
    }

    private static Optional<String> given(@Nullable String parameter) {
        return Optional.ofNullable(parameter).filter(text -> !text.isEmpty());
    }

    private static int number(String name, String text, int least, int most) {
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new HubException(HubError.ARGUMENT_INVALID, name + " must be a number from " + least + " to " + most);
    }

    private static String token(String last) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString((TOKEN + last).getBytes(StandardCharsets.US_ASCII));
    }

    private static String position(String token) {
        try {
            var text = new String(Base64.getUrlDecoder().decode(token.strip()), StandardCharsets.US_ASCII);
            if (text.startsWith(TOKEN)) {
                return text.substring(TOKEN.length());
            }
        } catch (IllegalArgumentException e) {
            // told below
        }
        throw new HubException(HubError.ARGUMENT_INVALID, CONTINUATION + " is none that this hub gave");
    }
}
